#include "support/local_topology.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/file.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view node_addresses[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4",
                                               "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8"};
constexpr std::string_view node_names[] = {"geo-americas",       "geo-europe",       "geo-asia",
                                           "reminders-americas", "reminders-europe", "reminders-asia",
                                           "status-americas",    "status-europe"};

constexpr std::string_view served_regions[] = {"americas", "europe", "asia"};

bool is_free(std::uint16_t port) {
  return std::ranges::all_of(node_addresses, [port](std::string_view address) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a connection in TIME_WAIT is no listener
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, std::string(address).c_str(), &where.sin_addr);
    const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(listener);
    return bound;
  });
}

struct chosen_ports {
  std::uint16_t sql;
  std::uint16_t http;
  std::vector<std::uint16_t> serve;  // in the order of the file
  std::uint16_t bus;
  std::uint16_t gateway;
};

// config/local.toml with other ports, another name and some of its deployments; [[serve]] and [[bus]] go with the
// first.
std::string adapted(
    const std::string& text, const std::vector<std::string>& deployments, std::string_view name,
    const chosen_ports& ports
) {
  std::string out;
  std::istringstream lines(text);
  const bool serves = std::ranges::find(deployments, "geo") != deployments.end();
  bool wanted = true;
  std::string pending;
  std::size_t served = 0;
  bool is_bus = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "[[deployment]]") {
      pending = line + "\n";
      continue;
    }
    if (line == "[[serve]]" || line == "[[bus]]") {
      wanted = serves;
      is_bus = line == "[[bus]]";
    }
    if (!pending.empty()) {  // the first key of a deployment is its name
      wanted = std::ranges::any_of(deployments, [&](const auto& one) { return line == "name = \"" + one + "\""; });
      line.insert(0, std::exchange(pending, ""));
    }
    if (line.starts_with("name = \"local\"")) {
      line = fmt::format("name = \"{}\"\nstate_directory = \"state\"", name);
    } else if (line.starts_with("sql_port =")) {
      line = fmt::format("sql_port = {}", ports.sql);
    } else if (line.starts_with("http_port =")) {
      line = fmt::format("http_port = {}", ports.http);
    } else if (line.starts_with("gateway_port =")) {
      line = fmt::format("gateway_port = {}", ports.gateway);
    } else if (line.starts_with("port =") && is_bus) {
      line = fmt::format("port = {}", ports.bus);
    } else if (line.starts_with("port =")) {
      line = fmt::format("port = {}", ports.serve.at(served++));
    } else if (line.starts_with("country_map =")) {
      line = fmt::format("country_map = \"{}/config/countries.toml\"", MERIDIAN_SOURCE_DIRECTORY);
    }
    out += wanted ? line + "\n" : "";
  }
  return out;
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::trunc);
  out << text;
  out.close();
  ASSERT_TRUE(out.good()) << path;
}

// TMPDIR where it is set. Else memory where there is plenty: eight nodes write half a gigabyte, and tests that wait for
// a disk are slow.
fs::path place_for_tests() {
  constexpr std::uintmax_t plenty = std::uintmax_t{3} << 30;
  const fs::path memory = "/dev/shm";
  std::error_code missing;
  const auto room = fs::space(memory, missing);
  const bool is_chosen = std::getenv("TMPDIR") != nullptr;
  return !is_chosen && !missing && room.available >= plenty ? memory : fs::temp_directory_path();
}

// Reachable for the account postgres too: as root, the nodes run as it.
fs::path make_directory() {
  auto pattern = (place_for_tests() / "meridian-test.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp");
  }
  fs::permissions(pattern, fs::perms(0755));
  return pattern;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (std::ranges::all_of(name, [](char letter) { return letter >= '0' && letter <= '9'; })) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

// 0 for a process that is gone.
pid_t parent_of(pid_t process) {
  const auto stat = read_text(fmt::format("/proc/{}/stat", process));
  std::istringstream rest(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));  // a name may hold spaces
  char state = 0;
  pid_t parent = 0;
  rest >> state >> parent;
  return state == 'Z' ? 0 : parent;
}

}  // namespace

std::pair<std::uint16_t, std::uint16_t> free_ports() {
  // Below the range that the kernel gives out by itself. Concurrent test programs begin at different places.
  constexpr int first = 10000;
  constexpr int count = 10000;
  static int next = ::getpid() * 20;
  for (int tried = 0; tried < count; ++tried, next += 2) {
    const auto port = static_cast<std::uint16_t>(first + next % count * 2);
    if (is_free(port) && is_free(port + 1)) {
      next += 2;
      return {port, static_cast<std::uint16_t>(port + 1)};
    }
  }
  throw std::runtime_error("no free ports");
}

