#include "runtime/process.hpp"

#include <csignal>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace meridian {
namespace {

using namespace std::chrono_literals;

command shell(const std::string& script) {
  return {{"sh", "-c", script}, {}};
}

TEST(process, gives_its_streams_and_its_exit_code) {
  const auto outcome = run(run_process(shell("echo out; echo err >&2; exit 3"), deadline::in(10s)));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "out\n");
  EXPECT_EQ(outcome->errors, "err\n");
  EXPECT_EQ(outcome->exit_code, 3);
}

TEST(process, may_say_more_than_a_pipe_holds) {
  const auto outcome = run(run_process(shell("head -c 300000 /dev/zero"), deadline::in(10s)));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output.size(), 300000);
}

TEST(process, sees_the_environment_that_was_added) {
  command what = shell("echo $MERIDIAN_GREETING");
  what.environment["MERIDIAN_GREETING"] = "hello";
  EXPECT_EQ(*run(run_checked(what, deadline::in(10s))), "hello\n");
}

TEST(process, holds_nothing_of_ours_open) {
  const int ours = ::open("/dev/null", O_RDONLY);  // as a library opens it: without O_CLOEXEC
  const auto looked = run(run_process(shell(fmt::format("test -e /proc/$$/fd/{}", ours)), deadline::in(10s)));
  ::close(ours);
  EXPECT_EQ(looked->exit_code, 1);
}

TEST(process, is_killed_at_the_deadline) {
  const auto outcome = run(run_process(shell("sleep 60"), deadline::in(100ms)));
  EXPECT_EQ(outcome.error().code, errc::timed_out);
}

TEST(process, that_is_not_there_is_not_found) {
  const command nothing{{"meridian-no-such-program"}, {}};
  EXPECT_EQ(run(run_process(nothing, deadline::in(10s))).error().code, errc::not_found);
}

TEST(process, that_fails_is_an_error_with_what_it_said) {
  const auto outcome = run(run_checked(shell("echo no disk >&2; exit 1"), deadline::in(10s)));
  EXPECT_EQ(outcome.error().message, "sh failed with exit code 1: no disk");
}

TEST(process, that_ended_and_is_not_taken_note_of_is_a_zombie) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
  }
  EXPECT_FALSE(is_zombie(child));
  ::kill(child, SIGKILL);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  EXPECT_TRUE(is_zombie(child));
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(is_zombie(child));
}

}  // namespace
}  // namespace meridian
