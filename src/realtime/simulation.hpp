// Clients, servers, a bus that loses, repeats and reorders, restarts and cuts, in virtual time. The servers' part is
// the product's own board; the client does what docs/api.md tells clients to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "realtime/board.hpp"
#include "realtime/simulated_database.hpp"

namespace meridian::realtime::sim {

using clock = sequencer::clock;
using std::chrono::milliseconds;

// What is broken on purpose.
enum class bug {
  none,
  pages_count_as_whole,       // the rest of a long answer is forgotten
  counters_are_not_compared,  // lost hints stay lost
  hello_tells_the_database,   // instead of where the channel's order stands on this lane
  repeats_are_delivered,
  events_go_out_as_they_come
};

// What a server writes into a connection.
struct frame {
  enum class kind { hello, event, gap } what = kind::event;
  std::int64_t channel_id = 0;
  std::int64_t change_seq = 0;
  bus::shared_event event;
  std::map<std::int64_t, std::int64_t> heads;  // of hello
};

class simulation;

struct connection final : public follower {
  int client = 0;
  std::uint64_t number = 0;
  bool is_greeted = false;
};

class server final : public board_listener {
 public:
  server(simulation& world, int number) : world_(world), number_(number) { start(); }

  void start();
  void die();
  bool is_alive() const { return board_ != nullptr; }

  void open(std::shared_ptr<connection> who);
  void close(std::uint64_t connection_number);
  void on_event(const bus::shared_event& what);
  void compare();

  void begin(const followed_channel& channel) override { fresh_.insert(channel.where.channel_id); }
  void end(const followed_channel& channel) override { fresh_.erase(channel.where.channel_id); }
  void deliver(const followed_channel& channel, const bus::shared_event& what) override;
  void give_up(const followed_channel& channel, std::int64_t change_seq) override;

 private:
  void greet(std::shared_ptr<connection> who, std::vector<place> places);
  void arm();
  void ask(const question& asked);
  void answer(const question& asked, const page& found);
  void write_all(const followed_channel& channel, const frame& what);

  simulation& world_;
  int number_;
  std::uint64_t life_ = 0;
  std::unique_ptr<board> board_;
  std::map<std::uint64_t, std::shared_ptr<connection>> connections_;
  std::set<std::int64_t> fresh_;  // not compared since the first follower came
  std::optional<clock::time_point> armed_;
};

// What docs/api.md tells clients to do.
class client {
 public:
  client(simulation& world, int number) : world_(world), number_(number) {}

  void connect();
  void disconnect();
  void restart();  // with nothing left of before
  void on_frame(std::uint64_t connection_number, const frame& what);
  void check_end();

 private:
  struct channel_state {
    std::int64_t mine = 0;       // everything up to here is here
    std::int64_t missed_to = 0;  // has to ask up to there first
    bool is_asking = false;
    std::map<std::int64_t, message_row> messages;
    std::deque<message_row> later;  // live, behind what it has to ask for
    std::int64_t framed = 0;        // of this connection
  };

  void catch_up(std::int64_t channel_id);
  void on_page(std::int64_t channel_id, std::uint64_t connection_number, const page& found);
  void apply(std::int64_t channel_id, channel_state& state, const message_row& row);
  void check_complete(std::int64_t channel_id, const channel_state& state);

  simulation& world_;
  int number_;
  std::map<std::int64_t, channel_state> channels_;
  std::uint64_t connection_number_ = 0;
  int server_ = -1;
};

class simulation {
 public:
  simulation(std::uint64_t seed, bug planted);

  // What went wrong; "" for nothing.
  std::string run();

  void at(milliseconds delay, std::function<void()> what) { queue_.push({now + delay, ++order_, std::move(what)}); }
  std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  bool happens(double chance) { return std::uniform_real_distribution<double>(0, 1)(random_) < chance; }
  milliseconds between(int least, int most) {
    return milliseconds(std::uniform_int_distribution<int>(least, most)(random_));
  }
  void fail(const std::string& what) {
    if (trouble.empty()) {
      trouble = what;
    }
  }
  // Also the database's answer: none while that server is cut off from it.
  void read(int from, std::function<void()> look, std::function<void(bool)> told);

  database rows;
  clock::time_point now;
  bug planted;
  std::string trouble;
  order_settings rules;
  std::size_t page_limit;
  std::vector<std::unique_ptr<server>> servers;
  std::vector<std::unique_ptr<client>> clients;
  std::map<std::uint64_t, std::deque<frame>> pipes;
  std::uint64_t connection_numbers = 0;
  std::vector<std::int64_t> channel_ids;

 private:
  struct planned {
    clock::time_point when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const planned& other) const { return std::tie(other.when, other.order) < std::tie(when, order); }
  };

  void work();
  void publish(int from, const std::vector<bus::shared_event>& events);
  void break_something();
  void compare_all(int number);

  std::mt19937_64 random_;
  std::priority_queue<planned> queue_;
  std::uint64_t order_ = 0;
  std::vector<bool> is_cut_;    // from the bus
  std::vector<bool> is_blind_;  // from the database
  double loss_ = 0;
  double repeat_ = 0;
  int delay_max_ = 0;
  bool is_over_ = false;
};
}  // namespace meridian::realtime::sim
