// The plan of a topology on YugabyteDB: what `meridian plan` prints and `meridian apply` does.
//
// Steps on a node's host are for that host: nothing here logs in anywhere. All others run here, on a machine that
// reaches every node's YSQL port and the yb-masters'. Secrets are environment variables (needed_environment()).
//
// Nobody has run this against a live cluster here; docs/yugabyte.md says what each command rests on.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cluster/plan.hpp"
#include "cluster/schema.hpp"

namespace meridian::cluster::yugabyte {

enum class phase { environment, provision, schema, replication };

struct step {
  plan_step shown;
  phase when = phase::provision;
  const topology::node* host = nullptr;  // whose host must run it; nullptr: it runs here
  std::string done;                      // a shell command, run here, that succeeds once the step is done; may be empty
};

struct variable {
  std::string_view name;
  std::string_view meaning;
};

// What the steps that run here take from the environment.
std::span<const variable> needed_environment();

// invalid_argument when a deployment asks for more copies than it has nodes. `language` is for tests:
// yugabyte_on_postgres gives the same steps with tablespaces that plain PostgreSQL can make.
result<std::vector<step>> steps_of(const topology::topology& world, dialect language = dialect::yugabyte);

// The lines that every step which runs here begins with.
std::string environment_script();

}  // namespace meridian::cluster::yugabyte
