#include "http/response_head.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

namespace meridian::http {
namespace {

constexpr std::size_t request_id_bytes_max = 64;

constexpr bool is_alphanumeric(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}

constexpr bool is_token_letter(char letter) {
  return is_alphanumeric(letter) || std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
}

constexpr bool is_value_letter(char letter) {
  return (static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7f) || letter == '\t';
}

bool is_own(std::string_view name) {
  static constexpr std::string_view names[] = {
      "Connection",        "Content-Length",         "Content-Type", "Date",
      "Transfer-Encoding", "X-Content-Type-Options", "X-Request-Id",
  };
  return std::ranges::any_of(names, [&](std::string_view own) { return equal_tokens(own, name); });
}

}  // namespace

std::string check_response(const response& answer) {
  if (answer.status < 200 || answer.status > 599) {
    return fmt::format("{} is not the status of an answer", answer.status);
  }
  if (!std::ranges::all_of(answer.content_type, is_value_letter)) {
    return "the content type is not one line of text";
  }
  for (std::size_t index = 0; index < answer.headers.size(); ++index) {
    const auto [name, value] = answer.headers.at(index);
    if (name.empty() || !std::ranges::all_of(name, is_token_letter)) {
      return "a header field's name is not a token";
    }
    if (!std::ranges::all_of(value, is_value_letter)) {
      return fmt::format("the header field {} is not one line of text", name);
    }
    if (is_own(name)) {
      return fmt::format("the header field {} is not the handler's to set", name);
    }
  }
  return "";
}

std::string encode_fields(const header_list& fields) {
  std::string lines;
  for (std::size_t index = 0; index < fields.size(); ++index) {
    const auto [name, value] = fields.at(index);
    lines.append(name).append(": ").append(value).append("\r\n");
  }
  return lines;
}

std::string encode_head(const response& answer, const head_facts& facts) {
  std::string head;
  head.reserve(512);
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, reason_of(answer.status), facts.date);
  if (!answer.content_type.empty()) {
    fmt::format_to(out, "Content-Type: {}\r\n", answer.content_type);
  }
  if (has_body(answer.status)) {
    fmt::format_to(out, "Content-Length: {}\r\n", answer.body.size());
  }
  if (!facts.keeps_alive) {
    head += "Connection: close\r\n";
  }
  head += "X-Content-Type-Options: nosniff\r\n";
  fmt::format_to(out, "X-Request-Id: {}\r\n", facts.request_id);
  head += facts.common_fields;
  // What a person may see is not for the next person at the same cache.
  if (!answer.headers.find("Cache-Control")) {
    head += "Cache-Control: no-store\r\n";
  }
  for (std::size_t index = 0; index < answer.headers.size(); ++index) {
    const auto [name, value] = answer.headers.at(index);
    head.append(name).append(": ").append(value).append("\r\n");
  }
  head += "\r\n";
  return head;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= request_id_bytes_max && std::ranges::all_of(text, [](char letter) {
    return is_alphanumeric(letter) || letter == '-' || letter == '_' || letter == '.';
  });
}

std::string_view date_text::at(std::chrono::sys_seconds now) {
  if (now == made_at_ && !text_.empty()) {
    return text_;
  }
  static constexpr std::string_view weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  text_ = fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      time.hours().count(), time.minutes().count(), time.seconds().count()
  );
  made_at_ = now;
  return text_;
}

}  // namespace meridian::http
