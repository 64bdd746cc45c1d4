#include "lab/throwaway_topology.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "runtime/file.hpp"
#include "runtime/process.hpp"

namespace meridian::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto up_duration_max = 120s;
constexpr auto down_duration_max = 120s;
constexpr auto stop_duration_max = 10s;

error system_error(std::string_view doing) {
  return {errc::internal, fmt::format("can't {}: {}", doing, std::strerror(errno)), ""};
}

// A basic string of TOML.
std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    out += letter == '"' || letter == '\\' ? "\\" : "";
    out += letter;
  }
  return out + "\"";
}

// Listens for a moment, or only asks who does.
bool is_free(const std::string& address, std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
  const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  ::close(listener);
  return bound;
}

bool is_answered(const std::string& address, std::uint16_t port) {
  const int caller = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
  const bool connected = ::connect(caller, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  ::close(caller);
  return connected;
}

std::string last_lines_of(const fs::path& log) {
  constexpr std::size_t shown_bytes = 1500;
  const auto text = read_file(log);
  return !text ? "" : text->size() <= shown_bytes ? *text : "..." + text->substr(text->size() - shown_bytes);
}

// The nodes run as the account postgres when this is root, so others may enter, but not list.
result<fs::path> make_place() {
  const char* chosen = std::getenv("TMPDIR");
  auto pattern = (fs::path(chosen == nullptr ? "/var/tmp" : chosen) / "meridian-bench.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return system_error("make " + pattern);
  }
  std::error_code failed;
  fs::permissions(pattern, fs::perms(0711), failed);
  return fs::path(pattern);
}

}  // namespace

std::string topology_text(const topology::topology& like, const throwaway_shape& shape) {
  const auto& region = like.region_named(shape.region);
  topology::location place{"aws", "us-west-1", "us-west-1a"};
  for (const auto& part : like.deployments) {
    for (const auto& node : part.nodes) {
      if (node.region == shape.region) {
        place = node.place;
      }
    }
  }
  std::string text = fmt::format(
      "name = {}\nengine = \"postgres\"\nsql_port = {}\nhttp_port = {}\ncountry_map = \"countries.toml\"\n"
      "state_directory = {}\n\n",
      toml_text(shape.name), shape.sql_port, shape.http_port, toml_text(shape.state_directory.string())
  );
  text += fmt::format(
      "[[region]]\nname = {}\nnumber = {}\nlabel = {}\nlocation = {}\nlatitude = {:.4f}\nlongitude = {:.4f}\n\n",
      toml_text(region.name), region.number, toml_text(region.label), toml_text(to_string(place)), region.latitude,
      region.longitude
  );
  text += fmt::format(
      "[[deployment]]\nname = \"geo\"\nkind = \"geo_partitioned\"\nservices = [\"profile\", \"messaging\"]\n\n"
      "[[deployment.node]]\nname = \"geo-only\"\naddress = {}\nregion = {}\n",
      toml_text(shape.address), toml_text(region.name)
  );
  for (std::size_t index = 0; index < shape.reminder_ports.size(); ++index) {
    if (index == 0) {
      text += "\n[[deployment]]\nname = \"reminders\"\nkind = \"read_replicas\"\nservices = [\"reminders\"]\n";
    }
    text += fmt::format(
        "\n[[deployment.node]]\nname = \"reminders-{}\"\naddress = {}\nport = {}\nregion = {}\nrole = \"{}\"\n", index,
        toml_text(shape.reminder_address), shape.reminder_ports[index], toml_text(region.name),
        index == 0 ? "primary" : "replica"
    );
  }
  return text;
}

std::string country_map_text(const topology::topology& like, const std::string& region) {
  std::string text = fmt::format("[{}]\n", region);
  for (const auto& country : like.countries) {
    if (country.region != region) {
      continue;
    }
    std::vector<std::string> aliases;
    std::ranges::transform(country.aliases, std::back_inserter(aliases), toml_text);
    text += fmt::format(
        "{} = {{ alpha3 = {}, name = {}, aliases = [{}] }}\n", country.alpha2, toml_text(country.alpha3),
        toml_text(country.name), fmt::join(aliases, ", ")
    );
  }
  return text;
}

result<std::vector<std::uint16_t>> find_free_ports(const std::string& address, std::size_t count) {
  constexpr int first = 10'000;
  constexpr int range = 20'000;
  std::vector<std::uint16_t> found;
  for (int tried = 0; tried < range && found.size() < count; ++tried) {
    // Programs that look at the same time begin at different places.
    const auto port = static_cast<std::uint16_t>(first + (::getpid() * 37 + tried) % range);
    if (is_free(address, port)) {
      found.push_back(port);
    }
  }
  if (found.size() < count) {
    return error{errc::unavailable, "no free ports on " + address, ""};
  }
  return found;
}

