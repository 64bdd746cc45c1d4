#include "base/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace meridian {
namespace {

// ASCII only: what is compared are identifiers and English country names.
char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(from[i]) == lower(to[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> suggest(std::string_view given, std::span<const std::string> accepted) {
  std::optional<std::string> nearest;
  std::size_t distance_min = 0;
  for (const auto& word : accepted) {
    const auto distance = edit_distance(given, word);
    if (distance <= (word.size() + 2) / 3 && (!nearest || distance < distance_min)) {
      nearest = word;
      distance_min = distance;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view given, std::span<const std::string> accepted) {
  const auto nearest = suggest(given, accepted);
  return nearest ? " (did you mean " + *nearest + "?)" : "";
}

}  // namespace meridian
