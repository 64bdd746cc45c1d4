#include "topology/letter_case.hpp"

namespace meridian::topology {
namespace {

constexpr unsigned char latin1_lead = 0xC3;  // U+00C0 to U+00FF are C3 80 to C3 BF in UTF-8
constexpr unsigned char case_distance = 0x20;

// `before` is the byte before `byte`, or 0.
char lower(char before, char byte) {
  const auto code = static_cast<unsigned char>(byte);
  const bool ascii = code >= 'A' && code <= 'Z';
  // 97 is the sign × between the letters.
  const bool latin1 = static_cast<unsigned char>(before) == latin1_lead && code >= 0x80 && code <= 0x9E && code != 0x97;
  return static_cast<char>(ascii || latin1 ? code + case_distance : code);
}

}  // namespace

std::string without_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  char before = 0;
  for (const char byte : text) {
    folded.push_back(lower(before, byte));
    before = byte;
  }
  return folded;
}

bool same_but_for_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) {
    return false;
  }
  char before_left = 0;
  char before_right = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(before_left, left[i]) != lower(before_right, right[i])) {
      return false;
    }
    before_left = left[i];
    before_right = right[i];
  }
  return true;
}

}  // namespace meridian::topology
