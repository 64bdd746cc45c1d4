#include "cluster/agent_process.hpp"

#include <charconv>
#include <csignal>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cluster/agent.hpp"
#include "runtime/deadline.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;

constexpr auto start_duration_max = 10s;
constexpr auto stop_duration_max = 10s;

// The agent writes it when it listens, and holds agent.lock as long as it lives.
pid_t recorded_pid(const state& kept) {
  const auto text = read_file(kept.root() / "agent.pid");
  pid_t pid = 0;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), pid);
  }
  return pid;
}

std::string last_line_of(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text.substr(text.rfind('\n') + 1);
}

// The last event of the agent's log, one line of JSON each, tells why it ended.
error failure_of(const state& kept) {
  const auto log = read_file(kept.root() / "agent.log");
  auto said = last_line_of(log ? *log : "");
  boost::system::error_code malformed;
  const auto event = boost::json::parse(said, malformed);
  if (!malformed && event.is_object() && event.as_object().contains("message")) {
    said = event.at("message").as_string();
  }
  const auto remedy = said.find("\n  ");  // as to_string puts it
  return {
      errc::unavailable, "the agent does not start: " + said.substr(0, remedy),
      remedy == std::string::npos ? "Its log tells more: meridian logs agent" : said.substr(remedy + 3)
  };
}

}  // namespace

bool is_agent_running(const state& kept) {
  const auto lock = file_lock::acquire(kept.root() / "agent.lock");
  return !lock && lock.error().code == errc::conflict;
}

result<void> start_agent(const topology::topology& world, const state& kept, postgres::postgres_engine& engine) {
  const auto until = deadline::in(start_duration_max);
  if (is_agent_running(kept)) {
    return {};
  }
  std::error_code ignored;
  std::filesystem::remove(kept.root() / "agent.pid", ignored);
  const auto log = kept.root() / "agent.log";
  const auto body = [&] { return run_agent(world, kept, engine); };
  MERIDIAN_TRY(const auto pid, start_detached("meridian-agent", log, body));
  while (recorded_pid(kept) != pid) {
    if (until.passed() || !is_alive(pid)) {
      return failure_of(kept);
    }
    MERIDIAN_CHECK(run(pause(20ms)));
  }
  return {};
}

task<void> stop_agent(const state& kept) {
  const auto until = deadline::in(stop_duration_max);
  // One that is only starting takes its lock before it tells its number.
  pid_t asked = 0;
  while (is_agent_running(kept)) {
    const auto pid = recorded_pid(kept);
    if (pid > 0 && pid != asked) {
      ::kill(pid, SIGTERM);
      asked = pid;
    }
    if (until.passed()) {
      co_return error{
          errc::timed_out, fmt::format("the agent (process {}) does not stop", pid),
          fmt::format("End it, then try again: kill -KILL {}", pid)
      };
    }
    MERIDIAN_CO_CHECK(co_await pause(20ms));
  }
  co_return result<void>();
}

}  // namespace meridian::cluster
