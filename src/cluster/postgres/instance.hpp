// One PostgreSQL server of the embedded engine: its data directory, its configuration, its process.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "cluster/postgres/installation.hpp"
#include "cluster/state.hpp"
#include "pg/connection.hpp"
#include "runtime/process.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster::postgres {

// Cheap to copy; the topology and the state must outlive it.
class instance {
 public:
  instance(installation programs, const state& kept, const topology::deployment& part, const topology::node& node);

  const topology::node& node() const { return *node_; }
  const topology::deployment& deployment() const { return *part_; }

  // Who listens on the node's address and port.
  enum class listener { nobody, this_node, somebody_else, no_answer };
  task<listener> probe() const;

  // Makes the data directory: a new cluster with its own system identifier, or a clone of the deployment's primary that
  // streams from it. It appears whole or not at all; nothing happens where it exists.
  task<void> initialise() const;
  task<void> clone() const;

  // Writes the configuration and starts the server, or lets one that runs read it anew. conflict when the port is
  // taken.
  task<void> start() const;
  // Ends every connection and stops the server; what was committed is on disk.
  task<void> stop() const;

  // Removes the data directory of a replica, which must have stopped; forbidden for a primary.
  result<void> discard() const;

  pg::endpoint endpoint(std::string_view role, std::string_view database, const std::string& password) const;
  // To the product's database.
  task<pg::connection> connect(std::string_view role, deadline until) const;
  task<pg::connection> connect(std::string_view role, std::string_view database, deadline until) const;

  // For libpq inside PostgreSQL: "host=... passfile=...", without a secret in it.
  std::string connection_string(std::string_view role) const;

  // The same for this node's replication: from whichever node of its deployment takes the writes.
  std::string upstream_string() const;

  bool is_initialised() const;

  // Whether it will start as a standby: it takes no writes until it is promoted.
  bool is_standby() const;

  std::filesystem::path data_directory() const { return state_->data_directory(*node_); }
  std::filesystem::path directory() const { return state_->node_directory(*node_); }
  std::filesystem::path program(std::string_view name) const { return programs_.programs / name; }

  // Makes it a standby from its next start on. What was written on it that its primary does not have must be gone.
  result<void> make_standby() const;

  // The server's process; 0 when it does not live.
  pid_t server_pid() const;

  // So that a server that was killed is not taken for one that lives.
  result<void> forget_dead_server() const;

  // Of the replication slot that the primary keeps for this node, and its name among the replicas that may be waited
  // for.
  std::string slot_name() const;

  // What initialise(), clone() and start() run and write.
  command initdb_command(const std::filesystem::path& data) const;
  command clone_command(const std::filesystem::path& data) const;
  command start_command() const;
  std::string configuration() const;       // postgresql.conf
  static std::string_view access_rules();  // pg_hba.conf

  // The line of postgresql.conf that minor releases from 15.20 on want of a node with logical replication, and older
  // ones don't know.
  static std::string_view output_plugins_setting();

 private:
  std::filesystem::path lock_file() const;
  std::string replication_settings() const;
  result<void> write_configuration(const std::filesystem::path& data) const;
  task<void> build(command how, std::filesystem::path unfinished) const;
  task<listener> probe_patiently(deadline until) const;
  task<void> reconfigure() const;
  error port_taken() const;

  installation programs_;
  const state* state_;
  const topology::deployment* part_;
  const topology::node* node_;
};

}  // namespace meridian::cluster::postgres
