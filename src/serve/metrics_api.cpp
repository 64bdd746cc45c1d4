#include "serve/metrics_api.hpp"

#include <map>

#include "serve/status_parts.hpp"

namespace meridian::serve {
namespace {

// Over all lanes.
struct pool_total {
  pg::pool_state sum;
  std::size_t breakers_open = 0;
};

std::map<const topology::region*, pool_total> totals_of(const std::vector<lane_report>& lanes) {
  std::map<const topology::region*, pool_total> totals;
  for (const auto& lane : lanes) {
    for (const auto& [where, pool] : lane.pools) {
      auto& total = totals[where];
      total.sum.statements += pool.statements;
      total.sum.round_trips += pool.round_trips;
      total.sum.failures += pool.failures;
      total.sum.retries += pool.retries;
      total.sum.connects += pool.connects;
      total.sum.in_flight += pool.in_flight;
      total.sum.connections_open += pool.connections_open;
      total.breakers_open += pool.is_open ? 1 : 0;
    }
  }
  return totals;
}

void add_pool(metrics::snapshot& out, const topology::region& where, const pool_total& total) {
  const metrics::labels of{{"region", where.name}};
  const auto count = [&](std::string_view name, std::string_view help, auto value) {
    out.counter(name, help, of, static_cast<double>(value));
  };
  const auto level = [&](std::string_view name, std::string_view help, auto value) {
    out.gauge(name, help, of, static_cast<double>(value));
  };
  count("meridian_pool_statements_total", "Statements sent to the region's node.", total.sum.statements);
  count("meridian_pool_round_trips_total", "Waits for the region's node.", total.sum.round_trips);
  count("meridian_pool_failures_total", "Lost connections and time-outs.", total.sum.failures);
  count("meridian_pool_retries_total", "Statements sent again.", total.sum.retries);
  count("meridian_pool_connects_total", "Connections opened.", total.sum.connects);
  level("meridian_pool_in_flight", "Statements that wait for an answer.", total.sum.in_flight);
  level("meridian_pool_connections", "Open connections.", total.sum.connections_open);
  level("meridian_pool_breakers_open", "Lanes that send nothing to the region for now.", total.breakers_open);
}

void add_bus(metrics::snapshot& out, const bus::process_bus& events) {
  const auto count = [&](std::string_view name, std::string_view help, auto value) {
    out.counter(name, help, {}, static_cast<double>(value));
  };
  const auto inside = events.observe();
  count("meridian_events_published_total", "Events that lanes of this process published.", inside.published);
  count("meridian_events_delivered_total", "Events that lanes of this process took.", inside.delivered);
  count("meridian_events_losses_total", "Times when a lane may have missed events.", inside.lost);
  out.gauge("meridian_events_waiting", "Events that wait for a lane.", {}, static_cast<double>(inside.waiting));
  if (const auto* beyond = events.connected()) {
    const auto outside = beyond->observe();
    out.gauge("meridian_bus_connected", "Whether the region's bus is there.", {}, outside.is_connected ? 1 : 0);
    count("meridian_bus_connects_total", "Connections to the bus.", outside.connects);
    count("meridian_bus_published_total", "Events sent to other processes.", outside.published);
    count("meridian_bus_received_total", "Events from other processes.", outside.received);
    count("meridian_bus_refused_total", "Malformed events from other processes.", outside.refused);
    count("meridian_bus_lost_total", "Events that could not be sent to other processes.", outside.lost);
  }
}

http::websocket_counters live_total_of(const std::vector<lane_report>& lanes) {
  http::websocket_counters sum;
  for (const auto& lane : lanes) {
    sum += lane.live;
  }
  return sum;
}

void add_live(metrics::snapshot& out, const http::websocket_counters& live) {
  const auto count = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out.counter(name, help, {}, static_cast<double>(value));
  };
  out.gauge("meridian_live_connections", "Open WebSockets.", {}, static_cast<double>(live.open));
  out.gauge(
      "meridian_live_queued_bytes", "Frames that peers have not taken yet.", {}, static_cast<double>(live.queued_bytes)
  );
  count("meridian_live_opened_total", "WebSockets that were opened.", live.opened);
  count("meridian_live_frames_sent_total", "Frames taken over to be sent.", live.frames_sent);
  count("meridian_live_writes_total", "System calls that sent them.", live.writes);
  count("meridian_live_frames_received_total", "Frames of clients.", live.frames_received);
  count("meridian_live_ephemeral_dropped_total", "Frames dropped because a peer was behind.", live.ephemeral_dropped);
  const auto closed = [&](std::string_view why, std::uint64_t value) {
    out.counter(
        "meridian_live_closed_total", "WebSockets closed by the server, by reason.", {{"reason", std::string(why)}},
        static_cast<double>(value)
    );
  };
  closed("slow", live.closed_slow);
  closed("silent", live.closed_silent);
  closed("faulty", live.closed_faulty);
}

// The nodes of the reminders, over all lanes.
void add_reminders(metrics::snapshot& out, const std::vector<lane_report>& lanes) {
  std::map<std::string, pool_total> totals;
  for (const auto& lane : lanes) {
    for (const auto& [name, pool] : lane.reminders) {
      auto& total = totals[name];
      total.sum.statements += pool.statements;
      total.sum.failures += pool.failures;
      total.sum.in_flight += pool.in_flight;
      total.breakers_open += pool.is_open ? 1 : 0;
    }
  }
  const auto real = [](auto value) { return static_cast<double>(value); };
  for (const auto& [name, total] : totals) {
    const metrics::labels of{{"node", name}};
    out.counter("meridian_reminders_statements_total", "Statements sent to that node.", of, real(total.sum.statements));
    out.counter("meridian_reminders_failures_total", "Lost connections and time-outs.", of, real(total.sum.failures));
    out.gauge("meridian_reminders_in_flight", "Statements that wait for an answer.", of, real(total.sum.in_flight));
    out.gauge("meridian_reminders_breakers_open", "Lanes that send nothing for now.", of, real(total.breakers_open));
  }
}

}  // namespace

