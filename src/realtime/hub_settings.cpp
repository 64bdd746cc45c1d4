#include "realtime/hub_settings.hpp"

namespace meridian::realtime {

hub_numbers hub_numbers::of(metrics::registry& all) {
  hub_numbers made;
  made.connections = all.make_gauge("meridian_realtime_connections", "Live connections.");
  made.followed_channels =
      all.make_gauge("meridian_realtime_channels", "Channels that a live connection follows, summed over the lanes.");
  made.deliveries = all.make_counter("meridian_realtime_deliveries_total", "Events given to a live connection.");
  made.questions = all.make_counter("meridian_realtime_questions_total", "Questions for changes that no event told.");
  made.recovered = all.make_counter("meridian_realtime_recovered_total", "Changes that came by such questions.");
  made.gaps = all.make_counter("meridian_realtime_gaps_total", "Gaps that clients were told to fill by themselves.");
  made.refused_frames =
      all.make_counter("meridian_realtime_refused_frames_total", "Frames of clients answered by an error.");
  made.sessions_ended = all.make_counter(
      "meridian_realtime_sessions_ended_total", "Live connections closed because their session was ended."
  );
  made.delivery_seconds = all.make_histogram(
      "meridian_realtime_delivery_seconds",
      "From a message's commit, by its region's clock, to its receivers' sockets on a lane.", metrics::latency_buckets()
  );
  made.greeting_seconds =
      all.make_histogram("meridian_realtime_greeting_seconds", "From a sign-in to hello.", metrics::latency_buckets());
  return made;
}

}  // namespace meridian::realtime
