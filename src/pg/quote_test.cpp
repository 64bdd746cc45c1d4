#include "pg/quote.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace meridian::pg {
namespace {

TEST(quote, doubles_its_own_quotes_only) {
  EXPECT_EQ(literal("Côte d'Ivoire \"x\" \\"), "'Côte d''Ivoire \"x\" \\'");
  EXPECT_EQ(identifier("a\"b'c"), "\"a\"\"b'c\"");
}

TEST(quote, lists_literals) {
  const std::vector<std::string> names{"USA", "Côte d'Ivoire"};
  EXPECT_EQ(literals(names), "'USA', 'Côte d''Ivoire'");
}

TEST(quote, escapes_connection_options_with_backslashes) {
  EXPECT_EQ(connection_option("password", "a'b\\c"), " password='a\\'b\\\\c'");
}

}  // namespace
}  // namespace meridian::pg