metrics::snapshot snapshot_of(const process_state& process, const std::vector<lane_report>& lanes) {
  metrics::snapshot out;
  out.gauge(
      "meridian_build_info", "Always 1; the label tells the version.",
      {{"version", MERIDIAN_VERSION}, {"region", process.here.name}}, 1
  );
  std::size_t handling = 0;
  std::size_t connections = 0;
  for (const auto& lane : lanes) {
    handling += lane.handling;
    connections += lane.connections;
  }
  out.gauge("meridian_http_in_flight", "Requests that are with a handler.", {}, static_cast<double>(handling));
  out.gauge("meridian_http_connections", "Open connections of clients.", {}, static_cast<double>(connections));
  add_live(out, live_total_of(lanes));
  out.gauge("meridian_lanes", "Threads that serve.", {}, static_cast<double>(lanes.size()));
  out.gauge(
      "meridian_heavy_work", "Passwords that are hashed or wait for it.", {}, static_cast<double>(process.cpu.size())
  );
  add_bus(out, process.events);
  std::uint64_t ocean_crossings = 0;
  for (const auto& [where, total] : totals_of(lanes)) {
    add_pool(out, *where, total);
    ocean_crossings += where == &process.here ? 0 : total.sum.round_trips;
  }
  out.counter(
      "meridian_wan_round_trips_total", "Waits for nodes of other regions.", {}, static_cast<double>(ocean_crossings)
  );
  add_status(out, lanes);
  add_reminders(out, lanes);
  return out;
}

void metrics_api::add_routes(http::router& routes) const {
  routes.add(http::verb::get, "/metrics", [this](const http::request&) { return answer_metrics(); });
}

task<http::response> metrics_api::answer_metrics() const {
  if (process_.draining) {
    // A lane that has ended already would never be heard.
    co_return error{errc::unavailable, "the process stops", "Ask another one."};
  }
  const auto lanes = co_await process_.observe_lanes();
  http::response answer;
  answer.content_type = metrics::text_content_type;
  answer.body = process_.numbers.to_text(snapshot_of(process_, lanes));
  co_return answer;
}

}  // namespace meridian::serve
