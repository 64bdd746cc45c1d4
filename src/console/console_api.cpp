#include "console/console_api.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/log.hpp"
#include "console/console_codec.hpp"
#include "console/lab_token.hpp"
#include "console/row_finder.hpp"
#include "identity/credentials.hpp"
#include "json/writer.hpp"
#include "rest/answer.hpp"

namespace meridian::console {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view token_header = "Meridian-Lab-Token";

// A server that recovers from a crash may take its time, and a replica that is copied anew too.
constexpr std::chrono::milliseconds act_time_max = 75s;

timestamp now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

template <class Action, std::size_t Size>
result<Action> action_of(
    const http::request& received, const std::array<std::pair<std::string_view, Action>, Size>& known
) {
  const auto wanted = received.text("action");
  const auto found = std::ranges::find(known, wanted, &std::pair<std::string_view, Action>::first);
  if (found == known.end()) {
    return error{errc::not_found, "there is no such action", ""};
  }
  return found->second;
}

}  // namespace

// With a lab token without a session, else with one.
void console_api::add_open(http::router& routes, std::string_view pattern, open_method handle) {
  auto signed_in = door_.signed_in([this, handle](http::request received, const identity::principal&) {
    return (this->*handle)(std::move(received));
  });
  routes.add(http::verb::get, pattern, [this, handle, signed_in = std::move(signed_in)](http::request received) {
    return has_permit(received) ? (this->*handle)(std::move(received)) : signed_in(std::move(received));
  });
}

void console_api::add_routes(http::router& routes) {
  add_open(routes, "/v1/topology", &console_api::get_topology);
  add_open(routes, "/v1/topology/health", &console_api::get_health);
  routes.add(
      http::verb::get, "/v1/residency/{id:number}",
      door_.signed_in([this](http::request received, identity::principal who) {
        return find_row(std::move(received), who);
      })
  );
  routes.add(http::verb::get, "/v1/lab", door_.signed_in([this](http::request received, identity::principal who) {
    return get_lab(std::move(received), who);
  }));
  http::route_limits patient;
  patient.time_max = act_time_max;
  routes.add(
      http::verb::post, "/v1/lab/nodes/{name}/{action}",
      [this](http::request received) { return act_on_node(std::move(received)); }, patient
  );
  routes.add(
      http::verb::post, "/v1/lab/links/{from}/{to}/{action}",
      [this](http::request received) { return act_on_link(std::move(received)); }, patient
  );
}

bool console_api::is_local() const {
  return regions_.world().engine == topology::engine_kind::postgres;
}

bool console_api::has_permit(const http::request& received) const {
  const auto token = received.headers.find(token_header);
  return settings_.lab != nullptr && token && is_loopback(received.peer_address) &&
         read_lab_token(*token, settings_.lab_key, now()).has_value();
}

task<http::response> console_api::get_topology(http::request) {
  auto body = topology_json(regions_.world(), regions_.here(), settings_.instance, is_local(), settings_.lab.get());
  co_return rest::json_answer(200, std::move(body));
}

task<http::response> console_api::get_health(http::request received) {
  MERIDIAN_CO_TRY(const auto seen, co_await observer_.look(received.until));
  co_return rest::json_answer(200, view_json(*seen));
}

task<http::response> console_api::find_row(http::request received, identity::principal who) {
  const auto id = received.number("id");
  MERIDIAN_CO_TRY(const auto found, co_await find_rows(regions_, who, id, received.until));
  auto answer = rest::json_answer(200, rows_json(found, id, regions_.world(), is_local()));
  rest::set_missing_regions(answer, residency::names_of(found.missing));
  co_return answer;
}

task<http::response> console_api::get_lab(http::request received, identity::principal who) {
  const bool is_offered = settings_.lab != nullptr && is_loopback(received.peer_address);
  bool may_act = false;
  if (is_offered) {
    MERIDIAN_CO_TRY(may_act, co_await is_in_charge(regions_, who, received.until));
  }
  const lab_permit permit{who.profile_id, now() + lab_token_lifetime};
  std::string body;
  json::writer out(body);
  out.begin_object().flag("is_offered", is_offered).flag("may_act", may_act);
  out.text("token", may_act ? std::optional(make_lab_token(permit, settings_.lab_key)) : std::optional<std::string>());
  out.time("expires_at", may_act ? std::optional(permit.expires_at) : std::optional<timestamp>());
  out.end_object();
  auto answer = rest::json_answer(200, std::move(body));
  answer.headers.set("Cache-Control", "no-store");
  co_return answer;
}

result<void> console_api::check_may_act(const http::request& received) const {
  if (settings_.lab == nullptr || !is_loopback(received.peer_address)) {
    return error{errc::not_found, "this is not the console of a local topology", ""};
  }
  MERIDIAN_CHECK(identity::check_origin(received));
  if (!has_permit(received)) {
    return error{
        errc::forbidden, "this needs a token of the lab, and there is none, or it is over",
        "Owners and admins of a workspace get one: GET /v1/lab, then send it as Meridian-Lab-Token."
    };
  }
  return {};
}

result<const topology::node*> console_api::node_of(const http::request& received, std::string_view capture) const {
  const auto name = received.text(capture);
  for (const auto& part : regions_.world().deployments) {
    const auto found = std::ranges::find(part.nodes, name, &topology::node::name);
    if (found != part.nodes.end()) {
      return &*found;
    }
  }
  return error{errc::not_found, "there is no such node", "GET /v1/topology lists them."};
}

task<http::response> console_api::act_on_node(http::request received) {
  constexpr std::array actions{
      std::pair<std::string_view, node_action>{"kill", node_action::kill},
      std::pair<std::string_view, node_action>{"freeze", node_action::freeze},
      std::pair<std::string_view, node_action>{"thaw", node_action::thaw},
      std::pair<std::string_view, node_action>{"start", node_action::start},
  };
  MERIDIAN_CO_CHECK(check_may_act(received));
  MERIDIAN_CO_TRY(const auto action, action_of(received, actions));
  MERIDIAN_CO_TRY(const auto* node, node_of(received, "name"));
  log::warning("console", "{} of the node {} is asked for", received.text("action"), node->name);
  MERIDIAN_CO_CHECK(co_await settings_.lab->act(*node, action, received.until));
  co_return rest::nothing();
}

task<http::response> console_api::act_on_link(http::request received) {
  constexpr std::array actions{
      std::pair<std::string_view, link_action>{"cut", link_action::cut},
      std::pair<std::string_view, link_action>{"heal", link_action::heal},
  };
  MERIDIAN_CO_CHECK(check_may_act(received));
  MERIDIAN_CO_TRY(const auto action, action_of(received, actions));
  MERIDIAN_CO_TRY(const auto* from, node_of(received, "from"));
  MERIDIAN_CO_TRY(const auto* to, node_of(received, "to"));
  log::warning("console", "{} of the link {} to {} is asked for", received.text("action"), from->name, to->name);
  MERIDIAN_CO_CHECK(co_await settings_.lab->act(*from, *to, action, received.until));
  co_return rest::nothing();
}

}  // namespace meridian::console