fs::path postgres_programs() {
  const char* chosen = std::getenv("MERIDIAN_POSTGRES_BIN");
  return chosen == nullptr ? "/usr/lib/postgresql/15/bin" : chosen;
}

std::string read_text(const fs::path& path) {
  const auto text = read_file(path);
  return text ? *text : "";
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<pid_t> family_of(pid_t ancestor) {
  std::map<pid_t, pid_t> parents;
  for (const auto process : all_processes()) {
    parents[process] = parent_of(process);
  }
  std::vector<pid_t> family{ancestor};
  for (std::size_t next = 0; next < family.size(); ++next) {
    for (const auto& [process, parent] : parents) {
      if (parent == family[next]) {
        family.push_back(process);
      }
    }
  }
  return family;
}

local_topology::local_topology(const std::vector<std::string>& deployments) : directory_(make_directory()) {
  std::tie(sql_port_, http_port_) = free_ports();
  std::tie(bus_port_, gateway_port_) = free_ports();
  while (serve_ports_.size() < std::size(served_regions)) {
    serve_ports_.push_back(free_ports().first);
  }
  for (const auto name : node_names) {
    if (std::ranges::find(deployments, name.substr(0, name.find('-'))) != deployments.end()) {
      nodes_.emplace_back(name);
    }
  }
  const auto shape = read_text(fs::path(MERIDIAN_SOURCE_DIRECTORY) / "config" / "local.toml");
  const chosen_ports ports{sql_port_, http_port_, serve_ports_, bus_port_, gateway_port_};
  write_text(file(), adapted(shape, deployments, fmt::format("test-{}", sql_port_), ports));
}

local_topology::~local_topology() {
  take_down();
}

launch local_topology::command(const std::vector<std::string>& arguments) const {
  launch what;
  what.arguments = {MERIDIAN_PROGRAM, "--topology", file().string()};
  what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
  what.environment = {{"MERIDIAN_STATE_DIR", ""}, {"PGPASSWORD", ""}, {"PGOPTIONS", ""}};
  return what;
}

outcome local_topology::run(
    const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment
) const {
  auto what = command(arguments);
  for (const auto& [name, value] : environment) {
    what.environment[name] = value;
  }
  return run_child(what);
}

outcome local_topology::up(const std::vector<std::string>& options) const {
  std::vector<std::string> words{"up"};
  words.insert(words.end(), options.begin(), options.end());
  auto ended = run(words);
  EXPECT_EQ(ended.exit_code, 0) << ended.said();
  return ended;
}

std::string local_topology::sql(const std::string& node, const std::string& statement) const {
  auto ended = run({"sql", node, "-At", "-c", statement});
  EXPECT_EQ(ended.exit_code, 0) << "on " << node << ": " << statement << "\n" << ended.said();
  if (ended.output.ends_with('\n')) {
    ended.output.pop_back();
  }
  return ended.output;
}

std::string local_topology::sql_refusal(const std::string& node, const std::string& statement) const {
  const auto ended = run({"sql", node, "-At", "-c", statement});
  return ended.exit_code == 0 ? "" : ended.errors;
}

std::string local_topology::address_of(const std::string& node) const {
  const auto found = std::ranges::find(node_names, node);
  if (found == std::end(node_names)) {
    throw std::invalid_argument("no node " + node);
  }
  return std::string(node_addresses[found - std::begin(node_names)]);
}

std::uint16_t local_topology::serve_port(const std::string& region) const {
  const auto found = std::ranges::find(served_regions, region);
  if (found == std::end(served_regions)) {
    throw std::invalid_argument("no region " + region);
  }
  return serve_ports_[static_cast<std::size_t>(found - std::begin(served_regions))];
}

fs::path local_topology::data_directory(const std::string& node) const {
  return state_directory() / "nodes" / node / "data";
}

std::string local_topology::password_of(const std::string& role) const {
  return read_text(state_directory() / "secrets" / role);
}

pg::endpoint local_topology::endpoint(const std::string& node, const std::string& role, const std::string& password)
    const {
  return {address_of(node), sql_port_, "meridian", role, password, "test"};
}

session local_topology::connect(const std::string& node, const std::string& role) const {
  auto opened = session::open(endpoint(node, role, password_of(role)));
  if (!opened) {
    throw std::runtime_error(node + ": " + opened.error().message);
  }
  return std::move(*opened);
}

void local_topology::expect_soon(const std::string& node, const std::string& statement, std::string_view answer) const {
  auto here = connect(node);
  std::string last;
  const bool came = wait_until([&] {
    const auto found = here.query(statement);
    last = found ? text_of(*found) : to_string(found.error());
    return last == answer;
  });
  EXPECT_TRUE(came) << node << ": " << statement << "\n  answers: " << last << "\n  and not: " << answer;
}

std::optional<pid_t> local_topology::postmaster_of(const std::string& node) const {
  const auto text = read_text(data_directory(node) / "postmaster.pid");
  const pid_t pid = text.empty() ? 0 : std::stoi(text);
  // The file stays behind after a kill, and the number may be another process's by now.
  std::error_code gone;
  const auto place = fs::read_symlink(fmt::format("/proc/{}/cwd", pid), gone);
  return pid > 0 && !gone && place == fs::canonical(data_directory(node)) ? std::optional(pid) : std::nullopt;
}

void local_topology::signal_all(const std::string& node, int signal) const {
  const auto postmaster = postmaster_of(node);
  ASSERT_TRUE(postmaster) << node << " does not run";
  for (const auto process : family_of(*postmaster)) {  // the postmaster first: it starts no more
    ::kill(process, signal);
  }
}

void local_topology::kill_node(const std::string& node) {
  const auto postmaster = postmaster_of(node);
  ASSERT_TRUE(postmaster) << node << " does not run";
  const auto family = family_of(*postmaster);
  left_behind_.remember(family);
  signal_all(node, SIGKILL);
  std::erase(frozen_, node);
  EXPECT_TRUE(wait_until([&] {
    return std::ranges::all_of(family, [](pid_t process) { return parent_of(process) == 0; });
  })) << node;
}

void local_topology::kill_command(child& running) {
  if (running.is_running()) {
    ::kill(-running.pid(), SIGSTOP);  // so that nothing new begins between the look and the kill
    left_behind_.remember(family_of(running.pid()));
    running.kill_group();
  }
  running.wait();
}

void local_topology::freeze_node(const std::string& node) {
  frozen_.push_back(node);
  signal_all(node, SIGSTOP);
}

void local_topology::thaw_node(const std::string& node) {
  signal_all(node, SIGCONT);
  std::erase(frozen_, node);
}

outcome local_topology::pg_ctl(
    const std::string& node, const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment
) const {
  launch what;
  what.arguments = {postgres_programs() / "pg_ctl", "-D", data_directory(node).string()};
  what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
  what.environment = environment;
  what.as_node_account = true;
  return run_child(what);
}

void local_topology::edit(std::string_view before, std::string_view after) const {
  auto text = read_text(file());
  const auto found = text.find(before);
  ASSERT_NE(found, std::string::npos) << before;
  write_text(file(), text.replace(found, before.size(), after));
}

std::string local_topology::processes() const {
  std::string found;
  const auto mine = fs::canonical(directory_).string();
  for (const auto process : all_processes()) {
    auto words = read_text(fmt::format("/proc/{}/cmdline", process));
    std::ranges::replace(words, '\0', ' ');
    std::error_code gone;
    const auto place = fs::read_symlink(fmt::format("/proc/{}/cwd", process), gone).string();
    if (parent_of(process) != 0 && (words.find(mine) != std::string::npos || place.starts_with(mine))) {
      found += fmt::format("{} {} in {}\n", process, words, place);
    }
  }
  return found;
}

void local_topology::take_down() {
  if (std::exchange(is_down_, true)) {
    return;
  }
  for (const auto& node : std::exchange(frozen_, {})) {
    signal_all(node, SIGCONT);
  }
  const auto ended = run({"down", "--erase", "--yes"});
  EXPECT_EQ(ended.exit_code, 0) << ended.said();
  EXPECT_TRUE(wait_until([this] { return processes().empty(); }, 5s)) << processes();
  left_behind_.remove();
  std::error_code failed;
  // Root's own directory can't be removed by the account that the nodes ran as: it is left empty.
  EXPECT_TRUE(!fs::exists(state_directory()) || fs::is_empty(state_directory(), failed)) << state_directory();
  fs::remove_all(directory_, failed);
  EXPECT_FALSE(failed) << directory_ << ": " << failed.message();
}

}  // namespace meridian::test
