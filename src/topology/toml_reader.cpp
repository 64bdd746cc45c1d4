#include "topology/toml_reader.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/suggest.hpp"
#include "topology/toml_ascii.hpp"

namespace meridian::topology {
namespace {

struct broken_promise {};

constexpr void keep(bool promise) {
  if (!promise) {
    throw broken_promise();
  }
}

}  // namespace
}  // namespace meridian::topology

// toml++ is compiled in rather than linked, because 3.3 needs its assertions: some malformed files, "[[#", break them
// and are undefined behaviour without. The parser recurses once per nested value; ours nest three deep.
#undef NDEBUG
#define TOML_ASSERT(promise) ::meridian::topology::keep(static_cast<bool>(promise))
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace meridian::topology {
namespace {

constexpr std::size_t text_size_max = 1000;
constexpr std::size_t quoted_size_max = 60;

toml_value converted(const toml::node& node) {
  toml_value value;
  value.line = static_cast<int>(node.source().begin.line);
  if (const auto* text = node.as_string()) {
    value.kind = toml_kind::text;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = toml_kind::integer;
    value.integer = integer->get();
    value.number = static_cast<double>(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = toml_kind::number;
    value.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = toml_kind::boolean;
    value.integer = boolean->get() ? 1 : 0;
  } else if (const auto* array = node.as_array()) {
    value.kind = toml_kind::array;
    for (const auto& element : *array) {
      value.children.push_back(converted(element));
    }
  } else if (const auto* table = node.as_table()) {
    std::vector<std::pair<toml::source_position, toml_value>> entries;
    for (const auto& [key, entry] : *table) {
      entries.emplace_back(key.source().begin, converted(entry));
      entries.back().second.key = std::string(key.str());
    }
    std::ranges::sort(entries, {}, &std::pair<toml::source_position, toml_value>::first);
    for (auto& entry : entries) {
      value.children.push_back(std::move(entry.second));
    }
  } else {
    value.kind = toml_kind::time;
  }
  return value;
}

bool breaks_promise(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const broken_promise&) {
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
  return false;
}

// The parser does not say where it was, but it reads from front to back: the first line after which it breaks its
// promise.
int find_line_that_breaks_promise(std::string_view text) {
  std::vector<std::size_t> ends;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    ends.push_back(end + 1);
  }
  const auto found =
      std::ranges::partition_point(ends, [text](std::size_t end) { return !breaks_promise(text.substr(0, end)); });
  return static_cast<int>(found - ends.begin()) + 1;
}

std::string_view name_of(toml_kind kind) {
  switch (kind) {
    case toml_kind::text:
      return "a string";
    case toml_kind::integer:
      return "an integer";
    case toml_kind::number:
      return "a number";
    case toml_kind::boolean:
      return "a boolean";
    case toml_kind::time:
      return "a date or time";
    case toml_kind::array:
      return "an array";
    case toml_kind::table:
      return "a table";
  }
  return "";
}

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
}

std::string printable(std::string_view given) {
  std::string safe;
  for (const char byte : given) {
    if (is_control(byte)) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else {
      safe.push_back(byte);
    }
  }
  return safe;
}

}  // namespace

const toml_value* toml_value::find(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &toml_value::key);
  return kind == toml_kind::table && found != children.end() ? &*found : nullptr;
}

result<toml_value> parse_toml(const std::string& file, std::string_view text) {
  if (text.size() > toml_size_max) {
    return error{
        errc::too_large, file + " is larger than 1 MiB", "a topology is a few kilobytes: is this the right file?"
    };
  }
  MERIDIAN_TRY(const auto ascii, toml_in_ascii(file, text));
  const std::string remedy = "the file is TOML 1.0: https://toml.io/en/v1.0.0";
  try {
    return converted(toml::parse(ascii, file));
  } catch (const toml::parse_error& failure) {
    return mistake_at(file, static_cast<int>(failure.source().begin.line), printable(failure.description()), remedy);
  } catch (const broken_promise&) {
    return mistake_at(file, find_line_that_breaks_promise(ascii), "a table heading or key that can't be read", remedy);
  }
}

error mistake_at(std::string_view file, int line, std::string_view message, std::string remedy) {
  return {errc::invalid_argument, fmt::format("{}:{}: {}", file, line, message), std::move(remedy)};
}

std::string in_quotes(std::string_view given) {
  if (given.size() <= quoted_size_max) {
    return "\"" + printable(given) + "\"";
  }
  // Not in the middle of a UTF-8 sequence.
  auto size = quoted_size_max;
  while (size > 0 && (static_cast<unsigned char>(given[size]) & 0xC0) == 0x80) {
    --size;
  }
  return "\"" + printable(given.substr(0, size)) + "...\"";
}

