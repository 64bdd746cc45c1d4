// The live connections of a lane: who hears what.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bus/lane_bus.hpp"
#include "identity/session_guard.hpp"
#include "messaging/message_service.hpp"
#include "realtime/board.hpp"
#include "realtime/catch_up.hpp"
#include "realtime/client_frame.hpp"
#include "realtime/hub_settings.hpp"
#include "realtime/live_client.hpp"
#include "realtime/place_store.hpp"
#include "realtime/presence.hpp"

namespace meridian::realtime {

// What a hub stands on; all of it is of its lane and outlives it.
struct hub_parts {
  residency::regions& regions;
  bus::lane_bus& events;
  identity::session_guard& guard;
  messaging::message_service& messages;
};

// One for each lane, on which it lives; outlives its connections and what it has under way, which ends by itself. There
// is no state of a session in it that a client could miss: whoever comes says hello, here or on another server.
class hub final : public board_listener {
 public:
  hub(boost::asio::any_io_executor lane, hub_parts parts, hub_settings settings, hub_numbers numbers,
      std::string served_by);
  ~hub() override = default;

  // Works until stop(); to be started once. The events are heard from the first connection on.
  task<void> run();
  void stop();

  // Whether that region answers, as this process sees it.
  void tell_reachable(const topology::region& region, bool is_reachable);

  // For the door. None when there are too many that have not signed in.
  std::unique_ptr<http::websocket_listener> make_client(const std::optional<admission>& admitted);

  // The connections'.
  void begin(live_client& who);
  void on_text(live_client& who, std::string_view text);
  http::shared_frame farewell(http::close_code code);
  void end(live_client& who) noexcept;

  std::size_t connection_count() const { return open_count_; }

 private:
  using clock = board::clock;

  // A connection that may be gone when a coroutine looks for it again.
  struct client_ref {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
  };
  // What the bus brought for one channel, one event after the other, and is not sent yet.
  struct channel_run {
    const followed_channel* channel = nullptr;
    std::vector<http::shared_frame> frames;
    std::size_t bytes = 0;
    std::vector<std::chrono::system_clock::time_point> sent_at;  // of the messages that the bus brought
  };

  struct slot {
    live_client* who = nullptr;
    std::uint32_t generation = 0;
  };

  // What a region's comparison waits for.
  struct comparison {
    comparison(const topology::region& its_home, const boost::asio::any_io_executor& lane)
        : home(&its_home), pause(lane) {}

    const topology::region* home;
    boost::asio::steady_timer pause;
    clock::time_point due;              // of all channels
    std::vector<std::int64_t> new_ids;  // followed since the last look, for the first time
    clock::time_point new_due = clock::time_point::max();
    std::unordered_set<std::int64_t> doubted;  // whose followers are to be checked
  };

  // hub.cpp
  client_ref ref_of(const live_client& who) const;
  live_client* find(client_ref which) const;
  template <class Work>
  void each_client(Work work);
  void spawn(task<void> work);
  static void say(live_client& who, const std::string& text);
  static void refuse(live_client& who, const error& why);
  static void dismiss(live_client& who, const error& why);
  void send_away(live_client& who, std::string_view reason);
  std::chrono::milliseconds spread_of_clients() const;
  std::chrono::milliseconds pause_of_reconnect();

  void begin(const followed_channel& channel) override;
  void end(const followed_channel& channel) override;
  void deliver(const followed_channel& channel, const bus::shared_event& what) override;
  void send_run();
  void queue_run();
  void end_run();
  void give_up(const followed_channel& channel, std::int64_t change_seq) override;

  // hub_events.cpp
  void on_event(const bus::shared_event& what);
  void on_turn_end();
  void on_loss();
  void refresh_after_loss(clock::time_point now);
  void tell_all(const std::string& text);
  void on_channel_event(const bus::shared_event& what);
  void on_typing(const bus::shared_event& what);
  void on_profile_event(const bus::shared_event& what);
  void tell(live_client& who, const bus::shared_event& what, const http::shared_frame& frame);
  void on_membership(live_client& who, const bus::event& what);
  void on_presence(const bus::event& what);
  void tell_watchers(std::int64_t profile_id, const http::shared_frame& frame, bool is_ephemeral);
  void publish_presence(std::int64_t profile_id, std::int64_t lane, bool is_here);

