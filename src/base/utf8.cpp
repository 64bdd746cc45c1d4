#include "base/utf8.hpp"

#include <cstddef>

namespace meridian {
namespace {

unsigned char byte_of(char letter) {
  return static_cast<unsigned char>(letter);
}

}  // namespace

bool is_utf8(std::string_view text) {
  // The least code point that needs this many continuation bytes: anything below it is an overlong form.
  static constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char lead = byte_of(text[at++]);
    if (lead < 0x80) {
      continue;
    }
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - at < more) {
      return false;
    }
    char32_t point = lead & (0x3fU >> more);
    for (const auto end = at + more; at < end; ++at) {
      if ((byte_of(text[at]) & 0xc0U) != 0x80) {
        return false;
      }
      point = point << 6 | (byte_of(text[at]) & 0x3fU);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      return false;
    }
  }
  return true;
}

}  // namespace meridian
