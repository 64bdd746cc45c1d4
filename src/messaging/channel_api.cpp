#include "messaging/channel_api.hpp"

#include <fmt/core.h>

#include "identity/guarded_routes.hpp"
#include "messaging/page_answer.hpp"
#include "rest/conditions.hpp"

namespace meridian::messaging {
namespace {

http::response channel_answer(int status, const channel& shown) {
  auto answer = rest::json_answer(status, body_of(shown));
  rest::set_region(answer, *shown.home);
  rest::set_etag(answer, shown.version);
  return answer;
}

result<std::optional<bool>> flag_in(const http::request& received, std::string_view name) {
  const auto given = received.query.find(name);
  if (!given) {
    return std::optional<bool>();
  }
  if (*given != "true" && *given != "false") {
    return error{
        errc::invalid_argument, fmt::format("{} is neither true nor false", name), "Accepted: true, false.",
        std::string(name)
    };
  }
  return std::optional(*given == "true");
}

}  // namespace

void channel_api::add_routes(http::router& routes) {
  using http::verb;
  identity::guarded_routes guarded(routes, door_, *this);
  guarded.add(verb::get, "/v1/workspaces/{id:number}/channels", &channel_api::list);
  guarded.add(verb::post, "/v1/workspaces/{id:number}/channels", &channel_api::create);
  guarded.add(verb::get, "/v1/channels", &channel_api::list_own);
  guarded.add(verb::get, "/v1/channels/{id:number}", &channel_api::get);
  guarded.add(verb::patch, "/v1/channels/{id:number}", &channel_api::update);
  guarded.add(verb::get, "/v1/channels/{id:number}/members", &channel_api::list_members);
  guarded.add(verb::put, "/v1/channels/{id:number}/members/{profile_id:number}", &channel_api::add_member);
  guarded.add(verb::remove, "/v1/channels/{id:number}/members/{profile_id:number}", &channel_api::remove_member);
}

channel_api::answer channel_api::list(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  channel_filter which;
  MERIDIAN_CO_TRY(which.is_member, flag_in(received, "member"));
  MERIDIAN_CO_TRY(const auto archived, flag_in(received, "archived"));
  which.is_archived = archived.value_or(false);
  const auto workspace_id = received.number("id");
  MERIDIAN_CO_TRY(const auto found, co_await channels_.list(who, workspace_id, which, part, received.until));
  co_return list_answer(found);
}

channel_api::answer channel_api::create(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wanted, read_wanted_channel(received.body));
  MERIDIAN_CO_TRY(wanted.wish.creation_key, rest::idempotency_key(received));
  const auto workspace_id = received.number("id");
  if (wanted.direct_with) {
    MERIDIAN_CO_TRY(
        const auto opened,
        co_await channels_.open_direct(who, workspace_id, *std::move(wanted.direct_with), received.until)
    );
    co_return channel_answer(opened.is_new ? 201 : 200, opened.row);
  }
  MERIDIAN_CO_TRY(
      const auto outcome, co_await channels_.create(who, workspace_id, std::move(wanted.wish), received.until)
  );
  co_return channel_answer(outcome.is_new ? 201 : 200, outcome.row);
}

channel_api::answer channel_api::list_own(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  MERIDIAN_CO_TRY(const auto found, co_await channels_.list_own(who, part, received.until));
  co_return list_answer(found);
}

channel_api::answer channel_api::get(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto found, co_await channels_.get(who, received.number("id"), received.until));
  co_return channel_answer(200, found);
}

channel_api::answer channel_api::update(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto what, read_channel_change(received.body));
  MERIDIAN_CO_TRY(what.version, rest::if_match(received));
  MERIDIAN_CO_TRY(
      const auto changed, co_await channels_.update(who, received.number("id"), std::move(what), received.until)
  );
  co_return channel_answer(200, changed);
}

channel_api::answer channel_api::list_members(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  MERIDIAN_CO_TRY(const auto found, co_await channels_.list_members(who, received.number("id"), part, received.until));
  co_return list_answer(found);
}

channel_api::answer channel_api::add_member(http::request received, identity::principal who) {
  const auto id = received.number("id");
  const auto profile_id = received.number("profile_id");
  MERIDIAN_CO_CHECK(co_await channels_.add_member(who, id, profile_id, received.until));
  co_return rest::nothing();
}

channel_api::answer channel_api::remove_member(http::request received, identity::principal who) {
  const auto id = received.number("id");
  const auto profile_id = received.number("profile_id");
  MERIDIAN_CO_CHECK(co_await channels_.remove_member(who, id, profile_id, received.until));
  co_return rest::nothing();
}

}  // namespace meridian::messaging
