#include "identity/failure_log.hpp"

#include <gtest/gtest.h>

namespace meridian::identity {
namespace {

using namespace std::chrono_literals;

const failure_log::clock::time_point start{1000h};

TEST(failure_log, locks_longer_at_each_failure_up_to_a_quarter_of_an_hour) {
  EXPECT_EQ(lock_duration(9, 10), 0s);
  EXPECT_EQ(lock_duration(10, 10), 60s);
  EXPECT_EQ(lock_duration(11, 10), 120s);
  EXPECT_EQ(lock_duration(13, 10), 480s);
  EXPECT_EQ(lock_duration(14, 10), 900s);
  EXPECT_EQ(lock_duration(1'000'000, 10), 900s);
}

TEST(failure_log, locks_an_address_after_so_many_failures) {
  failure_log log(3, 100);
  log.fail("ann", start);
  log.fail("ann", start);
  EXPECT_EQ(log.locked_for("ann", start), 0s);
  log.fail("ann", start);
  EXPECT_EQ(log.locked_for("ann", start), 60s);
  EXPECT_EQ(log.locked_for("ben", start), 0s);
  log.fail("ann", start + 30s);  // does not count
  EXPECT_EQ(log.locked_for("ann", start + 30s), 30s);
  EXPECT_EQ(log.locked_for("ann", start + 60s), 0s);
  log.fail("ann", start + 61s);
  EXPECT_EQ(log.locked_for("ann", start + 61s), 120s);
}

TEST(failure_log, forgets_who_gets_in_and_what_is_long_ago) {
  failure_log log(2, 100);
  log.forget("ann");
  log.fail("ann", start);
  log.forget("ann");
  log.fail("ann", start);
  EXPECT_EQ(log.locked_for("ann", start), 0s);
  log.fail("ann", start + 3h);
  EXPECT_EQ(log.locked_for("ann", start + 3h), 0s);
  log.fail("ann", start + 4h);
  EXPECT_EQ(log.locked_for("ann", start + 4h), 60s);
}

TEST(failure_log, remembers_so_many_addresses) {
  failure_log log(1, 2);
  for (const auto* address : {"ann", "ben", "cem"}) {
    log.fail(address, start);
  }
  EXPECT_EQ(log.locked_for("ann", start), 0s);
  EXPECT_EQ(log.locked_for("ben", start), 60s);
  EXPECT_EQ(log.locked_for("cem", start), 60s);
}

}  // namespace
}  // namespace meridian::identity
