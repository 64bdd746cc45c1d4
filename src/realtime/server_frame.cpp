#include "realtime/server_frame.hpp"

#include <charconv>

#include "json/writer.hpp"
#include "messaging/message_codec.hpp"

namespace meridian::realtime {
namespace {

void append_place(json::writer& body, const place& one) {
  body.id("id", one.channel_id)
      .id("workspace_id", one.workspace_id)
      .number("last_seq", one.last_seq)
      .number("change_seq", one.change_seq)
      .number("read_seq", one.read_seq)
      .flag("is_member", one.is_member)
      .text("region", one.home->name);
}

}  // namespace

std::string to_json(const hello& told) {
  std::string out;
  out.reserve(200 + told.channels.size() * 140);
  json::writer body(out);
  body.begin_object()
      .text("type", "hello")
      .id("profile_id", told.profile_id)
      .text("region", told.region)
      .text("served_by", told.served_by)
      .number("heartbeat_s", told.heartbeat.count())
      .key("channels")
      .begin_array();
  for (const auto& one : told.channels) {
    body.begin_object();
    append_place(body, one);
    body.end_object();
  }
  body.end_array().key("missing_regions").begin_array();
  for (const auto* region : told.missing) {
    body.text(region->name);
  }
  body.end_array().flag("is_complete", told.missing.empty() && !told.is_cut).end_object();
  return out;
}

std::string followed_json(const place& now) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "followed");
  append_place(body, now);
  body.end_object();
  return out;
}

std::string gap_json(std::int64_t channel_id, std::int64_t change_seq) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "gap").id("channel_id", channel_id).number("change_seq", change_seq).end_object();
  return out;
}

std::string membership_json(
    std::int64_t channel_id, std::int64_t workspace_id, std::int64_t profile_id, bool is_member
) {
  std::string out;
  json::writer body(out);
  body.begin_object()
      .text("type", "membership")
      .id("channel_id", channel_id)
      .id("workspace_id", workspace_id)
      .id("profile_id", profile_id)
      .flag("is_member", is_member)
      .end_object();
  return out;
}

std::string typing_json(std::int64_t channel_id, std::int64_t profile_id) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "typing").id("channel_id", channel_id).id("profile_id", profile_id).end_object();
  return out;
}

std::string presence_json(std::int64_t profile_id, bool is_online) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "presence").id("profile_id", profile_id).flag("is_online", is_online).end_object();
  return out;
}

std::string reconnect_json(std::chrono::milliseconds after, std::string_view reason) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "reconnect").number("after_ms", after.count()).text("reason", reason).end_object();
  return out;
}

std::string topology_json(const topology::region& region, bool is_reachable) {
  std::string out;
  json::writer body(out);
  body.begin_object()
      .text("type", "topology")
      .text("region", region.name)
      .flag("is_reachable", is_reachable)
      .end_object();
  return out;
}

std::string lost_json(std::chrono::milliseconds within) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "lost").number("within_ms", within.count()).end_object();
  return out;
}

std::string error_json(const error& why) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", "error").text("code", to_string(why.code)).text("detail", why.message);
  if (!why.field.empty()) {
    body.text("field", why.field);
  }
  if (!why.remedy.empty()) {
    body.text("remedy", why.remedy);
  }
  body.end_object();
  return out;
}

std::string pong_json() {
  return R"({"type":"pong"})";
}

std::string message_json(const messaging::message& it, const topology::region& home, bool is_new) {
  std::string out;
  json::writer body(out);
  body.begin_object().text("type", is_new ? "message" : "change").id("channel_id", it.channel_id);
  if (is_new) {
    body.number("seq", it.seq);
  }
  std::string message;
  messaging::append_json(message, it, home);
  body.number("change_seq", it.change_seq).key("message").raw(message).end_object();
  return out;
}

// "2026-11-23T08:15:30.123456Z", as json::to_text writes it.
std::optional<timestamp> sent_at_of(std::string_view frame) {
  constexpr std::string_view mark = "\"sent_at\":\"";
  constexpr std::size_t size = 27;
  const auto at = frame.find(mark);
  if (at == std::string_view::npos || frame.size() < at + mark.size() + size) {
    return std::nullopt;
  }
  const auto text = frame.substr(at + mark.size(), size);
  const auto number = [text](std::size_t begin, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + begin, text.data() + begin + digits, value);
    return value;
  };
  const std::chrono::year_month_day day{
      std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(5, 2))),
      std::chrono::day(static_cast<unsigned>(number(8, 2)))
  };
  if (!day.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(day) + std::chrono::hours(number(11, 2)) + std::chrono::minutes(number(14, 2)) +
         std::chrono::seconds(number(17, 2)) + std::chrono::microseconds(number(20, 6));
}

}  // namespace meridian::realtime
