#include "messaging/role.hpp"

#include <gtest/gtest.h>

namespace meridian::messaging {
namespace {

TEST(role, is_spelt_as_rows_have_it) {
  for (const auto rank : {role::guest, role::member, role::admin, role::owner}) {
    EXPECT_EQ(find_role(to_string(rank)), rank);
  }
  EXPECT_EQ(to_string(role::owner), "owner");
  EXPECT_EQ(find_role("Owner"), std::nullopt);
  EXPECT_EQ(find_role(""), std::nullopt);
}

}  // namespace
}  // namespace meridian::messaging