  // hub_greeting.cpp
  void admit(live_client& who);
  void greet_some();
  task<void> greet(client_ref which, clock::time_point since);
  void welcome(live_client& who, const places& found);
  std::optional<place> follow(live_client& who, const place& there);
  void unfollow(live_client& who, std::int64_t channel_id);
  void refresh_soon(live_client& who);
  task<void> refresh(client_ref which);
  task<void> join(client_ref which, std::int64_t channel_id);

  // hub_requests.cpp
  task<void> sign_in(client_ref which, std::string token);
  void on_request(live_client& who, const client_frame& asked);
  void follow_asked(live_client& who, std::int64_t channel_id);
  void unfollow_asked(live_client& who, std::int64_t channel_id);
  task<void> visit(client_ref which, std::int64_t channel_id);
  void watch_asked(live_client& who, std::vector<std::int64_t> profile_ids);
  void unwatch_asked(live_client& who, const std::vector<std::int64_t>& profile_ids);
  void begin_watching(live_client& who, std::vector<std::int64_t> profile_ids);
  task<void> watch(client_ref which, std::vector<std::int64_t> profile_ids);
  void begin_watch(live_client& who, std::int64_t profile_id);
  void end_watch(live_client& who, std::int64_t profile_id);
  void look_asked(live_client& who, std::int64_t channel_id);
  void away_asked(live_client& who, std::int64_t channel_id);
  void typing_asked(live_client& who, std::int64_t channel_id);
  bool begin_operation(live_client& who);

  // hub_rounds.cpp
  task<void> compare_always(comparison& with);
  task<void> compare(comparison& with, bool all);
  task<void> compare_some(comparison& with, std::vector<counter> known);
  task<void> check_rights(const topology::region& home, std::vector<pair_of_ids> asked);
  task<void> check_doubted(comparison& with);
  void doubt(std::int64_t channel_id);
  void compare_soon(comparison& with);
  task<void> check_sessions_always();
  task<void> check_sessions();
  task<void> check_sessions_of(const topology::region& home, std::vector<std::string> hashes);
  std::vector<task<void>> checks_of_visits();
  task<void> check_watches();
  task<void> check_visits(const topology::region& home, std::vector<pair_of_ids> asked);
  task<void> keep_house();
  void look_after_clients(clock::time_point now);
  void look_after_presence(clock::time_point now);
  task<void> rest(boost::asio::steady_timer& timer, std::chrono::milliseconds duration) const;

  boost::asio::any_io_executor lane_;
  bus::lane_bus& events_;
  identity::session_guard& guard_;
  const topology::region& here_;
  const hub_settings settings_;
  const hub_numbers numbers_;
  const std::string served_by_;
  const std::int64_t lane_key_;  // tells lanes of all processes apart
  place_store places_;
  board board_;
  catch_up catch_up_;
  presence presence_;

  std::vector<slot> slots_;
  channel_run run_;
  bool is_in_turn_ = false;                  // of the bus: more may come for the run
  std::vector<http::websocket*> receivers_;  // of what is being sent
  std::vector<std::uint32_t> free_slots_;
  std::unordered_map<std::int64_t, follower_set> devices_;  // by profile
  std::size_t open_count_ = 0;
  std::size_t anonymous_count_ = 0;

  std::deque<std::pair<client_ref, clock::time_point>> to_greet_;
  std::deque<client_ref> to_refresh_;
  std::size_t greetings_ = 0;  // and refreshes, under way

  std::map<int, comparison> comparisons_;  // by the region's number
  boost::asio::steady_timer session_pause_;
  boost::asio::steady_timer house_pause_;
  clock::time_point refreshed_at_;
  clock::time_point refreshed_after_loss_at_;
  bool owes_refresh_ = false;  // something was lost since
  clock::time_point watches_checked_at_;
  std::minstd_rand random_;
  bool is_stopped_ = false;
};

template <class Work>
void hub::each_client(Work work) {
  for (std::size_t at = 0; at < slots_.size(); ++at) {
    if (auto* who = slots_[at].who) {
      work(*who);
    }
  }
}

}  // namespace meridian::realtime
