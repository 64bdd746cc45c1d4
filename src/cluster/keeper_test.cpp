#include "cluster/keeper.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/deadline.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A keeper in a process of its own, whose child appends its number to a file and then does what the test says.
class keeper_test : public testing::Test {
 protected:
  keeper_test() : directory_(fs::temp_directory_path() / ("keeper." + std::to_string(::getpid()))) {
    fs::create_directory(directory_);
  }
  ~keeper_test() override { fs::remove_all(directory_); }

  void keep_in_a_process(const std::function<int()>& work) {
    keeper_ = ::fork();
    if (keeper_ == 0) {
      const auto note_and_work = [&] {
        std::ofstream(notes(), std::ios::app) << ::getpid() << "\n";
        return work();
      };
      ::_exit(keep("tested", note_and_work, [this](pid_t child) {
        return fs::exists(directory_ / "answers") && child > 0;
      }));
    }
  }

  void let_it_answer() const { std::ofstream(directory_ / "answers") << "yes"; }

  fs::path notes() const { return directory_ / "notes"; }

  // The children so far.
  std::vector<pid_t> children() const {
    std::ifstream in(notes());
    return {std::istream_iterator<pid_t>(in), {}};
  }

  std::vector<pid_t> wait_for_children(std::size_t count) const {
    const auto until = deadline::in(10s);
    while (children().size() < count && !until.passed()) {
      EXPECT_TRUE(run(pause(10ms)));
    }
    return children();
  }

  int exit_code() const {
    int status = 0;
    ::waitpid(keeper_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  pid_t keeper_ = 0;
  fs::path directory_;
};

int wait_for_a_signal() {
  ::pause();
  return 0;
}

TEST_F(keeper_test, starts_what_crashes_again_and_ends_with_what_it_is_told_to_end) {
  let_it_answer();
  keep_in_a_process(wait_for_a_signal);
  const auto first = wait_for_children(1).at(0);
  ::kill(first, SIGKILL);
  const auto second = wait_for_children(2).at(1);
  EXPECT_NE(first, second);
  ::kill(keeper_, SIGTERM);
  EXPECT_EQ(exit_code(), 128 + SIGTERM) << "the child's own";
  EXPECT_EQ(::kill(second, 0), -1);
  EXPECT_EQ(children().size(), 2U);
}

TEST_F(keeper_test, leaves_be_what_ends_by_itself) {
  let_it_answer();
  keep_in_a_process([] { return 0; });
  EXPECT_EQ(exit_code(), 0);
  EXPECT_EQ(children().size(), 1U);
}

TEST_F(keeper_test, gives_up_what_never_answered) {
  keep_in_a_process([] { return 7; });
  EXPECT_EQ(exit_code(), 7);
  EXPECT_EQ(children().size(), 1U);
}

TEST_F(keeper_test, takes_its_child_along_when_it_is_killed) {
  let_it_answer();
  keep_in_a_process(wait_for_a_signal);
  const auto child = wait_for_children(1).at(0);
  ::kill(keeper_, SIGKILL);
  EXPECT_EQ(exit_code(), 128 + SIGKILL);
  const auto until = deadline::in(10s);
  const auto is_there = [child] { return is_alive(child) && !is_zombie(child); };
  while (is_there() && !until.passed()) {
    EXPECT_TRUE(run(pause(10ms)));
  }
  EXPECT_FALSE(is_there());
}

}  // namespace
}  // namespace meridian::cluster
