// TOML read strictly: every key known, every value of its type and in its range, every mistake with its file and line.
// The TOML library itself is seen by toml_reader.cpp only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace meridian::topology {

inline constexpr std::size_t toml_size_max = 1 << 20;  // a thousand nodes and every country fit in a fifth of it

enum class toml_kind { text, integer, number, boolean, time, array, table };

struct toml_value {
  toml_kind kind = toml_kind::table;
  int line = 1;
  std::string key;  // empty in an array
  std::string text;
  std::int64_t integer = 0;          // of a boolean 0 or 1
  double number = 0;                 // of an integer too
  std::vector<toml_value> children;  // of an array or a table, in the order of the file

  const toml_value* find(std::string_view name) const;
};

// The file as a table. invalid_argument with the line of the mistake; too_large above toml_size_max.
result<toml_value> parse_toml(const std::string& file, std::string_view text);

// invalid_argument, "FILE:LINE: message".
error mistake_at(std::string_view file, int line, std::string_view message, std::string remedy);

// What someone wrote, in quotes, fit for a terminal: shortened, control characters escaped.
std::string in_quotes(std::string_view given);

// "a, b, c"
std::string listed(const std::vector<std::string>& words);

struct located_text {
  std::string text;
  int line = 0;
};

// One table of a file. It refers to the parsed file, which must outlive it. The getters fail with invalid_argument.
class table_reader {
 public:
  // `title` names the table in messages: "[[region]]". Fails when the table holds a key that is not in `known`: before
  // all other mistakes, because a misspelt key looks like a missing one too.
  static result<table_reader> open(
      std::string file, const toml_value& table, std::string title, const std::vector<std::string>& known
  );

  bool has(std::string_view key) const { return table_->find(key) != nullptr; }
  // Of the key, or of the table where it lacks the key.
  int line_of(std::string_view key) const;
  error mistake(std::string_view key, std::string_view message, std::string remedy) const;

  // A key that is absent is a mistake unless there is a fallback. Texts are not empty, have no control characters and
  // at most 1000 bytes.
  result<std::string> text(std::string_view key, std::optional<std::string> fallback = std::nullopt) const;
  result<std::int64_t> integer(
      std::string_view key, std::int64_t least, std::int64_t most, std::optional<std::int64_t> fallback = std::nullopt
  ) const;
  result<bool> boolean(std::string_view key, bool fallback) const;
  result<double> number(std::string_view key, double least, double most) const;
  result<std::vector<located_text>> texts(std::string_view key) const;
  // The tables under `heading`, "[[deployment.node]]"; none is a mistake.
  result<std::vector<const toml_value*>> tables(std::string_view key, std::string_view heading) const;

 private:
  table_reader(std::string file, const toml_value& table, std::string title)
      : file_(std::move(file)), table_(&table), title_(std::move(title)) {}

  error missing(std::string_view key, std::string_view example) const;
  error wrong_kind(const toml_value& value, std::string_view key, std::string_view expected, std::string remedy) const;
  result<std::string> checked_text(const toml_value& value, std::string_view key) const;

  std::string file_;
  const toml_value* table_;
  std::string title_;
};

}  // namespace meridian::topology
