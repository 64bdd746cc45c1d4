// Reads the JSON object of a request and names the field that is wrong.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/writer.hpp"

namespace meridian::json {

// How many letters (Unicode code points) a text may have.
struct text_size {
  std::size_t min = 0;
  std::size_t max = 0;
};

// One object. Each call reads a field; what is wrong is remembered and told by check(), the first thing only, so that a
// handler reads all fields in a row. Fields that nobody asks for are ignored. A field that is null counts as absent.
class reader {
 public:
  // invalid_argument, with the place, for anything but one well-formed object, nested at most 16 deep. An empty body is
  // an empty object.
  static result<reader> parse(std::string_view body);

  reader(reader&&) noexcept;
  reader& operator=(reader&&) noexcept;
  ~reader();

  bool has(std::string_view field) const;

  // Must be there; "" after an error. NUL is refused, as PostgreSQL can't keep it.
  std::string text(std::string_view field, text_size size);
  std::optional<std::string> find_text(std::string_view field, text_size size);

  // One of these words.
  std::optional<std::string> find_word(std::string_view field, std::initializer_list<std::string_view> accepted);

  // Ids are texts of digits; a number is taken too. Positive.
  std::int64_t id(std::string_view field);
  std::optional<std::int64_t> find_id(std::string_view field);
  // Each once, in their order; none when absent.
  std::vector<std::int64_t> ids(std::string_view field, std::size_t count_max);

  std::int64_t number(std::string_view field, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> find_number(std::string_view field, std::int64_t least, std::int64_t most);
  // RFC 3339.
  std::optional<timestamp> find_time(std::string_view field);
  bool flag(std::string_view field, bool when_absent);
  std::optional<bool> find_flag(std::string_view field);

  // Remembers an error of the caller's own about a field, unless there is one already.
  void refuse(std::string_view field, std::string what, std::string accepted);

  // invalid_argument with the field, when any of the above was wrong.
  result<void> check() const;

 private:
  struct tree;
  explicit reader(std::unique_ptr<tree> parsed);

  std::unique_ptr<tree> tree_;
  std::optional<error> wrong_;
};

// A positive id in decimal digits without leading zeros.
std::optional<std::int64_t> parse_id(std::string_view digits);

// How many code points; the text must be valid UTF-8.
std::size_t letters_of(std::string_view text);

}  // namespace meridian::json
