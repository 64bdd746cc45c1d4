#include "console/lab_token.hpp"

#include <gtest/gtest.h>

namespace meridian::console {
namespace {

using namespace std::chrono_literals;

constexpr timestamp noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 12h;
constexpr auto key = "a key of the tests";

TEST(lab_token, is_read_back_until_it_is_over) {
  const auto token = make_lab_token({7, noon + 1h}, key);
  const auto permit = read_lab_token(token, key, noon);
  ASSERT_TRUE(permit);
  EXPECT_EQ(permit->profile_id, 7);
  EXPECT_EQ(permit->expires_at, noon + 1h);
  EXPECT_TRUE(read_lab_token(token, key, noon + 59min));
  EXPECT_FALSE(read_lab_token(token, key, noon + 1h));
}

TEST(lab_token, is_not_forged) {
  const auto token = make_lab_token({7, noon + 1h}, key);
  EXPECT_FALSE(read_lab_token(token, "another key", noon));
  for (std::size_t at = 0; at < token.size(); ++at) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_lab_token(changed, key, noon)) << at;
    EXPECT_FALSE(read_lab_token(token.substr(0, at), key, noon)) << at;
  }
  auto later = token;
  later.insert(later.find('.') + 1, "9");
  EXPECT_FALSE(read_lab_token(later, key, noon));
  EXPECT_FALSE(read_lab_token("", key, noon));
  EXPECT_FALSE(read_lab_token("..", key, noon));
  EXPECT_FALSE(read_lab_token(std::string(100'000, '.'), key, noon));
}

}  // namespace
}  // namespace meridian::console
