#include "messaging/message_api.hpp"

#include <algorithm>
#include <limits>

#include "identity/guarded_routes.hpp"
#include "json/reader.hpp"
#include "messaging/message_codec.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"

namespace meridian::messaging {
namespace {

constexpr auto seq_max = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t page_size_default = 50;
constexpr std::size_t page_size_max = 200;

// 40,000 characters as two escapes of six bytes each ("\ud83d\udc22"), and the other fields.
constexpr std::size_t post_bytes_max = 512 << 10;

// `written` is the message as JSON, where it is there already.
http::response answer_of(int status, const message& it, const topology::region& home, std::string written = "") {
  auto answer = rest::json_answer(status, written.empty() ? to_json(it, home) : std::move(written));
  rest::set_region(answer, home);
  rest::set_etag(answer, it.change_seq);
  return answer;
}

result<std::size_t> limit_of(const http::request& received) {
  MERIDIAN_TRY(const auto limit, rest::number_of(received, "limit", 1, page_size_max));
  return static_cast<std::size_t>(limit.value_or(page_size_default));
}

// A cursor goes on in the direction in which the list was read.
constexpr std::string_view before_word = "before";
constexpr std::string_view after_word = "after";

error not_a_cursor() {
  return {errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"};
}

result<std::optional<std::int64_t>> seq_of_cursor(const rest::page_request& page, std::string_view direction) {
  if (!page.behind || (*page.behind)[0] != direction) {
    return std::optional<std::int64_t>();
  }
  const auto seq = json::parse_id((*page.behind)[1]);
  if (!seq) {
    return not_a_cursor();
  }
  return seq;
}

// ?before_seq=&after_seq=&around_seq=&limit=&cursor=
result<page_wanted> page_wanted_of(const http::request& received) {
  MERIDIAN_TRY(const auto page, rest::page_of(received, 2, page_size_default, page_size_max));
  MERIDIAN_TRY(const auto before, rest::number_of(received, "before_seq", 1, seq_max));
  MERIDIAN_TRY(const auto after, rest::number_of(received, "after_seq", 0, seq_max));
  MERIDIAN_TRY(const auto around, rest::number_of(received, "around_seq", 1, seq_max - page_size_max));
  MERIDIAN_TRY(const auto cursor_before, seq_of_cursor(page, before_word));
  MERIDIAN_TRY(const auto cursor_after, seq_of_cursor(page, after_word));
  const bool has_cursor = cursor_before || cursor_after;
  if (page.behind && !has_cursor) {
    return not_a_cursor();
  }
  if (before.has_value() + after.has_value() + around.has_value() + has_cursor > 1) {
    return error{
        errc::invalid_argument, "before_seq, after_seq, around_seq and cursor exclude each other", "Send one of them.",
        "before_seq"
    };
  }
  page_wanted wanted;
  wanted.limit = page.limit;
  wanted.after_seq = after ? after : cursor_after;
  wanted.before_seq = before ? before : cursor_before;
  if (around) {
    wanted.before_seq = *around + static_cast<std::int64_t>(wanted.limit / 2) + 1;
  }
  return wanted;
}

std::string items_of(const message_page& page) {
  std::string items;
  items.reserve(page.messages.size() * 512);
  for (const auto& one : page.messages) {
    if (!items.empty()) {
      items += ',';
    }
    append_json(items, one, *page.home);
  }
  return items;
}

// Where the list goes on; none at the channel's beginning or end.
std::optional<std::string> cursor_behind(const message_page& page, const page_wanted& wanted) {
  if (page.messages.size() < wanted.limit) {
    return std::nullopt;
  }
  const auto& edge = wanted.after_seq ? page.messages.back() : page.messages.front();
  const bool is_last = wanted.after_seq ? edge.seq >= page.channel_last_seq : edge.seq <= 1;
  if (is_last) {
    return std::nullopt;
  }
  const auto direction = wanted.after_seq ? after_word : before_word;
  return rest::to_cursor({std::string(direction), std::to_string(edge.seq)});
}

std::string body_of(const message_page& page, const page_wanted& wanted) {
  return rest::list_body(items_of(page), cursor_behind(page, wanted));
}

http::response list_answer(std::string body, const topology::region& home) {
  auto answer = rest::json_answer(200, std::move(body));
  rest::set_region(answer, home);
  return answer;
}

}  // namespace

void message_api::add_routes(http::router& routes) {
  using http::verb;
  identity::guarded_routes guarded(routes, door_, *this);
  http::route_limits posting;
  posting.body_bytes_max = post_bytes_max;
  guarded.add(verb::post, "/v1/channels/{id:number}/messages", &message_api::post, posting);
  guarded.add(verb::get, "/v1/channels/{id:number}/messages", &message_api::list);
  guarded.add(verb::get, "/v1/channels/{id:number}/changes", &message_api::list_changes);
  guarded.add(verb::put, "/v1/channels/{id:number}/read", &message_api::mark_read);
  guarded.add(verb::get, "/v1/messages/{id:number}", &message_api::get);
  guarded.add(verb::patch, "/v1/messages/{id:number}", &message_api::edit, posting);
  guarded.add(verb::remove, "/v1/messages/{id:number}", &message_api::remove);
  guarded.add(verb::get, "/v1/messages/{id:number}/replies", &message_api::list_replies);
  guarded.add(verb::get, "/v1/messages/{id:number}/history", &message_api::list_revisions);
  guarded.add(verb::put, "/v1/messages/{id:number}/reactions/{emoji}", &message_api::react);
  guarded.add(verb::remove, "/v1/messages/{id:number}/reactions/{emoji}", &message_api::react);
}

task<http::response> message_api::post(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto fields, json::reader::parse(received.body));
  draft what;
  what.channel_id = received.number("id");
  what.sender_id = who.profile_id;
  what.text = fields.text("text", json::text_size{1, message_size_max});
  what.client_msg_id = fields.find_text("client_msg_id", json::text_size{1, client_msg_id_size_max});
  what.thread_root_id = fields.find_id("thread_root_id");
  MERIDIAN_CO_CHECK(fields.check());
  if (!what.client_msg_id) {
    MERIDIAN_CO_TRY(what.client_msg_id, rest::idempotency_key(received));
  }
  MERIDIAN_CO_TRY(auto done, co_await service_.post(std::move(what), received.until));
  co_return answer_of(done.is_repeat ? 200 : 201, done.sent, *done.home, std::move(done.json));
}

task<http::response> message_api::list(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto wanted, page_wanted_of(received));
  const bool is_tail = !wanted.before_seq && !wanted.after_seq && wanted.limit == page_size_default;
  if (is_tail && tails_.is_on()) {
    co_return co_await list_tail(std::move(received), who, wanted);
  }
  MERIDIAN_CO_TRY(
      const auto page, co_await service_.list(received.number("id"), who.profile_id, wanted, received.until)
  );
  co_return list_answer(body_of(page, wanted), *page.home);
}

