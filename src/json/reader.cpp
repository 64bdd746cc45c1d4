#include "json/reader.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <boost/json.hpp>

#include "json/time.hpp"

namespace meridian::json {

struct reader::tree {
  boost::json::object object;
};

reader::reader(std::unique_ptr<tree> parsed) : tree_(std::move(parsed)) {}
reader::reader(reader&&) noexcept = default;
reader& reader::operator=(reader&&) noexcept = default;
reader::~reader() = default;

namespace {

// A body deeper than this is nobody's mistake.
constexpr std::size_t depth_max = 16;

const boost::json::value* find(const boost::json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string sizes_in_words(text_size size) {
  return size.min == 0 ? fmt::format("at most {} characters", size.max)
                       : fmt::format("{} to {} characters", size.min, size.max);
}

std::optional<std::int64_t> id_of_value(const boost::json::value& value) {
  if (const auto* text = value.if_string()) {
    return parse_id(*text);
  }
  const auto* number = value.if_int64();
  return number != nullptr && *number > 0 ? std::optional(*number) : std::nullopt;
}

}  // namespace

result<reader> reader::parse(std::string_view body) {
  auto parsed = std::make_unique<tree>();
  if (body.empty()) {
    return reader(std::move(parsed));
  }
  boost::json::parse_options strict;
  strict.max_depth = depth_max;
  boost::json::stream_parser parser({}, strict);
  boost::system::error_code failed;
  const auto taken = parser.write_some(body.data(), body.size(), failed);
  const auto rest = failed ? std::string_view::npos : body.find_first_not_of(" \t\r\n", taken);
  if (!failed && rest == std::string_view::npos) {
    parser.finish(failed);
  }
  if (failed || rest != std::string_view::npos) {
    return error{
        errc::invalid_argument,
        fmt::format(
            "the body is not JSON: {} at byte {}", failed ? failed.message() : "something follows its end",
            failed ? taken : rest
        ),
        "Send one JSON object (RFC 8259) as UTF-8."
    };
  }
  auto value = parser.release();
  if (!value.is_object()) {
    return error{errc::invalid_argument, "the body is not a JSON object", "Send one, in braces."};
  }
  parsed->object = std::move(value.as_object());
  return reader(std::move(parsed));
}

bool reader::has(std::string_view field) const {
  return find(tree_->object, field) != nullptr;
}

std::string reader::text(std::string_view field, text_size size) {
  auto found = find_text(field, size);
  if (!found && !has(field)) {
    refuse(field, "is missing", sizes_in_words(size));
  }
  return std::move(found).value_or("");
}

std::optional<std::string> reader::find_text(std::string_view field, text_size size) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* text = value->if_string();
  if (text == nullptr) {
    refuse(field, "is not a text", sizes_in_words(size));
    return std::nullopt;
  }
  // Bytes bound letters from above, so most texts need not be counted.
  const auto letters = text->size() <= size.max && text->size() >= 4 * size.min ? size.min : letters_of(*text);
  if (letters < size.min || letters > size.max) {
    refuse(field, fmt::format("has {} characters", letters), sizes_in_words(size));
    return std::nullopt;
  }
  if (text->find('\0') != boost::json::string::npos) {
    refuse(field, "holds a NUL character", "any other character");
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<std::string> reader::find_word(std::string_view field, std::initializer_list<std::string_view> accepted) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* text = value->if_string();
  if (text == nullptr || std::ranges::find(accepted, std::string_view(*text)) == accepted.end()) {
    refuse(field, "is not one of the accepted words", fmt::format("{}", fmt::join(accepted, ", ")));
    return std::nullopt;
  }
  return std::string(*text);
}

std::int64_t reader::id(std::string_view field) {
  const auto found = find_id(field);
  if (!found && !has(field)) {
    refuse(field, "is missing", "an id: decimal digits in quotes");
  }
  return found.value_or(0);
}

std::optional<std::int64_t> reader::find_id(std::string_view field) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto found = id_of_value(*value);
  if (!found) {
    refuse(field, "is not an id", "decimal digits in quotes");
  }
  return found;
}

std::vector<std::int64_t> reader::ids(std::string_view field, std::size_t count_max) {
  std::vector<std::int64_t> found;
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return found;
  }
  const auto* list = value->if_array();
  if (list == nullptr || list->size() > count_max) {
    refuse(field, "is not a list of ids that short", fmt::format("a list of at most {} ids", count_max));
    return found;
  }
  for (const auto& element : *list) {
    const auto id = id_of_value(element);
    if (!id) {
      refuse(field, "holds something that is not an id", "decimal digits in quotes");
      return {};
    }
    if (std::ranges::find(found, *id) == found.end()) {
      found.push_back(*id);
    }
  }
  return found;
}

std::int64_t reader::number(std::string_view field, std::int64_t least, std::int64_t most) {
  const auto found = find_number(field, least, most);
  if (!found && !has(field)) {
    refuse(field, "is missing", fmt::format("a number from {} to {}", least, most));
  }
  return found.value_or(least);
}

std::optional<std::int64_t> reader::find_number(std::string_view field, std::int64_t least, std::int64_t most) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* number = value->if_int64();
  if (number == nullptr || *number < least || *number > most) {
    refuse(field, "is not a number in range", fmt::format("a whole number from {} to {}", least, most));
    return std::nullopt;
  }
  return *number;
}

std::optional<timestamp> reader::find_time(std::string_view field) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* text = value->if_string();
  const auto found = text == nullptr ? std::nullopt : parse_time(*text);
  if (!found) {
    refuse(field, "is not a time", "RFC 3339, as 2026-11-23T08:15:30Z");
  }
  return found;
}

bool reader::flag(std::string_view field, bool when_absent) {
  return find_flag(field).value_or(when_absent);
}

std::optional<bool> reader::find_flag(std::string_view field) {
  const auto* value = find(tree_->object, field);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* flag = value->if_bool();
  if (flag == nullptr) {
    refuse(field, "is not a truth value", "true or false");
    return std::nullopt;
  }
  return *flag;
}

void reader::refuse(std::string_view field, std::string what, std::string accepted) {
  if (!wrong_) {
    wrong_ = error{
        errc::invalid_argument, fmt::format("{} {}", field, what), fmt::format("Accepted: {}.", accepted),
        std::string(field)
    };
  }
}

result<void> reader::check() const {
  if (wrong_) {
    return *wrong_;
  }
  return {};
}

std::optional<std::int64_t> parse_id(std::string_view digits) {
  std::int64_t id = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  const bool whole = failed == std::errc() && end == digits.data() + digits.size();
  return whole && id > 0 && digits[0] != '0' ? std::optional(id) : std::nullopt;
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace meridian::json
