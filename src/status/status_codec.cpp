#include "status/status_codec.hpp"

#include <algorithm>

#include "json/reader.hpp"

namespace meridian::status {
namespace {

constexpr std::size_t time_zone_size_max = 64;

void write_members(json::writer& out, const setting& shown) {
  out.id("profile_id", shown.profile_id).text("status", shown.word).text("text", shown.text);
  out.text("emoji", shown.emoji).time("set_at", shown.set_at).time("expires_at", shown.expires_at);
  out.time("notifications_paused_until", shown.paused_until);
}

void write_side(json::writer& out, const contender& side) {
  out.begin_object().text("cluster", side.cluster).text("status", side.word).text("text", side.text);
  out.text("emoji", side.emoji).time("set_at", side.set_at).end_object();
}

// "17:00": two digits each, of a day's.
bool is_time_of_day(std::string_view text) {
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  return text.size() == 5 && is_digit(text[0]) && is_digit(text[1]) && text[2] == ':' && is_digit(text[3]) &&
         is_digit(text[4]) && text.substr(0, 2) < "24" && text.substr(3) < "60";
}

bool has_spaces(std::string_view text) {
  return std::ranges::any_of(text, [](char letter) { return static_cast<unsigned char>(letter) <= ' '; });
}

ending read_ending(json::reader& fields) {
  ending read;
  read.at = fields.find_time("expires_at");
  read.in_s = fields.find_number("expires_in_s", 1, duration_max.count());
  read.time_of_day = fields.find_text("until", json::text_size{1, 5});
  read.time_zone = fields.find_text("time_zone", json::text_size{1, time_zone_size_max}).value_or(read.time_zone);
  if (read.time_of_day && !is_time_of_day(*read.time_of_day)) {
    fields.refuse("until", "is not a time of day", "24 hours, as 17:00");
  }
  const int given = (read.at ? 1 : 0) + (read.in_s ? 1 : 0) + (read.time_of_day ? 1 : 0);
  if (given > 1) {
    fields.refuse("expires_at", "is not the only end", "one of expires_at, expires_in_s and until");
  }
  return read;
}

}  // namespace

void write(json::writer& out, const setting& shown) {
  out.begin_object();
  write_members(out, shown);
  out.end_object();
}

void write(json::writer& out, const conflict& shown) {
  out.begin_object().id("id", shown.id).id("profile_id", shown.profile_id).time("detected_at", shown.detected_at);
  out.key("winner");
  write_side(out, shown.winner);
  out.key("loser");
  write_side(out, shown.loser);
  out.end_object();
}

std::string body_of(const setting& shown) {
  std::string body;
  json::writer out(body);
  write(out, shown);
  return body;
}

std::string frame_of(const setting& shown) {
  std::string frame;
  json::writer out(frame);
  out.begin_object().text("type", "status");
  write_members(out, shown);
  out.end_object();
  return frame;
}

result<wish> read_wish(std::string_view body) {
  MERIDIAN_TRY(auto fields, json::reader::parse(body));
  wish read;
  read.word = fields.find_word("status", {words[0], words[1], words[2], words[3], words[4]});
  read.text = fields.find_text("text", json::text_size{0, text_size_max}).value_or("");
  read.emoji = fields.find_text("emoji", json::text_size{0, emoji_size_max}).value_or("");
  if (has_spaces(read.emoji)) {
    fields.refuse("emoji", "is not an emoji", "an emoji or its name, without spaces");
  }
  read.until = read_ending(fields);
  MERIDIAN_CHECK(fields.check());
  if (!read.word && read.text.empty() && read.emoji.empty()) {
    return error{
        errc::invalid_argument, "status is missing, and there is neither text nor emoji",
        "DELETE takes a status away. Accepted: Active, Busy, In a Meeting, Vacationing, Out Sick, or only a text.",
        "status"
    };
  }
  return read;
}

result<ending> read_pause(std::string_view body) {
  MERIDIAN_TRY(auto fields, json::reader::parse(body));
  const auto read = read_ending(fields);
  if (!read.at && !read.in_s) {
    fields.refuse("expires_at", "is missing", "expires_at or expires_in_s");
  }
  MERIDIAN_CHECK(fields.check());
  return read;
}

}  // namespace meridian::status
