// Every statement of this room fits the schema, and somebody runs it.
#include <fstream>
#include <regex>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "identity/queries.hpp"
#include "support/local_topology.hpp"

namespace meridian::identity {
namespace {

std::string with_region(std::string text, const std::string& region) {
  constexpr std::string_view mark = "${region}";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
    text.replace(at, mark.size(), region);
  }
  return text;
}

std::string sources_of_room() {
  std::string all;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(MERIDIAN_SOURCE_DIR) / "src/identity")) {
    all += entry.path().extension() == ".cpp" ? test::read_text(entry.path()) : "";
  }
  return all;
}

TEST(queries_pgtest, fit_the_schema_and_are_used) {
  test::local_topology world({"geo"});
  world.up({"--empty"});
  const auto sources = sources_of_room();
  for (const std::string region : {"americas", "europe", "asia"}) {
    auto node = world.connect("geo-" + region, "meridian_service");
    for (const auto* query : queries::all) {
      const auto statement =
          fmt::format("PREPARE {} AS {}", query->name, with_region(std::string(query->text), region));
      EXPECT_EQ(node.refusal(statement), "") << query->name;
      EXPECT_TRUE(std::regex_search(sources, std::regex(fmt::format("queries::{}\\b", query->name))))
          << query->name << " is used by nobody";
    }
  }
}

}  // namespace
}  // namespace meridian::identity
