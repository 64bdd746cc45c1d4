// The production engine: YugabyteDB universes, set up by its own tools.
//
// Nobody has run this against a live cluster here; docs/yugabyte.md lists what that means.
#pragma once

#include <memory>
#include <string>

#include "cluster/engine.hpp"
#include "cluster/yugabyte/plan.hpp"

namespace meridian::cluster::yugabyte {

// Runs the steps of the plan, each as it is printed, by /bin/sh with `yugabyted`, `yb-admin` and `ysqlsh` from PATH.
//
// It logs in nowhere: of the steps on hosts it runs those for this machine and asks the nodes whether the others are
// done. Where one is not, it stops and says what to run where.
class yugabyte_engine final : public engine {
 public:
  // For all deployments, or the one named. The topology must outlive the engine. not_found, with what to do, when a
  // program or a secret is missing.
  static task<std::unique_ptr<yugabyte_engine>> make(const topology::topology& world, std::string only = "");

  task<void> provision(progress& told) override;
  task<void> apply_schema(const topology::deployment& part, progress& told) override;
  task<void> replicate(const topology::deployment& part, progress& told) override;
  // Stops the nodes of this machine; notes the others.
  task<void> stop(progress& told) override;
  task<cluster_state> observe() override;

 private:
  yugabyte_engine(const topology::topology& world, std::vector<step> steps, std::string only)
      : world_(world), steps_(std::move(steps)), only_(std::move(only)) {}

  task<void> run_steps(phase when, const std::string& part, progress& told);
  task<void> run_step(std::size_t index, progress& told);
  task<std::string> list_elsewhere(std::size_t index);

  const topology::topology& world_;
  std::vector<step> steps_;
  std::string only_;
};

}  // namespace meridian::cluster::yugabyte
