#include "messaging/workspace_api.hpp"

#include "identity/guarded_routes.hpp"
#include "messaging/page_answer.hpp"
#include "rest/conditions.hpp"

namespace meridian::messaging {
namespace {

constexpr std::size_t name_part_letters_max = 100;

http::response workspace_answer(int status, const workspace& shown) {
  auto answer = rest::json_answer(status, body_of(shown));
  rest::set_region(answer, *shown.home);
  rest::set_etag(answer, shown.version);
  return answer;
}

result<std::optional<std::string>> name_part_in(const http::request& received) {
  const auto given = received.query.find("query");
  if (!given || given->empty()) {
    return std::optional<std::string>();
  }
  if (json::letters_of(*given) > name_part_letters_max) {
    return error{errc::invalid_argument, "query is too long", "Accepted: at most 100 letters of a name.", "query"};
  }
  return std::optional(std::string(*given));
}

}  // namespace

void workspace_api::add_routes(http::router& routes) {
  using http::verb;
  identity::guarded_routes guarded(routes, door_, *this);
  guarded.add(verb::get, "/v1/workspaces", &workspace_api::list_workspaces);
  guarded.add(verb::post, "/v1/workspaces", &workspace_api::create_workspace);
  guarded.add(verb::get, "/v1/workspaces/{id:number}", &workspace_api::get_workspace);
  guarded.add(verb::patch, "/v1/workspaces/{id:number}", &workspace_api::rename_workspace);
  guarded.add(verb::get, "/v1/workspaces/{id:number}/members", &workspace_api::list_members);
  guarded.add(verb::put, "/v1/workspaces/{id:number}/members/{profile_id:number}", &workspace_api::set_role);
  guarded.add(verb::remove, "/v1/workspaces/{id:number}/members/{profile_id:number}", &workspace_api::remove_member);
  guarded.add(verb::get, "/v1/workspaces/{id:number}/invitations", &workspace_api::list_invitations);
  guarded.add(verb::post, "/v1/workspaces/{id:number}/invitations", &workspace_api::create_invitation);
  guarded.add(verb::remove, "/v1/invitations/{id:number}", &workspace_api::revoke_invitation);
  guarded.add(verb::post, "/v1/invitations/preview", &workspace_api::preview_invitation);
  guarded.add(verb::post, "/v1/invitations/accept", &workspace_api::accept_invitation);
}

workspace_api::answer workspace_api::list_workspaces(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  MERIDIAN_CO_TRY(const auto found, co_await workspaces_.list(who, part, received.until));
  co_return list_answer(found);
}

workspace_api::answer workspace_api::create_workspace(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wish, read_new_workspace(received.body));
  MERIDIAN_CO_TRY(wish.creation_key, rest::idempotency_key(received));
  MERIDIAN_CO_TRY(const auto outcome, co_await workspaces_.create(who, std::move(wish), received.until));
  co_return workspace_answer(outcome.is_new ? 201 : 200, outcome.row);
}

workspace_api::answer workspace_api::get_workspace(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto found, co_await workspaces_.get(who, received.number("id"), received.until));
  co_return workspace_answer(200, found);
}

workspace_api::answer workspace_api::rename_workspace(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto name, read_workspace_name(received.body));
  MERIDIAN_CO_TRY(const auto version, rest::if_match(received));
  MERIDIAN_CO_TRY(
      const auto changed,
      co_await workspaces_.rename(who, received.number("id"), std::move(name), version, received.until)
  );
  co_return workspace_answer(200, changed);
}

workspace_api::answer workspace_api::list_members(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  MERIDIAN_CO_TRY(auto name_part, name_part_in(received));
  MERIDIAN_CO_TRY(
      const auto found, co_await members_.list(who, received.number("id"), std::move(name_part), part, received.until)
  );
  co_return list_answer(found);
}

workspace_api::answer workspace_api::set_role(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto wanted, read_role(received.body));
  const auto workspace_id = received.number("id");
  const auto profile_id = received.number("profile_id");
  MERIDIAN_CO_TRY(
      const auto changed, co_await members_.set_role(who, workspace_id, profile_id, wanted, received.until)
  );
  co_return rest::json_answer(200, body_of(changed));
}

workspace_api::answer workspace_api::remove_member(http::request received, identity::principal who) {
  const auto workspace_id = received.number("id");
  const auto profile_id = received.number("profile_id");
  MERIDIAN_CO_CHECK(co_await members_.remove(who, workspace_id, profile_id, received.until));
  co_return rest::nothing();
}

workspace_api::answer workspace_api::list_invitations(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto part, page_of_ids_in(received));
  MERIDIAN_CO_TRY(const auto found, co_await invitations_.list(who, received.number("id"), part, received.until));
  co_return list_answer(found);
}

workspace_api::answer workspace_api::create_invitation(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wish, read_new_invitation(received.body));
  MERIDIAN_CO_TRY(wish.creation_key, rest::idempotency_key(received));
  MERIDIAN_CO_TRY(
      const auto opened, co_await invitations_.create(who, received.number("id"), std::move(wish), received.until)
  );
  auto answer = rest::json_answer(opened.is_new ? 201 : 200, body_of(opened));
  rest::set_region(answer, *opened.row.home);
  co_return answer;
}

workspace_api::answer workspace_api::revoke_invitation(http::request received, identity::principal who) {
  MERIDIAN_CO_CHECK(co_await invitations_.revoke(who, received.number("id"), received.until));
  co_return rest::nothing();
}

workspace_api::answer workspace_api::preview_invitation(http::request received, identity::principal) {
  MERIDIAN_CO_TRY(auto token, read_token(received.body));
  MERIDIAN_CO_TRY(const auto shown, co_await invitations_.preview(std::move(token), received.until));
  auto answer = rest::json_answer(200, body_of(shown));
  rest::set_region(answer, *shown.home);
  co_return answer;
}

workspace_api::answer workspace_api::accept_invitation(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto token, read_token(received.body));
  MERIDIAN_CO_TRY(const auto joined, co_await invitations_.accept(who, std::move(token), received.until));
  co_return workspace_answer(joined.is_new ? 201 : 200, joined.row);
}

}  // namespace meridian::messaging
