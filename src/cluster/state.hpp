// What the embedded engine keeps on this machine for one topology: data directories, logs, secrets.
//
//   ROOT/topology                 the name of the topology that it belongs to
//   ROOT/lock                     held while a command changes something
//   ROOT/secrets/ROLE             generated passwords, 0600 each; pgpass for libpq's own use
//   ROOT/secrets/digest.key       what e-mail digests are keyed with
//   ROOT/secrets/bus.password     what processes and servers of the bus sign in with
//   ROOT/secrets/sample.password  what the sample people sign in with
//   ROOT/secrets/audit.key        signs residency reports; audit.pub verifies them
//   ROOT/universes/NAME           the id of a cluster
//   ROOT/primaries/DEPLOYMENT     the node that a failover has made the primary
//   ROOT/restores/DEPLOYMENT      how long the last outage took, as who ended it measured it
//   ROOT/nodes/NODE/data          a node's PostgreSQL data directory
//   ROOT/nodes/NODE/postgres.log
//   ROOT/agent.pid, agent.log     the process that answers /cluster-config and watches replication
//   ROOT/serve/REGION.pid, .log   the processes that serve
//   ROOT/bus/REGION.conf, .log    the servers of the bus; the first holds the password, 0600
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/crypto.hpp"
#include "runtime/file.hpp"
#include "topology/restore.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster {

// The database that holds everything, on every node.
inline constexpr std::string_view database_name = "meridian";

// The roles that sign in.
inline constexpr std::string_view role_admin = "meridian_admin";              // superuser; for this program only
inline constexpr std::string_view role_service = "meridian_service";          // the services
inline constexpr std::string_view role_adhoc = "meridian_adhoc";              // people with psql
inline constexpr std::string_view role_replication = "meridian_replication";  // standbys and pglogical

class state {
 public:
  // Makes the directory where it is missing. Root hands it over to the account postgres, as which the nodes will run
  // (PostgreSQL does not run as root), and gives up its own rights for that account's. forbidden when the directory
  // can't be written.
  static result<state> create(const topology::topology& world);

  // The same for a topology that has been up; not_found when it has not.
  static result<state> open(const topology::topology& world);

  // To read only, keeping root's rights and the working directory.
  static result<state> look(const topology::topology& world);

  // Where everything would be; nothing is looked at. For a plan.
  static state planned(const topology::topology& world) { return state(world.state_directory); }

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path node_directory(const topology::node& node) const { return root_ / "nodes" / node.name; }
  std::filesystem::path data_directory(const topology::node& node) const { return node_directory(node) / "data"; }
  std::filesystem::path log_file(const topology::node& node) const { return node_directory(node) / "postgres.log"; }
  std::filesystem::path password_file() const { return root_ / "secrets" / "pgpass"; }
  std::filesystem::path sample_password_file() const { return root_ / "secrets" / "sample.password"; }
  std::filesystem::path secret_file(std::string_view role) const { return root_ / "secrets" / role; }

  // One command at a time: conflict while another one works.
  result<file_lock> lock() const;

  // Generated at the first call and kept.
  result<std::string> password_of(std::string_view role) const;
  result<std::string> universe_id(std::string_view cluster) const;
  result<std::string> digest_key() const;  // of the services' e-mail digests
  result<std::string> bus_password() const;
  result<std::string> sample_password() const;
  result<signing_key> audit_key() const;

  // The node that takes the writes of a read_replicas deployment since its last failover; "" when there was none.
  result<std::string> primary_of(std::string_view deployment) const;
  result<void> keep_primary(std::string_view deployment, std::string_view node) const;

  // The last one that was measured; none before the first, or when what is kept can't be read.
  std::optional<topology::restore> last_restore_of(std::string_view deployment) const;
  result<void> keep_restore(std::string_view deployment, const topology::restore& measured) const;

  // The sample people were given another one.
  result<void> keep_sample_password(std::string_view password) const;

  // The open half of audit_key; not_found before the first audit.
  result<std::string> audit_public_key() const;

  // Removes everything; the nodes must have stopped.
  result<void> erase() const;

  // Writes password_file() for all nodes and roles of the topology.
  result<void> write_password_file(const topology::topology& world) const;

 private:
  explicit state(std::filesystem::path root) : root_(std::move(root)) {}
  result<std::string> kept(const std::filesystem::path& path, std::string (*make)()) const;

  std::filesystem::path root_;
};

// Gives the nodes the roles that they have since the last failovers.
result<void> follow_failovers(topology::topology& world, const state& kept);

}  // namespace meridian::cluster