task<http::response> message_api::list_tail(http::request received, identity::principal who, page_wanted wanted) {
  const auto channel_id = received.number("id");
  MERIDIAN_CO_TRY(const auto progress, co_await service_.check_progress(channel_id, who.profile_id, received.until));
  if (progress) {
    if (const auto kept = tails_.find(channel_id, progress->change_seq)) {
      co_return list_answer(*kept, service_.here());
    }
  }
  MERIDIAN_CO_TRY(const auto page, co_await service_.list(channel_id, who.profile_id, wanted, received.until));
  auto body = body_of(page, wanted);
  if (page.home == &service_.here()) {
    tails_.keep(channel_id, page.channel_change_seq, std::make_shared<const std::string>(body));
  }
  co_return list_answer(std::move(body), *page.home);
}

task<http::response> message_api::list_changes(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto after, rest::number_of(received, "after", 0, seq_max));
  MERIDIAN_CO_TRY(const auto limit, limit_of(received));
  MERIDIAN_CO_TRY(
      const auto page,
      co_await service_.list_changes(received.number("id"), who.profile_id, after.value_or(0), limit, received.until)
  );
  const bool has_more = page.messages.size() == limit && page.messages.back().change_seq < page.channel_change_seq;
  std::string body;
  json::writer out(body);
  out.begin_object().key("items").begin_array().raw(items_of(page)).end_array();
  out.number("change_seq", has_more ? page.messages.back().change_seq : page.channel_change_seq);
  out.number("last_seq", page.channel_last_seq).flag("has_more", has_more).key("next_cursor").null().end_object();
  co_return list_answer(std::move(body), *page.home);
}

