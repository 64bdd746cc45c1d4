#include "pg/sqlstate.hpp"

#include <gtest/gtest.h>

namespace meridian::pg {
namespace {

TEST(sqlstate, of_one_code_goes_before_that_of_its_class) {
  EXPECT_EQ(errc_of_sqlstate("23505"), errc::conflict);
  EXPECT_EQ(errc_of_sqlstate("23514"), errc::invalid_argument);
  EXPECT_EQ(errc_of_sqlstate("25006"), errc::wrong_region);
}

TEST(sqlstate, that_asks_for_a_retry) {
  EXPECT_EQ(errc_of_sqlstate("40001"), errc::retry);
  EXPECT_EQ(errc_of_sqlstate("40P01"), errc::retry);
}

TEST(sqlstate, that_tells_of_a_schema_that_is_not_there) {
  for (const auto* code : {"3F000", "42P01", "42703", "42883"}) {
    EXPECT_EQ(errc_of_sqlstate(code), errc::unprepared) << code;
  }
  EXPECT_EQ(errc_of_sqlstate("42601"), errc::internal) << "a syntax error is a mistake of ours";
}

TEST(sqlstate, unknown_is_ours_to_mend) {
  EXPECT_EQ(errc_of_sqlstate("XX000"), errc::internal);
  EXPECT_EQ(errc_of_sqlstate(""), errc::internal);
}

}  // namespace
}  // namespace meridian::pg
