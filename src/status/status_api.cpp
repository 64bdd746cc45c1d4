#include "status/status_api.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "json/reader.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"
#include "status/status_codec.hpp"

namespace meridian::status {
namespace {

void set_served_from(http::response& answer, const cluster* from) {
  if (from != nullptr) {
    answer.headers.set("Meridian-Served-From", from->name);
  }
}

http::response answer_of(const told<setting>& outcome) {
  auto made = rest::json_answer(200, body_of(outcome.what));
  set_served_from(made, outcome.from);
  return made;
}

http::response answer_of(const setting_list& list, const std::optional<std::int64_t>& next_behind) {
  std::string items;
  json::writer out(items);
  for (const auto& one : list.rows) {
    write(out, one);
  }
  std::optional<std::string> cursor;
  if (next_behind) {
    cursor = rest::to_cursor({std::to_string(*next_behind)});
  }
  auto made = rest::json_answer(200, rest::list_body(items, cursor));
  set_served_from(made, list.from);
  rest::set_missing_regions(made, list.missing_regions);
  return made;
}

// "1,2,3"
result<std::vector<std::int64_t>> ids_of(const http::request& received) {
  const auto given = received.query.find("profile_ids");
  std::vector<std::int64_t> ids;
  auto rest = given.value_or("");
  while (!rest.empty() && ids.size() <= profiles_max) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto id = json::parse_id(rest.substr(0, end));
    if (!id) {
      ids.clear();
      break;
    }
    ids.push_back(*id);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (ids.empty() || ids.size() > profiles_max) {
    return error{
        errc::invalid_argument, "profile_ids is not a list of ids",
        fmt::format("Accepted: 1 to {} ids, with commas between them.", profiles_max), "profile_ids"
    };
  }
  return ids;
}

// The id that a cursor of one part holds.
result<std::int64_t> id_behind(const rest::page_request& page, std::int64_t at_start) {
  if (!page.behind) {
    return at_start;
  }
  const auto id = json::parse_id(page.behind->front());
  if (!id) {
    return error{
        errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"
    };
  }
  return *id;
}

}  // namespace

void status_api::add(http::router& routes, http::verb verb, std::string_view pattern, method handle) {
  routes.add(verb, pattern, door_.signed_in([this, handle](http::request received, identity::principal who) {
    return (this->*handle)(std::move(received), who);
  }));
}

void status_api::add_routes(http::router& routes) {
  using http::verb;
  add(routes, verb::get, "/v1/profiles/{id:number}/status", &status_api::get);
  add(routes, verb::put, "/v1/profiles/{id:number}/status", &status_api::set);
  add(routes, verb::remove, "/v1/profiles/{id:number}/status", &status_api::clear);
  add(routes, verb::get, "/v1/statuses", &status_api::list);
  add(routes, verb::get, "/v1/statuses/conflicts", &status_api::list_conflicts);
  add(routes, verb::get, "/v1/channels/{id:number}/statuses", &status_api::list_of_channel);
  add(routes, verb::put, "/v1/profiles/{id:number}/notifications/pause", &status_api::pause);
  add(routes, verb::remove, "/v1/profiles/{id:number}/notifications/pause", &status_api::resume);
}

status_api::answer status_api::get(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto found, co_await statuses_.get(who, received.number("id"), received.until));
  co_return answer_of(found);
}

status_api::answer status_api::set(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wanted, read_wish(received.body));
  MERIDIAN_CO_TRY(const auto key, rest::idempotency_key(received));
  wanted.key = key.value_or("");
  MERIDIAN_CO_TRY(
      const auto outcome, co_await statuses_.set(who, received.number("id"), std::move(wanted), received.until)
  );
  co_return answer_of(outcome);
}

status_api::answer status_api::clear(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto outcome, co_await statuses_.clear(who, received.number("id"), received.until));
  auto made = rest::nothing();
  set_served_from(made, outcome.from);
  co_return made;
}

status_api::answer status_api::list(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto ids, ids_of(received));
  MERIDIAN_CO_TRY(const auto found, co_await statuses_.list(who, std::move(ids), received.until));
  co_return answer_of(found, std::nullopt);
}

status_api::answer status_api::list_of_channel(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto page, rest::page_of(received, 1, profiles_max, profiles_max));
  MERIDIAN_CO_TRY(const auto behind, id_behind(page, 0));
  const auto channel_id = received.number("id");
  MERIDIAN_CO_TRY(
      const auto found, co_await statuses_.list_of_channel(who, channel_id, behind, page.limit, received.until)
  );
  co_return answer_of(found.list, found.next_behind);
}

status_api::answer status_api::list_conflicts(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto page, rest::page_of(received, 1));
  MERIDIAN_CO_TRY(const auto before, id_behind(page, std::numeric_limits<std::int64_t>::max()));
  MERIDIAN_CO_TRY(const auto found, co_await statuses_.list_conflicts(who, before, page.limit, received.until));
  std::string items;
  json::writer out(items);
  for (const auto& one : found.what.rows) {
    write(out, one);
  }
  std::optional<std::string> cursor;
  if (found.what.next_before != 0) {
    cursor = rest::to_cursor({std::to_string(found.what.next_before)});
  }
  auto made = rest::json_answer(200, rest::list_body(items, cursor));
  set_served_from(made, found.from);
  co_return made;
}

status_api::answer status_api::pause(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto until_when, read_pause(received.body));
  MERIDIAN_CO_TRY(
      const auto outcome, co_await statuses_.pause(who, received.number("id"), std::move(until_when), received.until)
  );
  co_return answer_of(outcome);
}

status_api::answer status_api::resume(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto outcome, co_await statuses_.resume(who, received.number("id"), received.until));
  auto made = rest::nothing();
  set_served_from(made, outcome.from);
  co_return made;
}

}  // namespace meridian::status
