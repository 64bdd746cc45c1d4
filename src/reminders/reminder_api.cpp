#include "reminders/reminder_api.hpp"

#include <charconv>

#include <fmt/core.h>

#include "identity/credentials.hpp"
#include "json/reader.hpp"
#include "reminders/reminder_codec.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"

namespace meridian::reminders {
namespace {

constexpr std::string_view token_header = "Meridian-Reminders-Token";
constexpr std::string_view token_cookie = "meridian_reminders_token";
constexpr std::chrono::hours token_cookie_age{24};

// Up to where the client wants its answer to go; 0 when it does not say.
result<log_position> least_of(const http::request& received) {
  if (const auto given = received.headers.find(token_header)) {
    const auto position = parse_token(*given);
    if (!position) {
      return error{
          errc::invalid_argument, fmt::format("{} is not one that a write answered with", token_header),
          "Send it back as it came, or leave it out.", std::string(token_header)
      };
    }
    return *position;
  }
  return parse_token(identity::find_cookie(received, token_cookie)).value_or(0);
}

time_wish time_of(json::reader& fields) {
  time_wish wish;
  wish.at = fields.find_time("at");
  wish.when = fields.find_text("when", json::text_size{1, phrase_size_max});
  wish.recurrence = fields.find_text("recurrence", json::text_size{0, recurrence_size_max});
  return wish;
}

result<reminder_wish> wish_of(const http::request& received) {
  reminder_wish wish;
  MERIDIAN_TRY(auto fields, json::reader::parse(received.body));
  wish.profile_id = fields.find_id("profile_id");
  wish.message_id = fields.find_id("message_id");
  wish.channel_id = fields.find_id("channel_id");
  wish.text = fields.find_text("text", json::text_size{0, text_size_max}).value_or("");
  wish.time = time_of(fields);
  wish.time_zone = fields.find_text("time_zone", json::text_size{1, time_zone_size_max});
  MERIDIAN_TRY(wish.creation_key, rest::idempotency_key(received));
  MERIDIAN_CHECK(fields.check());
  return wish;
}

result<reminder_edit> edit_of(const http::request& received) {
  reminder_edit change;
  MERIDIAN_TRY(auto fields, json::reader::parse(received.body));
  change.text = fields.find_text("text", json::text_size{0, text_size_max});
  change.time = time_of(fields);
  change.time_zone = fields.find_text("time_zone", json::text_size{1, time_zone_size_max});
  MERIDIAN_TRY(change.expected_version, rest::if_match(received));
  MERIDIAN_CHECK(fields.check());
  if (!change.text && !change.time.has_time() && !change.time.recurrence && !change.time_zone) {
    return error{
        errc::invalid_argument, "nothing is to be changed", "Accepted: text, at, when, time_zone, recurrence."
    };
  }
  return change;
}

// ?state=&for=&limit=&cursor=
result<list_part> part_of(const http::request& received) {
  list_part part;
  MERIDIAN_TRY(const auto page, rest::page_of(received, 2));
  part.limit = page.limit;
  if (page.behind) {
    const auto id = json::parse_id((*page.behind)[1]);
    std::int64_t at_us = 0;
    const auto& digits = (*page.behind)[0];
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), at_us);
    if (!id || failed != std::errc() || end != digits.data() + digits.size()) {
      return error{
          errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"
      };
    }
    part.behind_at = timestamp(std::chrono::microseconds(at_us));
    part.behind_id = *id;
  }
  part.states = {reminder_state::scheduled, reminder_state::due};
  if (const auto wanted = received.query.find("state"); wanted && !wanted->empty()) {
    const auto state = find_state(*wanted);
    if (!state || *state == reminder_state::deleted) {
      return error{
          errc::invalid_argument, "state is not one", "Accepted: scheduled, due, completed; without it the first two.",
          "state"
      };
    }
    part.states = {*state};
  }
  if (const auto whose = received.query.find("for"); whose && !whose->empty()) {
    if (*whose != "me" && *whose != "others") {
      return error{errc::invalid_argument, "for is not one", "Accepted: me, others.", "for"};
    }
    part.made_for_others = *whose == "others";
  }
  return part;
}

// {"at"}, or {"for"} or {"until"} with one of the choices or a phrase.
result<snooze_wish> snooze_of(const http::request& received) {
  MERIDIAN_TRY(auto fields, json::reader::parse(received.body));
  snooze_wish wish;
  wish.at = fields.find_time("at");
  const auto lasts = fields.find_text("for", json::text_size{1, phrase_size_max});
  const auto ends = fields.find_text("until", json::text_size{1, phrase_size_max});
  MERIDIAN_CHECK(fields.check());
  if (wish.at.has_value() + lasts.has_value() + ends.has_value() != 1) {
    return error{
        errc::invalid_argument, "there is not one time to come back at",
        "Accepted: at, or for or until: 20m, 1h, 3h, tomorrow, next_week, or such as \"friday at 2pm\".", "until"
    };
  }
  wish.choice = lasts ? *lasts : ends.value_or("");
  return wish;
}

