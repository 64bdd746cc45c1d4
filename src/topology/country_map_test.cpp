#include "topology/country_map.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "runtime/file.hpp"
#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

const std::filesystem::path config_directory = MERIDIAN_CONFIG_DIRECTORY;

std::string region_of(const topology& topology, std::string_view word) {
  const auto* country = topology.find_country(word);
  return country == nullptr ? "nowhere" : country->region;
}

TEST(country_map, gives_each_country_its_region_and_sorts_by_name) {
  const auto parsed = parse_small(small_topology());
  ASSERT_EQ(mistake_of(parsed), "");
  std::vector<std::string> names;
  for (const auto& country : parsed->countries) {
    names.push_back(country.name + " in " + country.region);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Canada in west", "Italy in east", "Ivory Coast in east", "USA in west"}));
  EXPECT_EQ(parsed->countries[2].alpha2, "CI");
  EXPECT_EQ(parsed->countries[2].alpha3, "CIV");
  EXPECT_EQ(parsed->countries[2].aliases, std::vector<std::string>{"Côte d'Ivoire"});
}

TEST(country_map, refuses_what_is_no_country) {
  EXPECT_EQ(
      mistake_with_map({{3, "CA = "}}),
      "map.toml:3: Error while parsing key-value pair: expected value, saw '\\n' | "
      "the file is TOML 1.0: https://toml.io/en/v1.0.0"
  );
  EXPECT_EQ(
      mistake_with_map({{1, "US = \"west\"\n[west]"}}),
      "map.toml:1: \"US\" is not in a region | the file consists of [REGION] tables of countries"
  );
  for (const std::string code : {"it", "ITA", "I1", "\"\""}) {
    const auto shown = code == "\"\"" ? code : "\"" + code + "\"";
    EXPECT_EQ(
        mistake_with_map({{5, code + " = { alpha3 = \"ITA\", name = \"Italy\" }"}}),
        "map.toml:5: " + shown +
            " is not a country code | the key is ISO 3166-1's code of two capital letters: IT = { "
            "alpha3 = \"ITA\", name = \"Italy\" }"
    );
  }
  for (const std::string code : {"ita", "IT", "ITAL", "IT4"}) {
    EXPECT_EQ(
        mistake_with_map({{5, "IT = { alpha3 = \"" + code + "\", name = \"Italy\" }"}}),
        "map.toml:5: \"" + code + "\" is not a country code | alpha3 is ISO 3166-1's code of three capital letters"
    );
  }
  EXPECT_EQ(
      mistake_with_map({{5, "IT = \"Italy\""}}),
      "map.toml:5: \"IT\" must be a table | write IT = { alpha3 = \"...\", name = \"...\" }"
  );
  EXPECT_EQ(
      mistake_with_map({{5, "IT = { alpha3 = \"ITA\" }"}}),
      "map.toml:5: country IT lacks the key \"name\" | add name = \"...\""
  );
  EXPECT_EQ(
      mistake_with_map({{5, "IT = { name = \"Italy\" }"}}),
      "map.toml:5: country IT lacks the key \"alpha3\" | add alpha3 = \"...\""
  );
  EXPECT_EQ(
      mistake_with_map({{5, "IT = { alpha3 = \"ITA\", name = \"Italy\", alias = [\"Italia\"] }"}}),
      "map.toml:5: unknown key \"alias\" (did you mean aliases?) | the keys of country IT are alpha3, name, aliases"
  );
  EXPECT_EQ(
      mistake_with_map({{5, "IT = { alpha3 = \"ITA\", name = \"Italy\", aliases = \"Italia\" }"}}),
      "map.toml:5: \"aliases\" is a string; it must be an array of strings | write aliases = [\"...\"]"
  );
}

TEST(country_map, refuses_a_word_that_means_two_countries) {
  const std::string remedy = "each name, code and alias means one country and stands once";
  const auto with_italy = [](const std::string& entry) { return mistake_with_map({{5, entry}}); };
  EXPECT_EQ(
      with_italy("CA = { alpha3 = \"ITA\", name = \"Italy\" }"),
      "map.toml:5: \"CA\" means \"Canada\" already (line 3) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"CAN\", name = \"Italy\" }"),
      "map.toml:5: \"CAN\" means \"Canada\" already (line 3) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"ITA\", name = \"CANADA\" }"),
      "map.toml:5: \"CANADA\" means \"Canada\" already (line 3) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"ITA\", name = \"Italy\", aliases = [\"united states\"] }"),
      "map.toml:5: \"united states\" means \"USA\" already (line 2) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"ITA\", name = \"CÔTE D'IVOIRE\" }"),
      "map.toml:6: \"Côte d'Ivoire\" means \"CÔTE D'IVOIRE\" already (line 5) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"ITA\", name = \"Italy\", aliases = [\"Italia\", \"italy\"] }"),
      "map.toml:5: \"italy\" means \"Italy\" already (line 5) | " + remedy
  );
  EXPECT_EQ(
      with_italy("IT = { alpha3 = \"ITA\", name = \"Italy\" }\nIT = { alpha3 = \"ITA\", name = \"Italy\" }"),
      "map.toml:6: Error while parsing key-value pair: cannot redefine existing table 'IT' | "
      "the file is TOML 1.0: https://toml.io/en/v1.0.0"
  );
}