std::string listed(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

result<table_reader> table_reader::open(
    std::string file, const toml_value& table, std::string title, const std::vector<std::string>& known
) {
  for (const auto& entry : table.children) {
    if (std::ranges::find(known, entry.key) == known.end()) {
      const auto nearest = entry.key.size() <= quoted_size_max ? did_you_mean(entry.key, known) : "";
      return mistake_at(
          file, entry.line, fmt::format("unknown key {}{}", in_quotes(entry.key), nearest),
          fmt::format("the keys of {} are {}", title, listed(known))
      );
    }
  }
  return table_reader(std::move(file), table, std::move(title));
}

int table_reader::line_of(std::string_view key) const {
  const auto* value = table_->find(key);
  return value == nullptr ? table_->line : value->line;
}

error table_reader::mistake(std::string_view key, std::string_view message, std::string remedy) const {
  return mistake_at(file_, line_of(key), message, std::move(remedy));
}

error table_reader::missing(std::string_view key, std::string_view example) const {
  return mistake_at(
      file_, table_->line, fmt::format("{} lacks the key \"{}\"", title_, key), fmt::format("add {}", example)
  );
}

error table_reader::wrong_kind(
    const toml_value& value, std::string_view key, std::string_view expected, std::string remedy
) const {
  const auto what = fmt::format(fmt::runtime(value.key.empty() ? "an element of \"{}\"" : "\"{}\""), key);
  return mistake_at(
      file_, value.line, fmt::format("{} is {}; it must be {}", what, name_of(value.kind), expected), std::move(remedy)
  );
}

result<std::string> table_reader::checked_text(const toml_value& value, std::string_view key) const {
  if (value.kind != toml_kind::text) {
    return wrong_kind(value, key, "a string", "put it in quotes: \"...\"");
  }
  if (value.text.empty()) {
    return mistake_at(file_, value.line, fmt::format("\"{}\" is empty", key), "fill it in, or take it out");
  }
  if (std::ranges::any_of(value.text, is_control)) {
    return mistake_at(
        file_, value.line, fmt::format("\"{}\" holds a control character", key),
        "take it out: this is a name, not a document"
    );
  }
  if (value.text.size() > text_size_max) {
    return mistake_at(
        file_, value.line, fmt::format("\"{}\" is longer than {} bytes", key, text_size_max), "make it shorter"
    );
  }
  return value.text;
}

result<std::string> table_reader::text(std::string_view key, std::optional<std::string> fallback) const {
  const auto* value = table_->find(key);
  if (value != nullptr) {
    return checked_text(*value, key);
  }
  if (fallback) {
    return *std::move(fallback);
  }
  return missing(key, fmt::format("{} = \"...\"", key));
}

result<std::int64_t> table_reader::integer(
    std::string_view key, std::int64_t least, std::int64_t most, std::optional<std::int64_t> fallback
) const {
  const auto* value = table_->find(key);
  if (value == nullptr) {
    return fallback ? result<std::int64_t>(*fallback) : missing(key, fmt::format("{} = {}", key, least));
  }
  if (value->kind != toml_kind::integer) {
    return wrong_kind(*value, key, "an integer", fmt::format("write it in digits: {} = {}", key, least));
  }
  if (value->integer < least || value->integer > most) {
    return mistake(
        key, fmt::format("\"{}\" is {}, out of range", key, value->integer),
        fmt::format("it must be {} to {}", least, most)
    );
  }
  return value->integer;
}

result<bool> table_reader::boolean(std::string_view key, bool fallback) const {
  const auto* value = table_->find(key);
  if (value == nullptr) {
    return fallback;
  }
  if (value->kind != toml_kind::boolean) {
    return wrong_kind(*value, key, "a boolean", fmt::format("write {} = true or {} = false", key, key));
  }
  return value->integer != 0;
}

result<double> table_reader::number(std::string_view key, double least, double most) const {
  const auto* value = table_->find(key);
  if (value == nullptr) {
    return missing(key, fmt::format("{} = 0.0", key));
  }
  if (value->kind != toml_kind::number && value->kind != toml_kind::integer) {
    return wrong_kind(*value, key, "a number", fmt::format("write it in digits: {} = 0.0", key));
  }
  if (!(value->number >= least && value->number <= most)) {  // as it is put, NaN is out of range
    return mistake(
        key, fmt::format("\"{}\" is {}, out of range", key, value->number),
        fmt::format("it must be {} to {}", least, most)
    );
  }
  return value->number;
}

result<std::vector<located_text>> table_reader::texts(std::string_view key) const {
  const auto* value = table_->find(key);
  if (value == nullptr) {
    return missing(key, fmt::format("{} = [\"...\"]", key));
  }
  if (value->kind != toml_kind::array) {
    return wrong_kind(*value, key, "an array of strings", fmt::format("write {} = [\"...\"]", key));
  }
  std::vector<located_text> all;
  for (const auto& element : value->children) {
    MERIDIAN_TRY(auto text, checked_text(element, key));
    all.push_back({std::move(text), element.line});
  }
  return all;
}

result<std::vector<const toml_value*>> table_reader::tables(std::string_view key, std::string_view heading) const {
  const auto* value = table_->find(key);
  if (value == nullptr || (value->kind == toml_kind::array && value->children.empty())) {
    return mistake(key, fmt::format("{} has no {}", title_, heading), fmt::format("add a {} table", heading));
  }
  if (value->kind != toml_kind::array) {
    return wrong_kind(*value, key, "tables", fmt::format("write {} over each", heading));
  }
  std::vector<const toml_value*> all;
  for (const auto& element : value->children) {
    if (element.kind != toml_kind::table) {
      return wrong_kind(element, key, "a table", fmt::format("write {} over each", heading));
    }
    all.push_back(&element);
  }
  return all;
}

}  // namespace meridian::topology
