#include "json/writer.hpp"

#include <array>
#include <charconv>

namespace meridian::json {
namespace {

// RFC 8259, section 7: what must be escaped. Nothing else is, so that text stays as it was.
constexpr auto needs_escape = [] {
  std::array<bool, 256> table{};
  for (std::size_t control = 0; control < 0x20; ++control) {
    table[control] = true;
  }
  table['"'] = true;
  table['\\'] = true;
  return table;
}();

void append_escaped(std::string& out, char letter) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(letter) >> 4];
      out += digits[static_cast<unsigned char>(letter) & 15];
  }
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begun = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (needs_escape[static_cast<unsigned char>(text[at])]) {
      out += text.substr(begun, at - begun);
      append_escaped(out, text[at]);
      begun = at + 1;
    }
  }
  out += text.substr(begun);
  out += '"';
}

void append_number(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_padded(std::string& out, unsigned value, int width) {
  std::array<char, 6> digits;
  for (int at = width - 1; at >= 0; --at) {
    digits[static_cast<std::size_t>(at)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

void append_time(std::string& out, timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto micros = static_cast<std::uint64_t>((time - day).count());
  const auto seconds = static_cast<unsigned>(micros / 1'000'000);
  append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, seconds / 3600, 2);
  out += ':';
  append_padded(out, seconds / 60 % 60, 2);
  out += ':';
  append_padded(out, seconds % 60, 2);
  out += '.';
  append_padded(out, static_cast<unsigned>(micros % 1'000'000), 6);
  out += 'Z';
}

}  // namespace

std::string to_text(timestamp time) {
  std::string out;
  append_time(out, time);
  return out;
}

writer& writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  needs_comma_ = false;
  return *this;
}

writer& writer::text(std::string_view value) {
  separate();
  append_text(out_, value);
  return *this;
}

writer& writer::number(std::int64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

writer& writer::flag(bool value) {
  return raw(value ? "true" : "false");
}

writer& writer::null() {
  return raw("null");
}

writer& writer::id(std::int64_t value) {
  separate();
  out_ += '"';
  append_number(out_, value);
  out_ += '"';
  return *this;
}

writer& writer::time(timestamp value) {
  separate();
  out_ += '"';
  append_time(out_, value);
  out_ += '"';
  return *this;
}

writer& writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

writer& writer::open(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
  return *this;
}

writer& writer::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
  return *this;
}

void writer::separate() {
  if (needs_comma_) {
    out_ += ',';
  }
  needs_comma_ = true;
}

}  // namespace meridian::json