void set_origin(http::response& answer, const read_origin& from) {
  answer.headers.set("Meridian-Staleness", std::to_string(from.staleness.count()));
  if (!from.node.empty()) {
    answer.headers.set("Meridian-Served-From", from.node);
  }
}

}  // namespace

void reminder_api::add(http::router& routes, http::verb verb, std::string_view pattern, method handle) {
  routes.add(verb, pattern, door_.signed_in([this, handle](http::request received, identity::principal who) {
    return (this->*handle)(std::move(received), who);
  }));
}

void reminder_api::add_routes(http::router& routes) {
  add(routes, http::verb::post, "/v1/reminders", &reminder_api::create);
  add(routes, http::verb::get, "/v1/reminders", &reminder_api::list);
  add(routes, http::verb::get, "/v1/reminders/{id:number}", &reminder_api::get);
  add(routes, http::verb::patch, "/v1/reminders/{id:number}", &reminder_api::edit);
  add(routes, http::verb::remove, "/v1/reminders/{id:number}", &reminder_api::remove);
  add(routes, http::verb::post, "/v1/reminders/{id:number}/snooze", &reminder_api::snooze);
  add(routes, http::verb::post, "/v1/reminders/{id:number}/complete", &reminder_api::complete);
}

http::response reminder_api::answer_of(int status, const reminder& it, const std::optional<understanding>& understood)
    const {
  std::string body;
  json::writer out(body);
  write(out, it, understood);
  auto made = rest::json_answer(status, std::move(body));
  rest::set_etag(made, it.version);
  return made;
}

void reminder_api::set_token(http::response& answer, const http::request& received, log_position position) const {
  const auto token = to_token(position);
  answer.headers.set(token_header, token);
  if (received.headers.find("Cookie")) {
    answer.headers.set(
        "Set-Cookie", fmt::format(
                          "{}={}; Path=/v1/reminders; HttpOnly; SameSite=Lax; Max-Age={}{}", token_cookie, token,
                          std::chrono::seconds(token_cookie_age).count(), has_tls_ ? "; Secure" : ""
                      )
    );
  }
}

task<http::response> reminder_api::create(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wish, wish_of(received));
  MERIDIAN_CO_TRY(const auto made, co_await reminders_.create(who, std::move(wish), received.until));
  auto answer = answer_of(made.is_repeat ? 200 : 201, made.it, made.understood);
  answer.headers.set("Location", fmt::format("/v1/reminders/{}", made.it.id));
  set_token(answer, received, made.position);
  co_return answer;
}

task<http::response> reminder_api::list(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto part, part_of(received));
  MERIDIAN_CO_TRY(const auto least, least_of(received));
  MERIDIAN_CO_TRY(const auto found, co_await reminders_.list(who, std::move(part), least, received.until));
  std::string items;
  json::writer out(items);
  for (const auto& one : found.value.items) {
    write(out, one);
  }
  std::optional<std::string> cursor;
  if (found.value.has_more) {
    const auto& last = found.value.items.back();
    cursor = rest::to_cursor({std::to_string(last.notify_at.time_since_epoch().count()), std::to_string(last.id)});
  }
  auto made = rest::json_answer(200, rest::list_body(items, cursor));
  set_origin(made, found.from);
  co_return made;
}

task<http::response> reminder_api::get(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto least, least_of(received));
  MERIDIAN_CO_TRY(const auto found, co_await reminders_.get(who, received.number("id"), least, received.until));
  auto made = answer_of(200, found.value);
  set_origin(made, found.from);
  co_return made;
}

task<http::response> reminder_api::edit(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto change, edit_of(received));
  MERIDIAN_CO_TRY(
      const auto changed, co_await reminders_.update(who, received.number("id"), std::move(change), received.until)
  );
  auto made = answer_of(200, changed.it, changed.understood);
  set_token(made, received, changed.position);
  co_return made;
}

task<http::response> reminder_api::remove(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto gone, co_await reminders_.remove(who, received.number("id"), received.until));
  auto made = rest::nothing();
  set_token(made, received, gone.position);
  co_return made;
}

task<http::response> reminder_api::snooze(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto wish, snooze_of(received));
  MERIDIAN_CO_TRY(
      const auto changed, co_await reminders_.snooze(who, received.number("id"), std::move(wish), received.until)
  );
  auto made = answer_of(200, changed.it, changed.understood);
  set_token(made, received, changed.position);
  co_return made;
}

task<http::response> reminder_api::complete(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto changed, co_await reminders_.complete(who, received.number("id"), received.until));
  auto made = answer_of(200, changed.value);
  set_token(made, received, changed.position);
  co_return made;
}

}  // namespace meridian::reminders
