#include "base/error.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "base/result.hpp"

namespace meridian {
namespace {

result<int> half(int number) {
  if (number % 2 != 0) {
    return error{errc::invalid_argument, "odd", "give an even number"};
  }
  return number / 2;
}

result<int> quarter(int number) {
  MERIDIAN_TRY(const int first, half(number));
  MERIDIAN_CHECK(half(first));
  return half(first);
}

TEST(result, passes_the_first_failure_on) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(7).error().code, errc::invalid_argument);
}

TEST(result, throws_when_a_failure_is_read_as_a_value) {
  EXPECT_THROW(half(1).value(), std::logic_error);
}

TEST(error, prints_the_remedy_on_its_own_line) {
  EXPECT_EQ(to_string(half(1).error()), "odd\n  give an even number");
  EXPECT_EQ(to_string(error{errc::internal, "alone", ""}), "alone");
}

}  // namespace
}  // namespace meridian
