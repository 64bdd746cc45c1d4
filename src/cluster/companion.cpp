#include "cluster/companion.hpp"

#include <charconv>
#include <csignal>

#include <fmt/core.h>
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

result<void> record_pid(const std::filesystem::path& file) {
  return write_file(file, std::to_string(::getpid()), mode_private);
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
