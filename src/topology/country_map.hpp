// The country map: which country rests in which region, and the words that mean it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "topology/toml_reader.hpp"
#include "topology/topology.hpp"

namespace meridian::topology {

struct mapped_country {
  country value;
  int line = 0;
};

struct mapped_region {
  std::string name;
  int line = 0;
};

struct country_map {
  std::string file;
  std::vector<mapped_region> regions;  // in the order of the file
  std::vector<mapped_country> countries;
};

// [REGION] tables of `CODE = { alpha3 = "...", name = "...", aliases = ["..."] }`. A word that means two countries,
// letter case aside, is a mistake.
result<country_map> parse_country_map(const std::string& file, std::string_view text);

// What one region of the topology file takes from wherever the map has it.
struct country_claims {
  std::string region;
  int line = 0;  // of the region
  std::vector<located_text> words;
};

// The countries by name, each in its region once the claims are granted. Mistakes: a claim on an unknown country or on
// one that is claimed already, a region of the map that is not in the topology and still has countries, a region
// without any. `file` is the topology file; each of its regions has claims, if empty ones.
result<std::vector<country>> place_countries(
    country_map map, const std::string& file, const std::vector<country_claims>& claims
);

}  // namespace meridian::topology