TEST(country_map, is_checked_before_a_topology_claims_from_it) {
  const auto map = parse_country_map("map.toml", small_map({{5, "IT = { alpha3 = \"CAN\", name = \"Italy\" }"}}));
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message, "map.toml:5: \"CAN\" means \"Canada\" already (line 3)");
}

TEST(country_map, lets_a_region_claim_countries) {
  const auto parsed = parse_small(small_topology({{12, "longitude = -122\ncountries = [\"ita\", \"ivory coast\"]"}}));
  EXPECT_EQ(
      mistake_of(parsed),
      "small.toml:15: region \"east\" has no countries | add a table [east] to map.toml, or countries = [\"...\"] to "
      "the "
      "region"
  );
  const auto one = parse_small(small_topology({{12, "longitude = -122\ncountries = [\"ita\"]"}}));
  ASSERT_EQ(mistake_of(one), "");
  EXPECT_EQ(region_of(*one, "Italy"), "west");
  EXPECT_EQ(region_of(*one, "CI"), "east");
}

TEST(country_map, refuses_overlapping_countries) {
  const std::string remedy = "a country rests in one region: take it out of one list";
  EXPECT_EQ(
      mistake_with(
          {{12, "longitude = -122\ncountries = [\"IT\"]"}, {19, "longitude = 0\ncountries = [\n\"CA\",\n\"Italy\"]"}}
      ),
      "small.toml:23: \"Italy\" is claimed by region west already (line 13) | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{12, "longitude = -122\ncountries = [\"IT\", \"Italy\"]"}}),
      "small.toml:13: \"Italy\" is claimed by region west already (line 13) | " + remedy
  );
}

TEST(country_map, refuses_a_claim_on_an_unknown_country) {
  EXPECT_EQ(
      mistake_with({{12, "longitude = -122\ncountries = [\"Itlay\"]"}}),
      "small.toml:13: unknown country \"Itlay\" (did you mean Italy?) | use a name, code or alias of map.toml"
  );
}

TEST(country_map, refuses_countries_in_a_region_that_the_topology_lacks) {
  EXPECT_EQ(
      mistake_with_map({{4, "[eats]"}}),
      "map.toml:4: small.toml has no region \"eats\" (did you mean east?) | move its countries to a region of the "
      "topology: "
      "west, east"
  );
  // All claimed, none is left homeless.
  EXPECT_EQ(
      mistake_of(parse_small(
          small_topology({{19, "longitude = 0\ncountries = [\"IT\", \"CI\"]"}}), small_map({{4, "[elsewhere]"}})
      )),
      ""
  );
}

