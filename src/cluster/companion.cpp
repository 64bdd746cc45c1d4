#include "cluster/companion.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "cluster/keeper.hpp"
#include "runtime/deadline.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;

constexpr auto start_duration_max = 10s;

pid_t recorded_pid(const std::filesystem::path& file) {
  const auto text = read_file(file);
  pid_t pid = 0;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), pid);
  }
  return pid;
}

result<void> record_pid(const std::filesystem::path& file, pid_t whose = ::getpid()) {
  return write_file(file, std::to_string(whose), mode_private);
}

std::string last_line_of(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

bool companion::is_running() const {
  const auto lock = file_lock::acquire(with(".lock"));
  return !lock && lock.error().code == errc::conflict;
}

pid_t companion::pid() const {
  const auto pid = recorded_pid(with(".pid"));
  return is_alive(pid) ? pid : 0;
}

// The last event of its log, one line of JSON each, tells why it ended.
error companion::failure() const {
  const auto log = read_file(log_file());
  auto said = last_line_of(log ? *log : "");
  boost::system::error_code malformed;
  const auto event = boost::json::parse(said, malformed);
  if (!malformed && event.is_object() && event.as_object().contains("message")) {
    said = event.at("message").as_string();
  }
  const auto remedy = said.find("\n  ");  // as to_string puts it
  return {
      errc::unavailable, fmt::format("{} does not start: {}", name_, said.substr(0, remedy)),
      remedy == std::string::npos ? "Its log tells more: meridian logs " + name_ : said.substr(remedy + 3)
  };
}

result<void> companion::start(const body& work) const {
  if (is_running()) {
    return wait_until_it_answers(0);
  }
  MERIDIAN_CHECK(make_directory(files_.parent_path(), 0700));
  std::error_code ignored;
  std::filesystem::remove(with(".pid"), ignored);
  std::filesystem::remove(with(".keeper"), ignored);
  MERIDIAN_TRY(const auto started, start_detached(name_, log_file(), [&] { return live(work); }));
  return wait_until_it_answers(started);
}

result<void> companion::start_program(const std::vector<std::string>& arguments, const std::function<bool()>& answers)
    const {
  return start([&](const std::function<result<void>()>& /*ready*/) { return become(arguments, answers); });
}

// In the process itself. The program can't say that it answers, so that somebody else does who is no child of it: it
// would not take note of its end.
int companion::become(const std::vector<std::string>& arguments, const std::function<bool()>& answers) const {
  const pid_t program = ::getpid();
  const pid_t parent = ::fork();
  if (parent == 0) {
    if (::fork() == 0) {
      watch_until_it_answers(program, answers);
    }
    ::_exit(0);
  }
  ::waitpid(parent, nullptr, 0);
  std::vector<char*> words;
  for (const auto& one : arguments) {
    words.push_back(const_cast<char*>(one.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): as exec has it
  }
  words.push_back(nullptr);
  ::execv(words.front(), words.data());
  log::error("cluster", "can't run {}: {}", arguments.front(), std::strerror(errno));
  return 1;
}

void companion::watch_until_it_answers(pid_t program, const std::function<bool()>& answers) const {
  const auto until = deadline::in(start_duration_max);
  while (!until.passed() && is_alive(program)) {
    if (answers()) {
      static_cast<void>(record_pid(with(".pid"), program));
      return;
    }
    static_cast<void>(run(pause(20ms)));
  }
}

// `started` is 0 for one that ran before.
result<void> companion::wait_until_it_answers(pid_t started) const {
  const auto until = deadline::in(start_duration_max);
  while (pid() == 0) {
    const bool ended = started == 0 ? !is_running() : !is_alive(started);
    if (until.passed() || ended) {
      return failure();
    }
    MERIDIAN_CHECK(run(pause(20ms)));
  }
  return {};
}

// In the process itself.
int companion::live(const body& work) const {
  const auto lock = file_lock::acquire(with(".lock"));
  if (!lock) {
    log::error("cluster", "{}", to_string(lock.error()));
    return 1;
  }
  const auto ready = [this] { return record_pid(with(".pid")); };
  if (then_ == after_crash::stay_down) {
    return work(ready);
  }
  if (const auto recorded = record_pid(with(".keeper")); !recorded) {
    log::error("cluster", "{}", to_string(recorded.error()));
    return 1;
  }
  const auto answers = [this](pid_t worker) { return recorded_pid(with(".pid")) == worker; };
  return keep(name_, [&] { return work(ready); }, answers);
}

task<void> companion::stop() const {
  const auto until = deadline::in(stop_time_max_);
  // One that is only starting takes its lock before it tells its number.
  pid_t asked = 0;
  while (is_running()) {
    const auto keeper = recorded_pid(with(".keeper"));
    const auto whom = keeper > 0 ? keeper : recorded_pid(with(".pid"));
    if (whom > 0 && whom != asked) {
      ::kill(whom, SIGTERM);
      asked = whom;
    }
    if (until.passed()) {
      co_return error{
          errc::timed_out, fmt::format("{} (process {}) does not stop", name_, whom),
          fmt::format("End it, then try again: kill -KILL {}", whom)
      };
    }
    MERIDIAN_CO_CHECK(co_await pause(20ms));
  }
  co_return result<void>();
}

}  // namespace meridian::cluster
