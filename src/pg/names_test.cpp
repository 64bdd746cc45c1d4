#include "pg/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::pg {
namespace {

using namespace std::chrono_literals;

TEST(names, an_address_is_its_own) {
  EXPECT_EQ(run(addresses_of("127.0.0.3", deadline::in(0s))).value(), "127.0.0.3");
  EXPECT_EQ(run(addresses_of("::1", deadline::in(0s))).value(), "::1");
}

TEST(names, are_looked_up_once_and_remembered) {
  EXPECT_THAT(run(addresses_of("localhost", deadline::in(10s))).value(), testing::HasSubstr("127.0.0.1"));
  EXPECT_TRUE(run(addresses_of("localhost", deadline::in(0s)))) << "no time to look it up again";
}

TEST(names, that_nobody_has_are_told) {
  const auto found = run(addresses_of("no name at all", deadline::in(10s)));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::unavailable);
  EXPECT_THAT(found.error().message, testing::HasSubstr("no name at all"));
}

}  // namespace
}  // namespace meridian::pg
