#include "base/suggest.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace meridian {
namespace {

const std::vector<std::string> countries{"Italy", "India", "Indonesia", "United Kingdom"};

TEST(suggest, finds_the_nearest_word_whatever_its_case) {
  EXPECT_EQ(suggest("itlay", countries), "Italy");
  EXPECT_EQ(suggest("INDIA", countries), "India");
  EXPECT_EQ(suggest("Untied Kingdom", countries), "United Kingdom");
}

TEST(suggest, says_nothing_rather_than_something_far_off) {
  EXPECT_EQ(suggest("Atlantis", countries), std::nullopt);
  EXPECT_EQ(suggest("", countries), std::nullopt);
  EXPECT_EQ(did_you_mean("Atlantis", countries), "");
}

}  // namespace
}  // namespace meridian
