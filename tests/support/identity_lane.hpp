// A lane with everything that signing in needs, in a test. Whoever uses it links identity.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "identity/account_api.hpp"
#include "identity/session_guard.hpp"
#include "support/lane.hpp"

namespace meridian::test {

struct lane_settings {
  identity::account_settings accounts = settings_with_key();
  identity::account_api_settings api{.has_tls = false, .attempts = nullptr};
  identity::guard_settings guard;

  static identity::account_settings settings_with_key() {
    identity::account_settings made;
    made.digest_key = "a key of the tests";
    made.refusal_time_min = std::chrono::milliseconds(0);
    return made;
  }
};

class identity_lane : public lane {
 public:
  using headers = std::initializer_list<std::pair<std::string, std::string>>;

  identity_lane(const local_topology& running, const std::string& region, const lane_settings& settings = {})
      : lane(running, region),
        guard_(regions(), settings.guard),
        accounts_(regions(), pool_, settings.accounts),
        api_(accounts_, guard_, settings.api) {
    api_.add_routes(routes_);
    boost::asio::co_spawn(loop(), guard_.run(), [](std::exception_ptr, result<void>) {});
  }
  ~identity_lane() {
    guard_.stop();
    run_for(std::chrono::milliseconds(50));
  }

  identity::session_guard& guard() { return guard_; }
  identity::account_service& accounts() { return accounts_; }
  http::router& routes() { return routes_; }

  // `target` may have a query of plain letters. `token` goes into the Authorization header unless it is "".
  http::response send(
      http::verb method, const std::string& target, const std::string& body = "", const std::string& token = "",
      headers more = {}
  ) {
    http::request made;
    made.method = method;
    const auto question = target.find('?');
    made.path = target.substr(0, question);
    for (auto rest = question == std::string::npos ? "" : target.substr(question + 1); !rest.empty();) {
      const auto pair = rest.substr(0, rest.find('&'));
      made.query.add(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      rest.erase(0, pair.size() + 1);
    }
    made.headers.add("Host", "localhost");
    if (!token.empty()) {
      made.headers.add("Authorization", "Bearer " + token);
    }
    for (const auto& [name, value] : more) {
      made.headers.add(name, value);
    }
    made.body = body;
    made.peer_address = "127.0.0.1";
    made.until = deadline::in(std::chrono::seconds(8));
    return answer(routes_, std::move(made));
  }

  http::response sign_up(
      const std::string& email, const std::string& country, const std::string& token = "", headers more = {}
  ) {
    const boost::json::object body{
        {"full_name", "Somebody"}, {"email", email}, {"password", password}, {"country", country}
    };
    return send(http::verb::post, "/v1/profiles", serialize(body), token, more);
  }

  http::response sign_in(const std::string& email, const std::string& given = password) {
    const boost::json::object body{{"email", email}, {"password", given}};
    return send(http::verb::post, "/v1/sessions", serialize(body));
  }

  // The token of a new session; "" and a test failure when there is none.
  std::string token_of(const std::string& email, const std::string& given = password) {
    const auto answer = sign_in(email, given);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? text_at(answer, "token") : "";
  }

  static boost::json::value json(const http::response& answer) {
    return answer.body.empty() ? boost::json::value() : boost::json::parse(answer.body);
  }
  static std::string text_at(const http::response& answer, const std::string& field) {
    const auto parsed = json(answer);
    const auto* found = parsed.is_object() ? parsed.as_object().if_contains(field) : nullptr;
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
  }

  static inline const std::string password = "correct horse battery";

 private:
  cpu_pool pool_{2, 100};
  identity::session_guard guard_;
  identity::account_service accounts_;
  identity::account_api api_;
  http::router routes_;
};

}  // namespace meridian::test
