// What live connections of a lane may hold and how quickly things are noticed, in one place.
#pragma once

#include <chrono>
#include <cstddef>

#include "metrics/registry.hpp"
#include "realtime/presence.hpp"
#include "realtime/sequencer.hpp"

namespace meridian::realtime {

struct hub_settings {
  order_settings order;
  presence_rules online;

  // Counters of the followed channels are compared with their region's that often: a hint that was lost, or was never
  // sent because somebody typed SQL, shows within 2 s. Over an ocean too it is one statement an interval.
  std::chrono::milliseconds compare_interval{1'400};
  std::chrono::milliseconds compare_delay_new{100};  // of channels that nobody followed before
  std::chrono::milliseconds compare_time_max{1'500};
  std::size_t compared_max = 5'000;  // channels of one statement

  // A session that was ended anywhere loses its connections within 5 s. One whose region does not answer can't have
  // been ended there; it may go on for so long.
  std::chrono::milliseconds session_interval{2'500};
  std::chrono::milliseconds session_time_max{1'500};
  std::chrono::milliseconds unconfirmed_time_max{30'000};
  std::chrono::milliseconds watch_interval{15'000};  // whether those who watch still share a workspace with whom

  // What a connection may hold. Hello is 140 bytes a channel.
  std::size_t channels_max = 2'000;
  std::size_t visits_max = 100;
  std::size_t looks_max = 8;
  std::size_t watched_max = 500;
  std::size_t operations_max = 8;      // under way at once
  std::size_t before_hello_max = 256;  // events that wait for it
  std::chrono::milliseconds typing_interval{1'000};
  std::chrono::milliseconds authenticate_time_max{5'000};

  // Of a lane.
  std::size_t devices_max = 100;  // of one profile
  std::size_t anonymous_max = 1'000;
  std::size_t greetings_max = 64;   // at once; those behind wait
  std::size_t questions_max = 32;   // for missed changes, at once
  std::size_t question_size = 200;  // changes
  std::chrono::milliseconds greeting_time_max{5'000};
  std::chrono::milliseconds question_time_max{2'000};
  std::chrono::milliseconds refresh_interval{5'000};  // of what a region did not tell
  std::chrono::milliseconds loss_refresh_interval{10'000};

  std::chrono::seconds heartbeat{15};

  // Clients who are sent away come back spread over that.
  std::chrono::milliseconds reconnect_time_min{500};
  std::chrono::milliseconds reconnect_time_max{10'000};
};

// Handles, of the process; the same for all lanes.
struct hub_numbers {
  metrics::gauge connections;
  metrics::gauge followed_channels;
  metrics::counter deliveries;          // frames of events given to connections
  metrics::counter questions;           // for missed changes
  metrics::counter recovered;           // changes that came by them
  metrics::counter gaps;                // that were left to the clients
  metrics::counter refused_frames;      // of clients
  metrics::counter sessions_ended;      // connections closed because of it
  metrics::histogram delivery_seconds;  // from the commit, by the region's clock, to the sockets
  metrics::histogram greeting_seconds;  // from the handshake to hello

  static hub_numbers of(metrics::registry& all);
};

}  // namespace meridian::realtime
