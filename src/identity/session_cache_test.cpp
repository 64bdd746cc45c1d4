#include "identity/session_cache.hpp"

#include <gtest/gtest.h>

#include "identity/token.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

using namespace std::chrono_literals;

const session_cache::clock::time_point start{1000h};
const topology::region asia{.name = "asia", .number = 3, .label = "Asia"};
const topology::region europe{.name = "europe", .number = 2, .label = "Europe"};

principal person(const std::string& hash, const topology::region& home) {
  principal who;
  who.profile_id = 7;
  who.home = &home;
  who.session_number = session_number_of(hash);
  return who;
}

TEST(session_cache, trusts_a_confirmation_for_its_time) {
  session_cache cache(10, 4500ms);
  const auto hash = sha256("one");
  EXPECT_EQ(cache.find(hash, start), nullptr);
  cache.keep(hash, person(hash, asia), start);
  ASSERT_NE(cache.find(hash, start + 4499ms), nullptr);
  EXPECT_EQ(cache.find(hash, start)->profile_id, 7);
  EXPECT_EQ(cache.find(hash, start + 4500ms), nullptr);
  cache.confirm(hash, start + 2s);
  EXPECT_NE(cache.find(hash, start + 6499ms), nullptr);
  cache.confirm(hash, start + 1s);  // an older answer that came later
  EXPECT_NE(cache.find(hash, start + 6499ms), nullptr);
  EXPECT_EQ(cache.find(hash, start + 6500ms), nullptr);
}

TEST(session_cache, another_hash_with_the_same_start_is_another_session) {
  session_cache cache(10, 4500ms);
  const auto hash = sha256("one");
  cache.keep(hash, person(hash, asia), start);
  EXPECT_EQ(cache.find(hash.substr(0, 31) + "x", start), nullptr);
}

TEST(session_cache, forgets) {
  session_cache cache(10, 4500ms);
  const auto hash = sha256("one");
  cache.keep(hash, person(hash, asia), start);
  cache.forget(session_number_of(hash));
  EXPECT_EQ(cache.find(hash, start), nullptr);
  cache.confirm(hash, start);  // does not bring it back
  EXPECT_EQ(cache.find(hash, start), nullptr);
  cache.forget(1);
}

TEST(session_cache, is_bounded_and_the_least_used_goes) {
  session_cache cache(2, 4500ms);
  const auto one = sha256("one");
  const auto two = sha256("two");
  const auto three = sha256("three");
  cache.keep(one, person(one, asia), start);
  cache.keep(two, person(two, asia), start);
  EXPECT_NE(cache.find(one, start), nullptr);
  cache.keep(three, person(three, asia), start);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_NE(cache.find(one, start), nullptr);
  EXPECT_EQ(cache.find(two, start), nullptr);
}

TEST(session_cache, tells_what_was_used_since_the_last_time_by_region) {
  session_cache cache(10, 4500ms);
  const auto one = sha256("one");
  const auto two = sha256("two");
  const auto three = sha256("three");
  cache.keep(one, person(one, asia), start);
  cache.keep(two, person(two, europe), start);
  cache.keep(three, person(three, asia), start);
  auto used = cache.take_used();
  EXPECT_EQ(used[&asia].size(), 2U);
  EXPECT_EQ(used[&europe], std::vector{two});
  EXPECT_TRUE(cache.take_used().empty());
  EXPECT_NE(cache.find(one, start), nullptr);
  used = cache.take_used();
  EXPECT_EQ(used.size(), 1U);
  EXPECT_EQ(used[&asia], std::vector{one});
}

}  // namespace
}  // namespace meridian::identity