task<http::response> message_api::list_replies(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto page_asked, rest::page_of(received, 2, page_size_default, page_size_max));
  MERIDIAN_CO_TRY(const auto after, seq_of_cursor(page_asked, after_word));
  if (page_asked.behind && !after) {
    co_return not_a_cursor();
  }
  const auto limit = page_asked.limit;
  MERIDIAN_CO_TRY(
      const auto page,
      co_await service_.list_replies(received.number("id"), who.profile_id, after.value_or(0), limit, received.until)
  );
  std::optional<std::string> cursor;
  if (page.messages.size() == limit) {
    cursor = rest::to_cursor({std::string(after_word), std::to_string(page.messages.back().seq)});
  }
  co_return list_answer(rest::list_body(items_of(page), cursor), *page.home);
}

task<http::response> message_api::get(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto found, co_await service_.get(received.number("id"), who.profile_id, received.until));
  co_return answer_of(200, found.it, *found.home);
}

task<http::response> message_api::edit(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto expected, rest::if_match(received));
  MERIDIAN_CO_TRY(auto fields, json::reader::parse(received.body));
  auto text = fields.text("text", json::text_size{1, message_size_max});
  MERIDIAN_CO_CHECK(fields.check());
  MERIDIAN_CO_TRY(
      const auto edited,
      co_await service_.edit(received.number("id"), who.profile_id, std::move(text), expected, received.until)
  );
  co_return answer_of(200, edited.it, *edited.home);
}

task<http::response> message_api::remove(http::request received, identity::principal who) {
  MERIDIAN_CO_CHECK(co_await service_.remove(received.number("id"), who.profile_id, received.until));
  co_return rest::nothing();
}

task<http::response> message_api::list_revisions(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(const auto page, rest::page_of(received, 2, page_size_default, page_size_max));
  MERIDIAN_CO_TRY(const auto after, seq_of_cursor(page, after_word));
  if (page.behind && !after) {
    co_return not_a_cursor();
  }
  MERIDIAN_CO_TRY(
      const auto revisions, co_await service_.list_revisions(
                                received.number("id"), who.profile_id, after.value_or(0), page.limit, received.until
                            )
  );
  std::string items;
  json::writer out(items);
  for (const auto& one : revisions) {
    out.begin_object().number("change_seq", one.change_seq).text("text", one.text);
    out.time("replaced_at", one.replaced_at).end_object();
  }
  std::optional<std::string> cursor;
  if (revisions.size() == page.limit) {
    cursor = rest::to_cursor({std::string(after_word), std::to_string(revisions.back().change_seq)});
  }
  co_return rest::json_answer(200, rest::list_body(items, cursor));
}

task<http::response> message_api::react(http::request received, identity::principal who) {
  std::string emoji(received.text("emoji"));
  if (json::letters_of(emoji) > emoji_size_max || std::ranges::any_of(emoji, [](char letter) {
        return letter == ' ' || static_cast<unsigned char>(letter) < ' ';
      })) {
    co_return error{
        errc::invalid_argument, "emoji is not an emoji", "Accepted: 1 to 100 characters without spaces.", "emoji"
    };
  }
  const bool adds = received.method == http::verb::put;
  MERIDIAN_CO_TRY(
      const auto done,
      co_await service_.react(received.number("id"), who.profile_id, std::move(emoji), adds, received.until)
  );
  std::string body;
  json::writer(body)
      .begin_object()
      .id("message_id", received.number("id"))
      .number("change_seq", done.change_seq)
      .end_object();
  auto answer = rest::json_answer(200, std::move(body));
  rest::set_region(answer, *done.home);
  co_return answer;
}

task<http::response> message_api::mark_read(http::request received, identity::principal who) {
  MERIDIAN_CO_TRY(auto fields, json::reader::parse(received.body));
  const auto seq = fields.number("seq", 0, seq_max);
  const bool may_go_back = fields.flag("may_go_back", false);
  MERIDIAN_CO_CHECK(fields.check());
  MERIDIAN_CO_TRY(
      const auto marked,
      co_await service_.mark_read(received.number("id"), who.profile_id, seq, may_go_back, received.until)
  );
  std::string body;
  json::writer(body)
      .begin_object()
      .number("read_seq", marked.read_seq)
      .number("last_seq", marked.last_seq)
      .number("unread_count", marked.last_seq - marked.read_seq)
      .end_object();
  auto answer = rest::json_answer(200, std::move(body));
  rest::set_region(answer, *marked.home);
  co_return answer;
}

}  // namespace meridian::messaging
