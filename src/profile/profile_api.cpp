#include "profile/profile_api.hpp"

#include <algorithm>

#include "identity/account_api.hpp"
#include "identity/email.hpp"
#include "identity/guarded_routes.hpp"
#include "identity/person_codec.hpp"
#include "json/reader.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"

namespace meridian::profile {
namespace {

http::response answer_of(const identity::person& shown) {
  std::string body;
  json::writer out(body);
  identity::write(out, shown);
  auto made = rest::json_answer(200, std::move(body));
  rest::set_region(made, *shown.home);
  rest::set_etag(made, shown.version);
  return made;
}

result<profile_edit> edit_of(const http::request& received) {
  profile_edit wish;
  auto& change = wish.change;
  MERIDIAN_TRY(auto fields, json::reader::parse(received.body));
  change.full_name = fields.find_text("full_name", json::text_size{1, identity::name_size_max});
  change.title = fields.find_text("title", json::text_size{0, identity::title_size_max});
  change.time_zone = fields.find_text("time_zone", json::text_size{1, identity::time_zone_size_max});
  change.phone = fields.find_text("phone", json::text_size{0, identity::phone_size_max});
  change.email = fields.find_text("email", json::text_size{3, identity::email_size_max});
  wish.password = fields.find_text("password", json::text_size{0, identity::password_size_max}).value_or("");
  if (change.full_name) {
    change.full_name = identity::trimmed(*change.full_name);
    if (change.full_name->empty()) {
      fields.refuse("full_name", "is blank", "1 to 200 characters");
    }
  }
  if (change.email && wish.password.empty()) {
    fields.refuse("password", "is missing", "the account's password, as the e-mail address is to change");
  }
  if (fields.has("country")) {
    fields.refuse("country", "can't be changed here", "moving to another country is an operation of its own");
  }
  MERIDIAN_TRY(change.expected_version, rest::if_match(received));
  MERIDIAN_CHECK(fields.check());
  if (change.field_names().empty()) {
    return error{
        errc::invalid_argument, "nothing is to be changed", "Accepted: full_name, title, time_zone, phone, email."
    };
  }
  return wish;
}

// A query parameter of at most 200 bytes; none when absent or empty.
result<std::optional<std::string>> words_of(const http::request& received, std::string_view name) {
  constexpr std::size_t size_max = 200;
  const auto given = received.query.find(name);
  if (!given || given->empty()) {
    return std::optional<std::string>();
  }
  if (given->size() > size_max) {
    return error{
        errc::invalid_argument, std::string(name) + " is too long", "Accepted: at most 200 bytes.", std::string(name)
    };
  }
  return std::optional(std::string(*given));
}

result<profile_search> search_of(const http::request& received) {
  profile_search wanted;
  MERIDIAN_TRY(const auto page, rest::page_of(received, 2));
  wanted.limit = page.limit;
  if (page.behind) {
    wanted.behind_name = (*page.behind)[0];
    const auto id = json::parse_id((*page.behind)[1]);
    if (!id) {
      return error{
          errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"
      };
    }
    wanted.behind_id = *id;
  }
  MERIDIAN_TRY(wanted.words, words_of(received, "query"));
  MERIDIAN_TRY(wanted.title, words_of(received, "title"));
  if (const auto zone = received.query.find("time_zone"); zone && !zone->empty()) {
    wanted.time_zone = std::string(*zone);
  }
  return wanted;
}

}  // namespace

void profile_api::add_routes(http::router& routes) {
  using http::verb;
  identity::guarded_routes guarded(routes, door_, *this);
  guarded.add(verb::get, "/v1/profiles/me", &profile_api::get_own);
  guarded.add(verb::get, "/v1/profiles/{id:number}", &profile_api::get);
  guarded.add(verb::patch, "/v1/profiles/{id:number}", &profile_api::edit);
  guarded.add(verb::get, "/v1/profiles", &profile_api::search);
}

task<http::response> profile_api::get_own(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto own, co_await profiles_.list_own(who, received.until));
  const auto current = std::ranges::find(own.items, who.profile_id, &identity::person::id);
  if (current == own.items.end()) {
    co_return own.missing.empty() ? error{errc::not_found, "the profile is gone", ""} : own.missing.front().why;
  }
  std::string body;
  json::writer out(body);
  out.begin_object();
  identity::write_members(out, *current);
  out.key("profiles").begin_array();
  for (const auto& each : own.items) {
    identity::write(out, each);
  }
  out.end_array().end_object();
  auto made = rest::json_answer(200, std::move(body));
  rest::set_region(made, *current->home);
  rest::set_etag(made, current->version);
  rest::set_missing_regions(made, residency::names_of(own.missing));
  co_return made;
}

task<http::response> profile_api::get(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto shown, co_await profiles_.get(who, received.number("id"), received.until));
  if (rest::is_known_version(received, shown.version)) {
    http::response unchanged;
    unchanged.status = 304;
    rest::set_region(unchanged, *shown.home);
    rest::set_etag(unchanged, shown.version);
    co_return unchanged;
  }
  co_return answer_of(shown);
}

task<http::response> profile_api::edit(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wish, edit_of(received));
  if (wish.change.email) {
    MERIDIAN_CO_CHECK(identity::count_attempt(attempts_.get(), received.peer_address));
  }
  MERIDIAN_CO_TRY(
      const auto changed, co_await profiles_.edit(who, received.number("id"), std::move(wish), received.until)
  );
  co_return answer_of(changed);
}

task<http::response> profile_api::search(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wanted, search_of(received));
  MERIDIAN_CO_TRY(const auto page, co_await profiles_.search(who, std::move(wanted), received.until));
  std::string items;
  json::writer out(items);
  for (const auto& hit : page.hits) {
    identity::write(out, hit.it);
  }
  std::optional<std::string> cursor;
  if (page.has_more) {
    cursor = rest::to_cursor({page.hits.back().sorted_by, std::to_string(page.hits.back().it.id)});
  }
  auto made = rest::json_answer(200, rest::list_body(items, cursor));
  rest::set_missing_regions(made, residency::names_of(page.missing));
  co_return made;
}

}  // namespace meridian::profile
