#include "serve/health_api.hpp"

#include <algorithm>

#include "json/writer.hpp"
#include "rest/answer.hpp"

namespace meridian::serve {
namespace {

std::string_view state_of(const process_state& process, const region_health& here) {
  if (process.draining) {
    return "draining";
  }
  if (!here.is_known) {
    return "starting";
  }
  return here.is_reachable ? "ready" : "unavailable";
}

// What another process does is seen some seconds later without it.
void append_bus(json::writer& out, const process_state& process, const bus::wire& beyond) {
  out.begin_object().text("kind", "bus").text("name", "bus-" + process.here.name).flag("required", false);
  out.flag("reachable", beyond.observe().is_connected).end_object();
}

bool is_down(const dependency_report& seen) {
  return seen.is_known && !seen.is_reachable;
}

void write(json::writer& out, const std::vector<dependency_report>& all) {
  for (const auto& seen : all) {
    out.begin_object().text("kind", seen.kind).text("name", seen.name).flag("required", false).key("reachable");
    if (seen.is_known) {
      out.flag(seen.is_reachable);
    } else {
      out.null();
    }
    out.text("breaker", seen.is_open ? "open" : "closed").key("answered_in_us").null().end_object();
  }
}

task<http::response> answer_alive(http::request) {
  co_return rest::json_answer(200, R"({"status":"alive"})");
}

}  // namespace

void health_api::add_routes(http::router& routes) const {
  routes.add(http::verb::get, "/livez", answer_alive);
  routes.add(http::verb::get, "/readyz", [this](const http::request&) { return answer_readiness(); });
}

task<http::response> health_api::answer_readiness() const {
  const auto state = state_of(process_, watch_.here());
  const auto* beyond = process_.events.connected();
  const bool is_degraded = state == "ready" && beyond != nullptr && !beyond->observe().is_connected;
  std::string body;
  json::writer out(body);
  out.begin_object()
      .text("status", is_degraded ? "degraded" : state)
      .text("region", process_.here.name)
      .text("instance", process_.instance);
  out.key("services").begin_array();
  for (const auto which : process_.settings.services) {
    out.text(to_string(which));
  }
  out.end_array().key("dependencies").begin_array();
  for (const auto& seen : watch_.now()) {
    const auto pool = regions_.observe(*seen.where);
    out.begin_object().text("kind", "region").text("name", seen.where->name);
    out.flag("required", seen.where == &process_.here).key("reachable");
    if (seen.is_known) {
      out.flag(seen.is_reachable && !pool.is_open);
    } else {
      out.null();
    }
    out.text("breaker", pool.is_open ? "open" : "closed");
    out.key("answered_in_us");
    if (seen.is_reachable) {
      out.number(seen.answered_in.count());
    } else {
      out.null();
    }
    out.end_object();
  }
  if (beyond != nullptr) {
    append_bus(out, process_, *beyond);
  }
  const auto others = services_.observe_dependencies();
  write(out, others);
  out.end_array().key("degraded").begin_array();
  for (const auto which : process_.settings.services) {
    if (std::ranges::any_of(others, [which](const auto& one) { return one.of == which && is_down(one); })) {
      out.text(to_string(which));
    }
  }
  out.end_array().end_object();
  co_return rest::json_answer(state == "ready" ? 200 : 503, std::move(body));
}

}  // namespace meridian::serve
