#include "topology/country_map.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

#include "base/suggest.hpp"
#include "topology/letter_case.hpp"

namespace meridian::topology {
namespace {

// A word that is longer than any country's name is not worth a search for its neighbours.
constexpr std::size_t suggested_size_max = 60;

using country_index = std::unordered_map<std::string, std::size_t>;

bool is_code(std::string_view word, std::size_t size) {
  return word.size() == size && std::ranges::all_of(word, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

result<mapped_country> parse_country(const std::string& file, const toml_value& entry, const std::string& region) {
  if (!is_code(entry.key, 2)) {
    return mistake_at(
        file, entry.line, fmt::format("{} is not a country code", in_quotes(entry.key)),
        "the key is ISO 3166-1's code of two capital letters: IT = { alpha3 = \"ITA\", name = \"Italy\" }"
    );
  }
  if (entry.kind != toml_kind::table) {
    return mistake_at(
        file, entry.line, fmt::format("\"{}\" must be a table", entry.key),
        fmt::format("write {} = {{ alpha3 = \"...\", name = \"...\" }}", entry.key)
    );
  }
  MERIDIAN_TRY(const auto keys, table_reader::open(file, entry, "country " + entry.key, {"alpha3", "name", "aliases"}));
  mapped_country parsed{{.name = "", .alpha2 = entry.key, .alpha3 = "", .aliases = {}, .region = region}, entry.line};
  MERIDIAN_TRY(parsed.value.name, keys.text("name"));
  MERIDIAN_TRY(parsed.value.alpha3, keys.text("alpha3"));
  if (!is_code(parsed.value.alpha3, 3)) {
    return keys.mistake(
        "alpha3", fmt::format("{} is not a country code", in_quotes(parsed.value.alpha3)),
        "alpha3 is ISO 3166-1's code of three capital letters"
    );
  }
  if (keys.has("aliases")) {
    MERIDIAN_TRY(const auto aliases, keys.texts("aliases"));
    for (const auto& alias : aliases) {
      parsed.value.aliases.push_back(alias.text);
    }
  }
  return parsed;
}

// Every accepted word, without its case, and the country that it means.
result<country_index> make_index(const country_map& map) {
  country_index index;
  for (std::size_t i = 0; i < map.countries.size(); ++i) {
    const auto& [country, line] = map.countries[i];
    std::vector<std::string> words{country.alpha2, country.alpha3};
    // USA is a name and a code of the same country.
    if (!same_but_for_case(country.name, country.alpha2) && !same_but_for_case(country.name, country.alpha3)) {
      words.push_back(country.name);
    }
    words.insert(words.end(), country.aliases.begin(), country.aliases.end());
    for (const auto& word : words) {
      const auto [entry, added] = index.emplace(without_case(word), i);
      if (!added) {
        const auto& other = map.countries[entry->second];
        return mistake_at(
            map.file, line,
            fmt::format("{} means {} already (line {})", in_quotes(word), in_quotes(other.value.name), other.line),
            "each name, code and alias means one country and stands once"
        );
      }
    }
  }
  return index;
}

std::vector<std::string> words_of(const country_map& map) {
  std::vector<std::string> words;
  for (const auto& country : map.countries) {
    words.push_back(country.value.name);
    words.insert(words.end(), country.value.aliases.begin(), country.value.aliases.end());
  }
  return words;
}

result<void> grant_claims(country_map& map, const std::string& file, const std::vector<country_claims>& claims) {
  MERIDIAN_TRY(const auto index, make_index(map));
  std::unordered_map<std::size_t, std::pair<std::string, int>> owners;
  for (const auto& [region, line, words] : claims) {
    for (const auto& word : words) {
      const auto found = index.find(without_case(word.text));
      if (found == index.end()) {
        const auto nearest = word.text.size() <= suggested_size_max ? did_you_mean(word.text, words_of(map)) : "";
        return mistake_at(
            file, word.line, fmt::format("unknown country {}{}", in_quotes(word.text), nearest),
            "use a name, code or alias of " + map.file
        );
      }
      auto& country = map.countries[found->second].value;
      const auto [owner, added] = owners.emplace(found->second, std::pair(region, word.line));
      if (!added) {
        const auto& [first_region, first_line] = owner->second;
        return mistake_at(
            file, word.line,
            fmt::format(
                "{} is claimed by region {} already (line {})", in_quotes(country.name), first_region, first_line
            ),
            "a country rests in one region: take it out of one list"
        );
      }
      country.region = region;
    }
  }
  return {};
}

}  // namespace

result<country_map> parse_country_map(const std::string& file, std::string_view text) {
  MERIDIAN_TRY(const auto root, parse_toml(file, text));
  country_map map{.file = file, .regions = {}, .countries = {}};
  for (const auto& table : root.children) {
    if (table.kind != toml_kind::table) {
      return mistake_at(
          file, table.line, fmt::format("{} is not in a region", in_quotes(table.key)),
          "the file consists of [REGION] tables of countries"
      );
    }
    map.regions.push_back({table.key, table.line});
    for (const auto& entry : table.children) {
      MERIDIAN_TRY(auto country, parse_country(file, entry, table.key));
      map.countries.push_back(std::move(country));
    }
  }
  MERIDIAN_CHECK(make_index(map));
  return map;
}

result<std::vector<country>> place_countries(
    country_map map, const std::string& file, const std::vector<country_claims>& claims
) {
  MERIDIAN_CHECK(grant_claims(map, file, claims));
  std::vector<std::string> region_names;
  region_names.reserve(claims.size());
  for (const auto& claim : claims) {
    region_names.push_back(claim.region);
  }
  const auto rests_in = [](const std::string& region) {
    return [&region](const mapped_country& country) { return country.value.region == region; };
  };
  for (const auto& region : map.regions) {
    if (std::ranges::find(region_names, region.name) == region_names.end() &&
        std::ranges::any_of(map.countries, rests_in(region.name))) {
      const auto nearest = region.name.size() <= suggested_size_max ? did_you_mean(region.name, region_names) : "";
      return mistake_at(
          map.file, region.line, fmt::format("{} has no region {}{}", file, in_quotes(region.name), nearest),
          "move its countries to a region of the topology: " + listed(region_names)
      );
    }
  }
  for (const auto& claim : claims) {
    if (std::ranges::none_of(map.countries, rests_in(claim.region))) {
      return mistake_at(
          file, claim.line, fmt::format("region {} has no countries", in_quotes(claim.region)),
          fmt::format("add a table [{}] to {}, or countries = [\"...\"] to the region", claim.region, map.file)
      );
    }
  }
  std::vector<country> countries;
  countries.reserve(map.countries.size());
  for (auto& country : map.countries) {
    countries.push_back(std::move(country.value));
  }
  std::ranges::sort(countries, {}, &country::name);
  return countries;
}

}  // namespace meridian::topology
