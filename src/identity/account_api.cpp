#include "identity/account_api.hpp"

#include <fmt/core.h>

#include "http/problem.hpp"
#include "identity/account_codec.hpp"
#include "identity/credentials.hpp"
#include "identity/guarded_routes.hpp"
#include "identity/network.hpp"
#include "identity/person_codec.hpp"
#include "identity/token.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"

namespace meridian::identity {
namespace {

// More than any password that was ever accepted; longer ones need no hashing to be wrong.
constexpr std::size_t typed_password_size_max = 1000;

error no_such_session() {
  return {errc::not_found, "there is no such session of yours", ""};
}

http::response locked(std::chrono::seconds wait) {
  auto answer = http::problem_of(error{
      errc::rate_limited, "there were too many wrong passwords for this e-mail address",
      fmt::format("Try again in {} s.", wait.count())
  });
  answer.headers.set("Retry-After", std::to_string(wait.count()));
  return answer;
}

}  // namespace

result<void> count_attempt(rate_limiter* attempts, const std::string& peer_address) {
  if (attempts != nullptr && !attempts->take(network_key(peer_address), rate_limiter::clock::now())) {
    return error{errc::rate_limited, "there are too many attempts from this address", "Wait a minute."};
  }
  return {};
}

account_api::account_api(account_service& accounts, guard& door, account_api_settings settings)
    : accounts_(accounts), guard_(door), settings_(std::move(settings)) {}

void account_api::add_routes(http::router& routes) {
  using http::verb;
  guarded_routes guarded(routes, guard_, *this);
  switch_profile_ = guarded.behind_door(&account_api::switch_profile);
  sign_up_as_ = guarded.behind_door(&account_api::sign_up_as);
  routes.add(verb::post, "/v1/sessions", [this](http::request received) { return open_session(std::move(received)); });
  guarded.add(verb::get, "/v1/sessions", &account_api::list_sessions);
  guarded.add(verb::remove, "/v1/sessions/current", &account_api::end_current_session);
  guarded.add(verb::remove, "/v1/sessions/{id}", &account_api::end_session);
  routes.add(verb::post, "/v1/profiles", [this](http::request received) { return sign_up(std::move(received)); });
  guarded.add(verb::put, "/v1/profiles/me/password", &account_api::change_password);
}

std::string account_api::cookie_of(std::string_view token, std::chrono::seconds lasts) const {
  return fmt::format(
      "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}", session_cookie, token, lasts.count(),
      settings_.has_tls ? "; Secure" : ""
  );
}

http::response account_api::answer_with(const opened_session& opened) const {
  auto answer = rest::json_answer(201, body_of(opened));
  const auto lasts = opened.expires_at - std::chrono::system_clock::now();
  answer.headers.set("Set-Cookie", cookie_of(opened.token, std::chrono::ceil<std::chrono::seconds>(lasts)));
  rest::set_region(answer, *opened.who.home);
  return answer;
}

task<http::response> account_api::open_session(http::request received) {
  // The answer sets a cookie: no other site's page may choose whose.
  MERIDIAN_CO_CHECK(check_origin(received));
  MERIDIAN_CO_TRY(auto body, json::reader::parse(received.body));
  if (body.has("profile_id")) {
    co_return co_await switch_profile_(std::move(received));
  }
  auto email = body.text("email", {1, email_size_max});
  auto password = body.text("password", {1, typed_password_size_max});
  MERIDIAN_CO_CHECK(body.check());
  MERIDIAN_CO_CHECK(count_attempt(settings_.attempts.get(), received.peer_address));
  MERIDIAN_CO_TRY(
      const auto outcome, co_await accounts_.sign_in(std::move(email), std::move(password), received.until)
  );
  co_return outcome.opened ? answer_with(*outcome.opened) : locked(outcome.locked);
}

task<http::response> account_api::switch_profile(http::request received, principal who) {
  MERIDIAN_CO_TRY(auto body, json::reader::parse(received.body));
  const auto profile_id = body.id("profile_id");
  MERIDIAN_CO_CHECK(body.check());
  MERIDIAN_CO_TRY(const auto opened, co_await accounts_.switch_profile(who, profile_id, received.until));
  co_return answer_with(opened);
}

task<http::response> account_api::list_sessions(http::request received, principal who) {
  MERIDIAN_CO_TRY(const auto sessions, co_await accounts_.list_sessions(who, received.until));
  auto answer = rest::json_answer(200, rest::list_body(items_of(sessions, who.session_number), std::nullopt));
  rest::set_region(answer, *who.home);
  co_return answer;
}

task<http::response> account_api::end_current_session(http::request received, principal who) {
  MERIDIAN_CO_CHECK(co_await accounts_.end_session(who, who.session_number, received.until));
  guard_.forget(who.session_number);
  auto answer = rest::nothing();
  answer.headers.set("Set-Cookie", cookie_of("", std::chrono::seconds(0)));
  rest::set_region(answer, *who.home);
  co_return answer;
}

task<http::response> account_api::end_session(http::request received, principal who) {
  const auto number = parse_session_number(received.text("id"));
  if (!number) {
    co_return no_such_session();
  }
  MERIDIAN_CO_CHECK(co_await accounts_.end_session(who, *number, received.until));
  guard_.forget(*number);
  auto answer = rest::nothing();
  rest::set_region(answer, *who.home);
  co_return answer;
}

task<http::response> account_api::sign_up(http::request received) {
  const bool has_header = received.headers.find("Authorization").has_value();
  const auto token = token_of(received);
  if (has_header || (token && !token->empty())) {
    auto again = received;
    auto answer = co_await sign_up_as_(std::move(received));
    // A browser sends its cookie also when the session is over.
    if (has_header || answer || answer.error().code != errc::unauthenticated) {
      co_return answer;
    }
    received = std::move(again);
  }
  co_return co_await sign_up_for(std::move(received), std::nullopt);
}

task<http::response> account_api::sign_up_as(http::request received, principal who) {
  co_return co_await sign_up_for(std::move(received), who);
}

task<http::response> account_api::sign_up_for(http::request received, std::optional<principal> who) {
  MERIDIAN_CO_TRY(auto body, json::reader::parse(received.body));
  auto wish = read_new_account(body);
  MERIDIAN_CO_CHECK(body.check());
  MERIDIAN_CO_TRY(wish.creation_key, rest::idempotency_key(received));
  MERIDIAN_CO_CHECK(count_attempt(settings_.attempts.get(), received.peer_address));
  MERIDIAN_CO_TRY(const auto made, co_await accounts_.sign_up(std::move(wish), who, received.until));
  std::string text;
  json::writer out(text);
  write(out, made.who);
  auto answer = rest::json_answer(made.is_repeat ? 200 : 201, std::move(text));
  answer.headers.set("Location", fmt::format("/v1/profiles/{}", made.who.id));
  rest::set_etag(answer, made.who.version);
  rest::set_region(answer, *made.who.home);
  co_return answer;
}

task<http::response> account_api::change_password(http::request received, principal who) {
  MERIDIAN_CO_TRY(auto body, json::reader::parse(received.body));
  auto current = body.text("current_password", {1, typed_password_size_max});
  auto wanted = body.text("new_password", {password_size_min, password_size_max});
  MERIDIAN_CO_CHECK(body.check());
  MERIDIAN_CO_CHECK(count_attempt(settings_.attempts.get(), received.peer_address));
  MERIDIAN_CO_CHECK(co_await accounts_.change_password(who, std::move(current), std::move(wanted), received.until));
  auto answer = rest::nothing();
  rest::set_region(answer, *who.home);
  co_return answer;
}

}  // namespace meridian::identity
