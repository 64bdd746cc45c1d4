// One connection that many coroutines of a lane share: statements are sent without waiting for the answers before them.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "pg/arguments.hpp"
#include "pg/query.hpp"
#include "pg/rows.hpp"
#include "pg/wire.hpp"

namespace meridian::pg {

// How a statement ended.
struct answer {
  enum class fate {
    answered,  // rows, or the failure that the server told or the deadline was
    undone,    // the server did nothing, through no fault of the statement: run it again
    unsent,    // the connection ended before it was sent
    lost,      // the connection ended before its answer came: it may have run
  };
  fate end = fate::answered;
  std::optional<error> failure;
  pg::rows rows{nullptr};
};

struct pipeline_counts {
  std::uint64_t statements = 0;
  std::uint64_t round_trips = 0;  // flushes that something was sent in
};

// A sync stands behind each statement, so each is a transaction of its own and fails alone. Statements of one turn of
// the loop leave in one packet.
//
// A statement that passes its deadline is answered at once. When it is the one that the server is busy with, the server
// is asked to stop it, by pg_cancel_backend over a connection of its own: libpq's PQcancel would block the lane. When
// that does not help within a second, the connection is closed. A cancel that hits a neighbour undoes it: see answer.
class pipeline : public std::enable_shared_from_this<pipeline> {
 public:
  pipeline(const boost::asio::any_io_executor& lane, endpoint where, std::shared_ptr<pipeline_counts> counts);

  // Once, before anything else. wrong_region when the node does not take writes, unless it is for reads only; else as
  // connection::open.
  task<void> open(deadline until, bool reads_only = false);

  // Reads answers until the connection ends, and tells why.
  boost::asio::awaitable<error> serve();

  // `what`, `with` and `out` must outlive the call. To be called while is_open.
  boost::asio::awaitable<void> run(const statement& what, const arguments& with, deadline until, answer& out);

  bool is_open() const { return wire_.native() != nullptr && !is_retired_; }
  std::size_t in_flight() const { return expected_.size() + unsent_.size(); }

  // Takes nothing new, and closes when the last answer is there.
  void retire();

  // Closes at once. Nobody is left waiting.
  void close(const error& why);

 private:
  using clock = deadline::clock;
  using handler = boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type;

  // A statement as the server knows it.
  struct prepared {
    std::string name;
    std::vector<binary::oid> types;
    int generation = 0;  // of the plan: the server may find that one has become stale
    bool is_current = false;
    bool is_missed = false;  // the schema for it is not there: said once
  };

  struct entry {
    const statement* what;  // these three while somebody waits
    const arguments* with;
    answer* out;
    std::optional<handler> waiter;  // empty after the deadline
    clock::time_point until;
    prepared* known = nullptr;  // once it is sent
    int generation = 0;
    bool is_preparing = false;  // its PREPARE is not answered yet
    bool is_cancel_asked = false;
  };

  void enqueue(entry next);
  void flush();
  void send_first();
  bool send(entry& next);
  bool send_prepare(entry& next);
  void push_out();
  void set_cork(bool on);

  void take_answers();
  void take(pg_result* next);
  void take_failure(const pg_result* failed, entry& head);
  void keep_to_ourselves(std::string_view state, const pg_result* failed, entry& head);
  void finish_head();
  static void resume(entry& done);
  static void fail(entry& failed, answer::fate how, const error& why);

  void arm(clock::time_point at);
  void on_timer();
  void look_after_head(clock::time_point now);
  void ask_to_cancel(clock::duration running);
  static task<void> cancel(endpoint where, int backend, std::string running_min);

  wire wire_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<pipeline_counts> counts_;
  std::unordered_map<std::string, prepared> prepared_;  // by the statement's name; never erased
  std::deque<entry> expected_;                          // sent, in the order in which the answers come
  std::deque<entry> unsent_;
  clock::time_point armed_ = clock::time_point::max();
  clock::time_point head_since_;
  clock::time_point last_arrival_;
  error why_closed_;
  bool is_flush_posted_ = false;
  bool is_blocked_ = false;  // the kernel takes no more for now
  bool is_retired_ = false;
  bool is_cancelling_ = false;
  clock::time_point cancelled_until_;  // until then a cancel may still hit a neighbour

  // Used by each send, to spare allocations.
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace meridian::pg
