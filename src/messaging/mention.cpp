#include "messaging/mention.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace meridian::messaging {
namespace {

// Part of a word or an address; every byte beyond ASCII is, too.
bool is_wordlike(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte >= 0x80 || std::isalnum(byte) != 0 || letter == '_' || letter == '-' || letter == '@';
}

// The id of "<@123>" at the front of `text`, and how long that is; 0 for none.
std::pair<std::int64_t, std::size_t> person_at(std::string_view text) {
  if (!text.starts_with("<@")) {
    return {0, 0};
  }
  std::int64_t id = 0;
  const auto* begin = text.data() + 2;
  const auto [end, failed] = std::from_chars(begin, text.data() + text.size(), id);
  const bool closed = failed == std::errc() && end != text.data() + text.size() && *end == '>';
  return closed && id > 0 ? std::pair(id, static_cast<std::size_t>(end - text.data()) + 1) : std::pair(0L, 0UL);
}

bool is_word_at(std::string_view text, std::size_t at, std::string_view word) {
  const auto rest = text.substr(at);
  const bool begins = at == 0 || !is_wordlike(text[at - 1]);
  return begins && rest.starts_with(word) && (rest.size() == word.size() || !is_wordlike(rest[word.size()]));
}

// Behind the code span or block that begins at `at`; `at` itself when it is not closed.
std::size_t behind_code(std::string_view text, std::size_t at) {
  const std::string_view fence = text.substr(at).starts_with("```") ? "```" : "`";
  const auto end = text.find(fence, at + fence.size());
  return end == std::string_view::npos ? at : end + fence.size();
}

}  // namespace

mentions mentions_in(std::string_view text) {
  mentions found;
  // Most texts call nobody.
  for (std::size_t at = text.find_first_of("@`"); at < text.size(); at = text.find_first_of("@`", at + 1)) {
    if (text[at] == '`') {
      const auto behind = behind_code(text, at);
      at = behind == at ? at : behind - 1;
      continue;
    }
    if (at > 0 && text[at - 1] == '<') {
      const auto [id, size] = person_at(text.substr(at - 1));
      if (size > 0 && found.profile_ids.size() < mentions_max && std::ranges::count(found.profile_ids, id) == 0) {
        found.profile_ids.push_back(id);
      }
    }
    found.channel = found.channel || is_word_at(text, at, "@channel");
    found.here = found.here || is_word_at(text, at, "@here");
  }
  return found;
}

}  // namespace meridian::messaging