result<void> serving_process::start(
    const std::vector<std::string>& arguments, const fs::path& log, const std::string& address, std::uint16_t port,
    std::chrono::seconds longest
) {
  stop();
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (output < 0) {
    return system_error("write " + log.string());
  }
  std::vector<char*> words;
  for (const auto& word : arguments) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);  // a Ctrl-C is for this program, which then ends the server
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    if (::getppid() == parent) {
      ::execv(words[0], words.data());
    }
    ::_exit(127);
  }
  ::close(output);
  if (pid_ < 0) {
    pid_ = 0;
    return system_error("start " + arguments.front());
  }
  const auto until = deadline::in(longest);
  while (!is_answered(address, port)) {
    if (!is_alive(pid_) || until.passed()) {
      stop();
      return error{errc::unavailable, "the server does not start: " + last_lines_of(log), ""};
    }
    MERIDIAN_CHECK(run(pause(20ms)));
  }
  return {};
}

void serving_process::stop() {
  if (pid_ == 0) {
    return;
  }
  ::kill(pid_, SIGTERM);
  const auto until = deadline::in(stop_duration_max);
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (until.passed()) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      break;
    }
    (void)run(pause(10ms));
  }
  pid_ = 0;
}

result<std::unique_ptr<throwaway_topology>> throwaway_topology::up(
    const topology::topology& like, const std::string& region, bool has_reminders
) {
  std::unique_ptr<throwaway_topology> made(new throwaway_topology());
  std::error_code failed;
  made->program_ = fs::read_symlink("/proc/self/exe", failed);
  MERIDIAN_TRY(made->directory_, make_place());
  auto& shape = made->shape_;
  MERIDIAN_TRY(const auto ports, find_free_ports(shape.address, has_reminders ? 5 : 3));
  shape.region = region;
  shape.sql_port = ports[0];
  shape.http_port = ports[1];
  shape.serve_port = ports[2];
  shape.reminder_ports.assign(ports.begin() + 3, ports.end());
  shape.name = fmt::format("bench-{}", shape.sql_port);
  shape.state_directory = made->directory_ / "state";
  const auto map = country_map_text(like, region);
  MERIDIAN_CHECK(write_file(made->directory_ / "countries.toml", map, mode_public));
  MERIDIAN_CHECK(write_file(made->directory_ / "topology.toml", topology_text(like, shape), mode_public));
  made->is_up_ = true;
  MERIDIAN_CHECK(made->run_command({"up", "--empty"}, up_duration_max));
  return made;
}

throwaway_topology::~throwaway_topology() {
  if (const auto ended = down(); !ended) {
    log::error("lab", "{} is still there: {}", directory_.string(), ended.error().message);
  }
}

result<std::string> throwaway_topology::run_command(std::vector<std::string> words, std::chrono::seconds longest)
    const {
  command what;
  what.arguments = {program_.string(), "--topology", (directory_ / "topology.toml").string()};
  what.arguments.insert(what.arguments.end(), words.begin(), words.end());
  what.environment = {{"MERIDIAN_STATE_DIR", shape_.state_directory.string()}};
  return run(run_checked(std::move(what), deadline::in(longest)));
}

result<void> throwaway_topology::serve(const std::vector<std::string>& options) {
  std::vector<std::string> words{
      program_.string(),
      "--topology",
      (directory_ / "topology.toml").string(),
      "serve",
      "--region",
      shape_.region,
      "--listen",
      shape_.address,
      "--port",
      std::to_string(shape_.serve_port)
  };
  words.insert(words.end(), options.begin(), options.end());
  return server_.start(words, directory_ / "serve.log", shape_.address, shape_.serve_port);
}

result<void> throwaway_topology::down() {
  server_.stop();
  if (std::exchange(is_up_, false)) {
    MERIDIAN_CHECK(run_command({"down", "--erase", "--yes"}, down_duration_max));
  }
  std::error_code failed;
  fs::remove_all(directory_, failed);
  if (failed) {
    return error{errc::internal, fmt::format("can't remove {}: {}", directory_.string(), failed.message()), ""};
  }
  return {};
}

result<pg::endpoint> throwaway_topology::endpoint(const std::string& role) const {
  MERIDIAN_TRY(auto password, read_file(shape_.state_directory / "secrets" / role));
  return pg::endpoint{shape_.address, shape_.sql_port, "meridian", role, std::move(password), "bench"};
}

result<pg::endpoint> throwaway_topology::reminders_endpoint(const std::string& role) const {
  MERIDIAN_TRY(auto made, endpoint(role));
  made.host = shape_.reminder_address;
  made.port = shape_.reminder_ports.at(0);
  return made;
}

pid_t throwaway_topology::postmaster() const {
  const auto text = read_file(shape_.state_directory / "nodes" / "geo-only" / "data" / "postmaster.pid");
  pid_t pid = 0;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), pid);
  }
  return pid;
}

}  // namespace meridian::lab
