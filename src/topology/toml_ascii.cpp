#include "topology/toml_ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#include "topology/toml_reader.hpp"

namespace meridian::topology {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t dots_per_line_max = 100;

bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

struct letter {
  std::uint32_t code = 0;
  std::size_t size = 0;  // in bytes; 0 where there is no letter
};

// The first letter of a text that is not empty, with size 0 where UTF-8 is broken.
letter first_letter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
    return {};
  }
  std::uint32_t code = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) {
      return {};
    }
    code = (code << 6) | (next & 0x3F);
  }
  // The smallest code that needs this size: a longer spelling of a smaller one is not UTF-8, nor is half a surrogate
  // pair.
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least[size] || code > 0x10FFFF || surrogate ? letter{} : letter{code, size};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto size = first_letter(text).size;
    if (size == 0) {
      return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto [code, size] = first_letter(text);
    out += code < 0x80 ? std::string(1, static_cast<char>(code)) : fmt::format("\\U{:08x}", code);
    text.remove_prefix(size);
  }
}

// One line, which is UTF-8 and has no end of line.
class line_reader {
 public:
  line_reader(const std::string& file, int number, std::string_view line) : file_(file), number_(number), rest_(line) {}

  result<std::string> in_ascii() {
    while (!rest_.empty() && rest_.front() != '#') {
      if (rest_.front() == '"' || rest_.front() == '\'') {
        MERIDIAN_CHECK(take_string());
      } else {
        MERIDIAN_CHECK(take_bare());
      }
    }
    return std::move(out_);
  }

 private:
  result<void> take_bare() {
    if (!is_ascii(rest_.front())) {
      return mistake("a letter outside quotes that is not ASCII", "put the text in quotes: name = \"...\"");
    }
    dots_ += rest_.front() == '.' ? 1 : 0;
    if (dots_ > dots_per_line_max) {
      return mistake(
          fmt::format("more than {} dots in one line", dots_per_line_max), "dotted keys can't be nested that deep"
      );
    }
    out_.push_back(rest_.front());
    rest_.remove_prefix(1);
    return {};
  }

  result<void> take_string() {
    const char quote = rest_.front();
    if (rest_.substr(0, 3) == std::string(3, quote)) {
      return mistake("a string of several lines", "write it in one line: \"...\"");
    }
    // To the end of the line where the string has no end: the parser has a message for that.
    std::size_t size = 1;
    while (size < rest_.size() && rest_[size] != quote) {
      size += quote == '"' && rest_[size] == '\\' ? 2 : 1;
    }
    const auto whole = rest_.substr(0, size + 1);
    if (quote == '\'' && !std::ranges::all_of(whole, is_ascii)) {
      return mistake("a letter in single quotes that is not ASCII", "put the text in double quotes: name = \"...\"");
    }
    append_escaped(out_, whole);
    rest_.remove_prefix(whole.size());
    return {};
  }

  error mistake(std::string_view message, std::string remedy) const {
    return mistake_at(file_, number_, message, std::move(remedy));
  }

  const std::string& file_;
  int number_;
  std::string_view rest_;
  std::size_t dots_ = 0;
  std::string out_;
};

}  // namespace

result<std::string> toml_in_ascii(const std::string& file, std::string_view text) {
  if (text.starts_with(byte_order_mark)) {
    text.remove_prefix(byte_order_mark.size());
  }
  std::string ascii;
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    if (!is_utf8(line)) {
      return mistake_at(file, number, "not UTF-8", "save the file as UTF-8");
    }
    MERIDIAN_TRY(const auto line_in_ascii, line_reader(file, number, line).in_ascii());
    ascii += line_in_ascii;
    if (line.size() < text.size()) {
      ascii.push_back('\n');
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return ascii;
}

}  // namespace meridian::topology
