// The measuring commands do what they say, and find nothing lost. Their figures are not looked at, but for being there.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/child.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;

// Of `meridian bench` with these words. It makes a topology of its own, and erases it.
json::value measured(std::vector<std::string> words) {
  words.insert(words.begin(), {MERIDIAN_PROGRAM, "bench"});
  words.emplace_back("--json");
  launch what;
  what.arguments = words;
  what.environment = {{"MERIDIAN_TOPOLOGY", std::string(MERIDIAN_SOURCE_DIRECTORY) + "/config/local.toml"}};
  const auto ended = run_child(what);
  EXPECT_EQ(ended.exit_code, 0) << ended.said();
  boost::system::error_code malformed;
  auto told = json::parse(ended.output, malformed);
  EXPECT_FALSE(malformed) << ended.said();
  return told;
}

TEST(bench_systest, posts) {
  const auto told =
      measured({"send", "--clients", "4", "--duration", "1", "--rounds", "1", "--channels", "1,10", "--rows", "1000"});
  EXPECT_EQ(told.at("comparisons").as_array().size(), 2U);
}

TEST(bench_systest, posts_that_arrive_by_themselves) {
  measured({"send", "--clients", "4", "--duration", "1", "--rounds", "1", "--channels", "10", "--open-loop", "50"});
}

TEST(bench_systest, timelines) {
  const auto told = measured({"read", "--clients", "4", "--duration", "1", "--rounds", "1", "--channels", "5"});
  EXPECT_EQ(told.at("comparisons").as_array().size(), 3U);
}

TEST(bench_systest, reminders) {
  measured({"reminders", "--count", "300", "--rounds", "1"});
}

TEST(bench_systest, fan_out) {
  const auto told =
      measured({"fanout", "--without-peers", "--members", "20", "--duration", "1", "--rounds", "1", "--in-flight", "2"}
      );
  EXPECT_EQ(told.at("parts").as_array().size(), 1U);
}

TEST(bench_systest, idle_connections) {
  const auto told = measured({"idle", "--without-peers", "--connections", "50"});
  EXPECT_EQ(told.at("sides").as_array().size(), 2U);
}

}  // namespace
}  // namespace meridian::test
