// A local topology of a test's own, driven through the `meridian` program as a person would drive it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/child.hpp"
#include "support/session.hpp"
#include "support/shared_memory.hpp"

namespace meridian::test {

inline const std::vector<std::string> all_deployments{"geo", "reminders", "status"};

// The topology of config/local.toml with its own ports, name and state directory in a new temporary directory, and the
// given deployments only. Nothing runs until `up`. At its end everything is erased, and a process or a file that stays
// behind is a test failure. Works for root, whose nodes run as the account postgres, and for an ordinary user.
class local_topology {
 public:
  explicit local_topology(const std::vector<std::string>& deployments = all_deployments);
  local_topology(const local_topology&) = delete;
  local_topology& operator=(const local_topology&) = delete;
  ~local_topology();

  // `meridian --topology FILE up ...`; anything but success is a test failure.
  outcome up(const std::vector<std::string>& options = {}) const;
  // `meridian --topology FILE arguments...`
  outcome run(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment = {})
      const;
  launch command(const std::vector<std::string>& arguments) const;

  // What a person sees who types `meridian sql NODE -At -c STATEMENT`; anything but success is a test failure.
  std::string sql(const std::string& node, const std::string& statement) const;
  // The same, for a statement that is to be refused: what psql says on standard error; "" when it is not refused.
  std::string sql_refusal(const std::string& node, const std::string& statement) const;

  // A connection of its own to the product's database. Nodes are named as in config/local.toml: "geo-asia".
  session connect(const std::string& node, const std::string& role = "meridian_admin") const;
  pg::endpoint endpoint(const std::string& node, const std::string& role, const std::string& password) const;
  std::string password_of(const std::string& role) const;
  // Waits until the statement answers that; a test failure shows the last answer.
  void expect_soon(const std::string& node, const std::string& statement, std::string_view answer) const;

  // The node's server: its process, signals to it, and its programs started by hand, as the account it runs as.
  std::optional<pid_t> postmaster_of(const std::string& node) const;
  void kill_node(const std::string& node);    // SIGKILL to the server and its children; waits until they are gone
  void freeze_node(const std::string& node);  // SIGSTOP to all of them
  void thaw_node(const std::string& node);
  // SIGKILL to a command on this topology and to all that it started and that has not made itself independent.
  void kill_command(child& running);
  outcome pg_ctl(
      const std::string& node, const std::vector<std::string>& arguments,
      const std::map<std::string, std::string>& environment = {}
  ) const;

  // Changes the topology file; what stands there is to occur.
  void edit(std::string_view before, std::string_view after) const;

  // `meridian down --erase --yes`, and a look at what is left. The destructor does it too.
  void take_down();
  // The processes that have to do with this topology, one a line.
  std::string processes() const;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path file() const { return directory_ / "topology.toml"; }
  std::filesystem::path state_directory() const { return directory_ / "state"; }
  std::filesystem::path data_directory(const std::string& node) const;
  std::string address_of(const std::string& node) const;
  const std::vector<std::string>& nodes() const { return nodes_; }
  std::uint16_t sql_port() const { return sql_port_; }
  std::uint16_t http_port() const { return http_port_; }
  // Of the process that serves the region, on 127.0.0.1: only with the deployment geo.
  std::uint16_t serve_port(const std::string& region) const;
  // Of the region's server of the bus: only with the deployment geo.
  std::uint16_t bus_port() const { return bus_port_; }

 private:
  void signal_all(const std::string& node, int signal) const;

  std::filesystem::path directory_;
  std::vector<std::string> nodes_;
  std::vector<std::string> frozen_;
  shared_memory left_behind_;
  std::uint16_t sql_port_ = 0;
  std::uint16_t http_port_ = 0;
  std::vector<std::uint16_t> serve_ports_;
  std::uint16_t bus_port_ = 0;
  std::uint16_t gateway_port_ = 0;
  bool is_down_ = false;
};

// The directory that holds PostgreSQL's programs.
std::filesystem::path postgres_programs();

// Two free ports on every loopback address that a topology uses.
std::pair<std::uint16_t, std::uint16_t> free_ports();

// A process and all that descend from it.
std::vector<pid_t> family_of(pid_t ancestor);

// Both sides of "x|y|z" lines, for comparing answers whose order is open.
std::vector<std::string> sorted_lines(const std::string& text);

// "" for a file that is not there, or goes away: a process ends when it likes.
std::string read_text(const std::filesystem::path& path);

}  // namespace meridian::test
