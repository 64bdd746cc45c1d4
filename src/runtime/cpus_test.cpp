#include "runtime/cpus.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace meridian {
namespace {

TEST(cpus, a_thread_that_may_run_on_one_sees_one_and_starts_others_there) {
  const auto all = usable_cpus();
  ASSERT_FALSE(all.empty());
  std::vector<int> own;
  std::vector<int> started;
  std::thread([&] {
    ASSERT_TRUE(run_on({all.back()}));
    own = usable_cpus();
    std::thread([&] { started = usable_cpus(); }).join();
  }).join();
  EXPECT_EQ(own, std::vector<int>{all.back()});
  EXPECT_EQ(started, own);
  EXPECT_EQ(usable_cpus(), all);
}

TEST(cpus, none_is_refused) {
  const auto all = usable_cpus();
  const auto done = run_on({});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::unavailable);
  EXPECT_EQ(usable_cpus(), all);
}

}  // namespace
}  // namespace meridian
