#include <cstdlib>

#include <gmock/gmock.h>

#include "cli/commands.hpp"

namespace meridian::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(apply_test, fails_and_says_what_to_do_where_there_is_no_yugabytedb) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  testing::internal::CaptureStderr();
  const int code = apply(MERIDIAN_SOURCE_DIR "/config/geo.yugabyte.toml", {});
  const auto said = testing::internal::GetCapturedStderr();
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(code, exit_failed);
  EXPECT_THAT(
      said,
      AllOf(
          HasSubstr("meridian: yugabyted is not on PATH"), HasSubstr("Install YugabyteDB"), HasSubstr("meridian plan")
      )
  );
}

TEST(apply_test, names_the_deployment_that_was_meant) {
  testing::internal::CaptureStderr();
  const int code = apply(MERIDIAN_SOURCE_DIR "/config/geo.yugabyte.toml", {.deployment = "stauts"});
  EXPECT_EQ(code, exit_failed);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), AllOf(HasSubstr("no deployment stauts"), HasSubstr("status")));
}

TEST(plan_test, prints_a_list_and_every_step) {
  testing::internal::CaptureStdout();
  const int code = plan(MERIDIAN_SOURCE_DIR "/config/geo.yugabyte.toml", {});
  const auto said = testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, exit_done);
  EXPECT_THAT(
      said,
      AllOf(
          HasSubstr("# Plan for the topology production on yugabyte: "), HasSubstr("# ===== deployment status ====="),
          HasSubstr("# 2. on yb-usw1a.example.com: Start geo-americas-a\n"), HasSubstr(" <<'SQL'\n")
      )
  );
}

}  // namespace
}  // namespace meridian::cli
