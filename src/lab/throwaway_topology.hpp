// A topology of one region for a measurement: made, used, and erased.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "pg/connection.hpp"
#include "runtime/task.hpp"
#include "topology/topology.hpp"

namespace meridian::lab {

struct throwaway_shape {
  std::string name;
  std::string region;  // of `like`
  std::string address = "127.0.0.1";
  std::uint16_t sql_port = 0;
  std::uint16_t http_port = 0;
  std::uint16_t serve_port = 0;
  std::string reminder_address = "127.0.0.2";  // the first nodes of two deployments answer HTTP on the same port
  std::vector<std::uint16_t> reminder_ports;   // of a primary and its replicas; none: without reminders
  std::filesystem::path state_directory;
};

// The topology file of one node in that region of `like`, and the country map that it names, countries.toml: the
// region's own countries. (All of the world's are too much for the bounds of one partition.)
std::string topology_text(const topology::topology& like, const throwaway_shape& shape);
std::string country_map_text(const topology::topology& like, const std::string& region);

// Ports on that address that nobody uses now, below those that the kernel gives out by itself.
result<std::vector<std::uint16_t>> find_free_ports(const std::string& address, std::size_t count);

// A child of this process that goes on until it is told to end. It dies with this process.
class serving_process {
 public:
  serving_process() = default;
  serving_process(const serving_process&) = delete;
  serving_process& operator=(const serving_process&) = delete;
  ~serving_process() { stop(); }

  // What it says goes to `log`, anew. unavailable with the end of its log when nobody answers on the port in time.
  result<void> start(
      const std::vector<std::string>& arguments, const std::filesystem::path& log, const std::string& address,
      std::uint16_t port, std::chrono::seconds longest = std::chrono::seconds(15)
  );

  // SIGTERM, then SIGKILL after 10 s.
  void stop();

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

// Uses the program's own commands, as a person would: up, serve, down. The data are on a real disk (TMPDIR, or
// /var/tmp), since a measurement of durable writes in memory says nothing. Blocking; for a command, not for a lane.
class throwaway_topology {
 public:
  // unavailable with what `up` said.
  static result<std::unique_ptr<throwaway_topology>> up(
      const topology::topology& like, const std::string& region, bool has_reminders = false
  );
  throwaway_topology(const throwaway_topology&) = delete;
  throwaway_topology& operator=(const throwaway_topology&) = delete;
  // Erases everything, as down() does.
  ~throwaway_topology();

  // Starts `meridian serve` with these options more; ends the one before.
  result<void> serve(const std::vector<std::string>& options);
  const serving_process& server() const { return server_; }

  // Ends the processes and erases all files.
  result<void> down();

  const throwaway_shape& shape() const { return shape_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path password_file() const { return shape_.state_directory / "secrets" / "pgpass"; }
  result<pg::endpoint> endpoint(const std::string& role) const;
  result<pg::endpoint> reminders_endpoint(const std::string& role) const;  // of their primary

  // The node's first process.
  pid_t postmaster() const;

 private:
  throwaway_topology() = default;
  result<std::string> run_command(std::vector<std::string> words, std::chrono::seconds longest) const;

  std::filesystem::path program_;
  std::filesystem::path directory_;
  throwaway_shape shape_;
  serving_process server_;
  bool is_up_ = false;
};

}  // namespace meridian::lab
