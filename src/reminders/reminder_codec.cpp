#include "reminders/reminder_codec.hpp"

#include <charconv>

#include <fmt/core.h>

namespace meridian::reminders {
namespace {

constexpr std::size_t token_size = 16;

}  // namespace

void write(json::writer& out, const reminder& it, const std::optional<understanding>& understood) {
  out.begin_object()
      .id("id", it.id)
      .id("profile_id", it.profile_id)
      .id("created_by", it.created_by)
      .id("message_id", it.message_id)
      .id("message_channel_id", it.message_channel_id)
      .text("message_region", it.message_region)
      .id("channel_id", it.channel_id)
      .text("text", it.text)
      .time("notify_at", it.notify_at)
      .text("time_zone", it.time_zone)
      .text("recurrence", it.recurrence)
      .id("series_id", it.series_id)
      .text("state", to_string(it.state))
      .flag("is_late", it.is_late)
      .time("created_at", it.created_at)
      .time("due_at", it.due_at)
      .time("completed_at", it.completed_at);
  if (understood) {
    out.key("understood").begin_object().text("text", understood->text).text("note", understood->note);
    out.key("others").begin_array();
    for (const auto& other : understood->others) {
      out.begin_object().time("notify_at", other.at).text("text", other.text).end_object();
    }
    out.end_array().end_object();
  }
  out.end_object();
}

std::string frame_of(const reminder& it, log_position position) {
  std::string frame;
  json::writer out(frame);
  out.begin_object().text("type", "reminder").key("reminder");
  write(out, it);
  out.flag("is_late", it.is_late).text("token", to_token(position)).end_object();
  return frame;
}

std::string to_token(log_position position) {
  return fmt::format("{:016x}", static_cast<std::uint64_t>(position));
}

std::optional<log_position> parse_token(std::string_view text) {
  log_position position = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), position, 16);
  const bool whole = failed == std::errc() && end == text.data() + text.size();
  return text.size() == token_size && whole && position >= 0 ? std::optional(position) : std::nullopt;
}

}  // namespace meridian::reminders
