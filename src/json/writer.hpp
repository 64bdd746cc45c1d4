// Appends JSON (RFC 8259) to a text, without a tree in between: timelines are written by it.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace meridian::json {

// RFC 3339 in UTC with six digits of a second: "2026-11-23T08:15:30.123456Z". Years 1 to 9999.
std::string to_text(timestamp time);

// Puts the commas; that brackets match and that each key has a value is up to the caller. Text must be valid UTF-8.
class writer {
 public:
  // Appends to `out`, which must outlive it.
  explicit writer(std::string& out) : out_(out) {}

  writer& begin_object() { return open('{'); }
  writer& end_object() { return close('}'); }
  writer& begin_array() { return open('['); }
  writer& end_array() { return close(']'); }

  // The name of a member; needs no escaping.
  writer& key(std::string_view name);

  writer& text(std::string_view value);
  writer& number(std::int64_t value);
  writer& flag(bool value);
  writer& null();

  // Ids are texts: JavaScript's numbers have 53 bits.
  writer& id(std::int64_t value);
  writer& time(timestamp value);

  // JSON that was written before.
  writer& raw(std::string_view json);

  // A member in one call.
  writer& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  writer& number(std::string_view name, std::int64_t value) { return key(name).number(value); }
  writer& flag(std::string_view name, bool value) { return key(name).flag(value); }
  writer& id(std::string_view name, std::int64_t value) { return key(name).id(value); }
  writer& id(std::string_view name, const std::optional<std::int64_t>& value) {
    return value ? key(name).id(*value) : key(name).null();
  }
  template <std::same_as<std::optional<std::string>> Text>  // so that a literal is a text
  writer& text(std::string_view name, const Text& value) {
    return value ? key(name).text(*value) : key(name).null();
  }
  writer& time(std::string_view name, timestamp value) { return key(name).time(value); }
  writer& time(std::string_view name, const std::optional<timestamp>& value) {
    return value ? key(name).time(*value) : key(name).null();
  }

 private:
  writer& open(char bracket);
  writer& close(char bracket);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace meridian::json
