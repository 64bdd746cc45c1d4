#include "cluster/bus_servers.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view program = "nats-server";
constexpr auto stop_time_max = 10s;

// A text of its configuration language.
std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
    }
    out += letter;
  }
  return out + '"';
}

std::string host_of(const topology::bus_place& place, std::uint16_t port) {
  const bool is_v6 = place.address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", place.address, port) : fmt::format("{}:{}", place.address, port);
}

std::string tls_of(const topology::bus_place& here, bool checks_clients) {
  if (!here.tls) {
    return "";
  }
  return fmt::format(
      "  tls {{ cert_file: {}, key_file: {}, ca_file: {}, verify: {}, timeout: 2 }}\n",
      quote(here.tls->certificate.string()), quote(here.tls->key.string()), quote(here.tls->authority.string()),
      checks_clients
  );
}

// Debian puts it where the search path of ordinary users does not lead.
result<fs::path> find_program() {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): read at start, before there are threads
  std::string places = fmt::format("{}:/usr/sbin:/usr/local/sbin:", path == nullptr ? "" : path);
  while (!places.empty()) {
    const auto end = places.find(':');
    const auto found = fs::path(places.substr(0, end)) / program;
    if (std::error_code ignored; found.is_absolute() && fs::is_regular_file(found, ignored)) {
      return found;
    }
    places.erase(0, end + 1);
  }
  return error{
      errc::not_found, "the bus between the regions takes nats-server, which is not on this machine",
      "Install it: apt-get install nats-server"
  };
}

bool is_answered(const topology::bus_place& place) {
  boost::asio::io_context loop(1);
  boost::asio::ip::tcp::socket socket(loop);
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(place.address, failed);
  if (!failed) {
    socket.connect({address, place.port}, failed);
  }
  return !failed;
}

fs::path files_of(const state& kept, const topology::bus_place& place) {
  return kept.root() / "bus" / place.region;
}

fs::path config_file_of(const state& kept, const topology::bus_place& place) {
  return files_of(kept, place).string() + ".conf";
}

}  // namespace

std::string bus_server_config(
    const topology::topology& world, const topology::bus_place& here, std::string_view password
) {
  const auto sign_in = fmt::format("user: {}, password: {}", quote(here.account), quote(password));
  std::string out = fmt::format(
      "# Written by `meridian up`, which writes it again.\n"
      "server_name: {}\nlisten: {}\nmax_payload: 1048576\nmax_pending: 33554432\nwrite_deadline: \"2s\"\n"
      "ping_interval: \"5s\"\nping_max: 2\n"
      "debug: false\ntrace: false\n"  // contents stay out of the log
      "accounts {{ {}: {{ users: [ {{ {} }} ] }} }}\n",
      quote(world.name + "-" + here.region), quote(host_of(here, here.port)), quote(here.account), sign_in
  );
  out += tls_of(here, false);
  out += fmt::format(
      "gateway {{\n  name: {}\n  listen: {}\n  reject_unknown: true\n  authorization {{ {}, timeout: 2 }}\n",
      quote(here.region), quote(host_of(here, here.gateway_port)), sign_in
  );
  out += tls_of(here, true);
  out += "  gateways: [\n";
  for (const auto& place : world.bus) {
    const auto url = fmt::format("nats://{}:{}@{}", here.account, password, host_of(place, place.gateway_port));
    out += fmt::format("    {{ name: {}, url: {} }}\n", quote(place.region), quote(url));
  }
  return out + "  ]\n}\n";
}

std::vector<companion> bus_servers_of(const topology::topology& world, const state& kept) {
  std::vector<companion> servers;
  for (const auto& place : world.bus) {
    servers.emplace_back("bus-" + place.region, files_of(kept, place), after_crash::start_again, stop_time_max);
  }
  return servers;
}

result<void> start_bus(const topology::topology& world, const state& kept) {
  if (world.bus.empty()) {
    return {};
  }
  MERIDIAN_TRY(const auto found, find_program());
  MERIDIAN_TRY(const auto password, kept.bus_password());
  MERIDIAN_CHECK(make_directory(kept.root() / "bus", 0700));
  const auto servers = bus_servers_of(world, kept);
  for (std::size_t index = 0; index < servers.size(); ++index) {
    const auto& place = world.bus[index];
    const auto config = config_file_of(kept, place);
    MERIDIAN_CHECK(write_file(config, bus_server_config(world, place, password), mode_private));
    MERIDIAN_CHECK(servers[index].start_program({found.string(), "-c", config.string()}, [&] {
      return is_answered(place);
    }));
  }
  return {};
}

task<void> stop_bus(const topology::topology& world, const state& kept) {
  const auto servers = bus_servers_of(world, kept);
  std::vector<task<void>> stops;
  for (const auto& one : servers) {
    stops.push_back(one.stop());
  }
  co_return co_await all(std::move(stops));
}

std::vector<bus_server_state> observe_bus(const topology::topology& world, const state& kept) {
  std::vector<bus_server_state> now;
  const auto servers = bus_servers_of(world, kept);
  for (std::size_t index = 0; index < servers.size(); ++index) {
    bus_server_state facts;
    facts.place = &world.bus[index];
    facts.name = servers[index].name();
    facts.is_running = servers[index].is_running();
    facts.is_answering = facts.is_running && is_answered(*facts.place);
    facts.pid = facts.is_running ? servers[index].pid() : 0;
    now.push_back(std::move(facts));
  }
  return now;
}

std::string url_of(const topology::bus_place& place) {
  return (place.tls ? "tls://" : "nats://") + host_of(place, place.port);
}

}  // namespace meridian::cluster