TEST(country_map, is_refused_above_a_mebibyte) {
  const auto parsed = parse_small(small_topology(), small_map() + "#" + std::string(1 << 20, ' '));
  EXPECT_EQ(
      mistake_of(parsed), "map.toml is larger than 1 MiB | a topology is a few kilobytes: is this the right file?"
  );
}

class shipped_map : public testing::Test {
 protected:
  void SetUp() override {
    auto parsed = read_topology(config_directory / "local.toml");
    ASSERT_EQ(mistake_of(parsed), "");
    topology_ = *std::move(parsed);
  }

  topology topology_;
};

TEST_F(shipped_map, has_every_country_of_iso_3166_under_its_codes_and_names) {
  const std::filesystem::path path = "/usr/share/iso-codes/json/iso_3166-1.json";
  const auto text = read_file(path);
  ASSERT_TRUE(text) << path << " is missing: install the Debian package iso-codes";
  const auto document = boost::json::parse(*text);
  const auto& standard = document.at("3166-1").as_array();
  for (const auto& entry : standard) {
    const std::string code(entry.at("alpha_2").as_string());
    const auto* country = topology_.find_country(code);
    ASSERT_NE(country, nullptr) << code;
    EXPECT_EQ(country->alpha2, code);
    EXPECT_EQ(country->alpha3, entry.at("alpha_3").as_string());
    for (const auto* name : {"name", "common_name", "alpha_3"}) {
      if (const auto* word = entry.as_object().if_contains(name)) {
        EXPECT_EQ(topology_.find_country(word->as_string()), country) << word->as_string();
      }
    }
  }
  EXPECT_EQ(topology_.countries.size(), standard.size());
  EXPECT_EQ(topology_.countries.size(), 249);
}

TEST_F(shipped_map, names_the_sample_countries_as_the_sample_data_does) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"USA", "americas"},  {"Canada", "americas"}, {"Mexico", "americas"}, {"United Kingdom", "europe"},
      {"France", "europe"}, {"Germany", "europe"},  {"Spain", "europe"},    {"India", "asia"},
      {"China", "asia"},    {"Japan", "asia"},      {"Australia", "asia"},
  };
  for (const auto& [name, region] : expected) {
    const auto* country = topology_.find_country(name);
    ASSERT_NE(country, nullptr) << name;
    EXPECT_EQ(country->name, name);
    EXPECT_EQ(country->region, region);
  }
}

TEST_F(shipped_map, places_continents) {
  for (const auto* word : {"Brazil", "Argentina", "Cuba", "Greenland", "Panama", "Falkland Islands", "AQ"}) {
    EXPECT_EQ(region_of(topology_, word), "americas") << word;
  }
  for (const auto* word :
       {"Italy", "Nigeria", "South Africa", "Egypt", "Turkey", "Israel", "Iran", "Saudi Arabia", "Russia", "UAE",
        "Georgia", "Réunion", "CÔTE D'IVOIRE"}) {
    EXPECT_EQ(region_of(topology_, word), "europe") << word;
  }
  for (const auto* word :
       {"Kazakhstan", "Pakistan", "South Korea", "Viet Nam", "New Zealand", "French Polynesia", "Guam"}) {
    EXPECT_EQ(region_of(topology_, word), "asia") << word;
  }
}

TEST_F(shipped_map, is_sorted_by_code_in_each_region) {
  const auto text = read_file(config_directory / "countries.toml");
  ASSERT_TRUE(text);
  const auto map = parse_country_map("countries.toml", *text);
  ASSERT_TRUE(map);
  const auto in_order = [](const mapped_country& left, const mapped_country& right) {
    return left.value.region != right.value.region || left.value.alpha2 < right.value.alpha2;
  };
  EXPECT_EQ(std::ranges::adjacent_find(map->countries, std::not_fn(in_order)), map->countries.end());
}

}  // namespace
}  // namespace meridian::topology
