// The embedded engine: plain PostgreSQL 15 nodes on this machine play the regions.
#pragma once

#include <memory>
#include <vector>

#include "cluster/engine.hpp"
#include "cluster/postgres/instance.hpp"
#include "cluster/postgres/passwords.hpp"
#include "cluster/state.hpp"

namespace meridian::cluster::postgres {

// The roles of a node that takes writes, with their passwords. Idempotent.
std::string roles_script(const topology::deployment& part, const passwords& secrets);

// The name under which the id of a node's cluster is kept. A geo-distributed deployment is one universe.
std::string universe_name(const topology::deployment& part, const topology::node& node);

// The topology and the state must outlive it. Its nodes outlive it: they are servers of their own.
class postgres_engine final : public engine {
 public:
  // invalid_argument when the topology asks for what this engine can't do.
  static task<std::unique_ptr<postgres_engine>> make(const topology::topology& world, const state& kept);

  task<void> provision(progress& told) override;
  task<void> apply_schema(const topology::deployment& part, progress& told) override;
  task<void> replicate(const topology::deployment& part, progress& told) override;
  task<void> stop(progress& told) override;
  task<cluster_state> observe() override;

  // Which must be a node of the topology.
  instance instance_of(const topology::node& node) const;

 private:
  postgres_engine(const topology::topology& world, const state& kept, installation programs)
      : world_(world), state_(kept), programs_(std::move(programs)) {}

  std::vector<instance> instances(const topology::deployment& part) const;
  task<void> fence_former_primaries();
  task<void> start_standbys(const topology::deployment& part);
  task<void> prepare_primary(const topology::deployment& part, instance node);
  task<void> migrate_node(const topology::deployment& part, instance node, int& applied);
  task<void> observe_links(const topology::deployment& part, std::vector<link_state>& links);

  const topology::topology& world_;
  const state& state_;
  installation programs_;
};

}  // namespace meridian::cluster::postgres
