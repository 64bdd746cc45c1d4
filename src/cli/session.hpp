// What most commands begin with: the topology, its state directory, its engine.
#pragma once

#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "cluster/postgres/engine.hpp"
#include "cluster/state.hpp"
#include "topology/topology.hpp"

namespace meridian::cli {

// A local topology, ready to work with.
struct session {
  topology::topology world;
  cluster::state kept;
  std::unique_ptr<cluster::postgres::postgres_engine> engine;

  // The node called that (name, address or region), with a suggestion when there is none.
  result<const topology::node*> node_named(const std::string& name) const;
};

// What a command means to do with the state directory: make it, change what is in it, or read only.
enum class purpose { create, change, look };

// not_found unless the topology has been up (or is to be created), invalid_argument for a topology of another engine.
result<std::unique_ptr<session>> open_session(const topology_path& path, purpose why = purpose::change);

// Prints "meridian: ..." with its remedy to standard error; answers exit_failed.
int fail(const error& failure);

// exit_done, or fail.
template <class T>
int exit_code_of(const result<T>& outcome) {
  return outcome ? exit_done : fail(outcome.error());
}

}  // namespace meridian::cli
