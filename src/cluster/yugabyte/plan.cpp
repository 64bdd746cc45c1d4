#include "cluster/yugabyte/plan.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cluster/state.hpp"
#include "cluster/yugabyte/schema_steps.hpp"
#include "cluster/yugabyte/universe.hpp"
#include "cluster/yugabyte/xcluster.hpp"

namespace meridian::cluster::yugabyte {
namespace {

using topology::deployment_kind;
using topology::node;

constexpr variable variables[] = {
    {"MERIDIAN_ADMIN_PASSWORD", "password of the database user yugabyte, set when the first node starts"},
    {"MERIDIAN_SERVICE_PASSWORD", "password of the services' database user, meridian_service"},
    {"MERIDIAN_ADHOC_PASSWORD", "password of people's database user, meridian_adhoc"},
    {"MERIDIAN_CERTS", "directory, on this machine, for the CA certificate of the nodes"},
};

class planner {
 public:
  planner(const topology::topology& world, dialect language)
      : world_(world), certificates_(world.deployments.front().nodes.front()), language_(language) {}

  result<std::vector<step>> plan() {
    steps_.push_back(environment());
    std::vector<std::vector<universe>> places;
    for (const auto& part : world_.deployments) {
      MERIDIAN_TRY(auto found, universes_of(world_, part));
      places.push_back(std::move(found));
    }
    // Whose first node makes the certificates is the topology's first universe.
    certificates_ = places.front().front().first();
    // All that is done on hosts comes first: one round over them is enough.
    for (const auto& found : places) {
      for (const auto& place : found) {
        add_nodes(place);
      }
    }
    for (const auto& found : places) {
      for (const auto& place : found) {
        MERIDIAN_CHECK(add_schema(place));
      }
      if (found.front().part->kind == deployment_kind::bidirectional) {
        add_replication(found[0], found[1]);
      }
    }
    return std::move(steps_);
  }

 private:
  static step environment() {
    step first;
    first.shown.where = "here";
    first.shown.what = "Settings of this shell";
    first.shown.why = "Every step marked \"here\" or \"SQL\" reads them; nothing below holds a secret";
    first.shown.command = environment_script();
    first.when = phase::environment;
    return first;
  }

  step& add(const universe& place, phase when, std::string what, std::string why, std::string command) {
    step next;
    next.shown = {place.part->name, "here", std::move(what), std::move(why), std::move(command), false, ""};
    next.when = when;
    return steps_.emplace_back(std::move(next));
  }

  void add_on(
      const node& host, const universe& place, std::string what, std::string why, std::string command, std::string done
  ) {
    auto& next = add(place, phase::provision, std::move(what), std::move(why), std::move(command));
    next.shown.where = "on " + host.address;
    next.host = &host;
    next.done = std::move(done);
  }

  void add_sql(
      const universe& place, std::string_view database, std::string what, std::string why, std::string script
  ) {
    auto& next = add(place, phase::schema, std::move(what), std::move(why), std::move(script));
    next.shown.where = "SQL on " + place.first().name;
    next.shown.is_sql = true;
    next.shown.client = sql_command(place.first(), database);
  }

  void add_nodes(const universe& place);
  void add_start(const universe& place, const node& node);
  void add_certificates(const universe& place);
  result<void> add_schema(const universe& place);
  void add_tablespaces(const universe& place);
  void add_replication(const universe& one, const universe& other);

  const topology::topology& world_;
  std::reference_wrapper<const node> certificates_;
  dialect language_;
  std::vector<step> steps_;
};

// Without the CA's certificate, which may not have been fetched yet: this asks only whether somebody is there.
std::string answers(const node& node) {
  return fmt::format("PGSSLMODE=require PGSSLROOTCERT=/dev/null {} -Atc 'SELECT 1'", sql_command(node, "yugabyte"));
}

void planner::add_start(const universe& place, const node& node) {
  std::string why = "TLS on every hop (--secure); --cloud_location is what the placement below names";
  if (&node == &place.first()) {
    why += "; READ COMMITTED would otherwise run as REPEATABLE READ, and id blocks are shared by a node's sessions";
  } else if (node.role == topology::node_role::replica) {
    why = "Joins as a read replica: it holds copies outside of the quorum, so writes don't wait for it";
  } else {
    why = "Joins " + place.first().name + "; its certificate comes from " + certificates_.get().name;
  }
  add_on(
      node, place, "Start " + node.name, std::move(why), start_command(world_, place, node, certificates_),
      answers(node)
  );
}

void planner::add_certificates(const universe& place) {
  std::vector<const node*> others;
  std::vector<std::string> hosts;
  for (const auto& part : world_.deployments) {
    for (const auto& node : part.nodes) {
      if (&node != &certificates_.get()) {
        others.push_back(&node);
        hosts.push_back(node.address);
      }
    }
  }
  const auto& signer = certificates_.get();
  auto& fetch =
      add(place, phase::provision, "Fetch the CA's certificate",
          "The SQL and yb-admin steps check the nodes against it",
          fmt::format(
              "mkdir -p \"$MERIDIAN_CERTS\"\n"
              "test -s \"$MERIDIAN_CERTS/ca.crt\" || cp {1}/certs/ca.crt \"$MERIDIAN_CERTS/\" 2> /dev/null ||\n"
              "  scp {0}:{1}/certs/ca.crt \"$MERIDIAN_CERTS/\"",
              signer.address, base_directory(signer)
          ));
  fetch.done = "test -s \"$MERIDIAN_CERTS/ca.crt\"";
  fetch.shown.part.clear();
  if (others.empty()) {
    return;
  }
  add_on(
      signer, place, "Sign a certificate for every other node",
      "One CA for the topology: a node joins only with a certificate of its universe's CA, and xCluster needs no "
      "exchange "
      "of CAs when both universes have the same",
      fmt::format(
          "yugabyted cert generate_server_certs --base_dir={} \\\n  --hostnames={}", base_directory(signer),
          fmt::join(hosts, ",")
      ),
      answers(*others.front())
  );
  steps_.back().shown.part.clear();
}

void planner::add_nodes(const universe& place) {
  for (const auto* node : place.nodes) {
    add_start(place, *node);
    if (node == &certificates_.get()) {
      add_certificates(place);
    }
  }
  const auto wanted = placement_of(place);
  if (wanted.copies > 1) {
    add_on(
        place.first(), place, "Default placement of " + place.name,
        place.part->kind == deployment_kind::geo_partitioned ? "For what has no tablespace (the catalogue, sequences, "
                                                               "the country map): a copy in each region, leaders in "
                                                               "the first that is up"
                                                             : "A copy in each zone, leaders in the first that is up",
        data_placement_command(place), admin_command(place) + " get_universe_config | grep -q ffinitizedLeaders"
    );
  }
  for (const auto* replica : place.replicas) {
    add_start(place, *replica);
  }
  if (!place.replicas.empty()) {
    add_on(
        *place.replicas.front(), place, "Read replica cluster of " + place.name,
        "A copy at each replica's location; readers near it ask it with follower reads", read_replica_command(place),
        admin_command(place) + " get_universe_config | grep -q readReplicas"
    );
  }
}

void planner::add_tablespaces(const universe& place) {
  const auto statements = render_tablespaces(world_, *place.part, language_);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& region = world_.regions[i];
    add_sql(
        place, database_name, "Tablespace of " + region.name,
        "All copies of this region's rows rest in its own zones, the leaders in the first that is up: no write waits "
        "for "
        "another region, and losing a zone loses nothing",
        tablespace_script(tablespace_of(region), statements[i])
    );
  }
}

result<void> planner::add_schema(const universe& place) {
  const auto& part = *place.part;
  if (language_ == dialect::yugabyte) {
    add_sql(
        place, "yugabyte", "Check the server", "The schema needs PostgreSQL 15's features and a real READ COMMITTED",
        check_server_script()
    );
  }
  add_sql(
      place, "yugabyte", "Roles and database",
      "The owner of the tables can't sign in; the services can't alter tables; people can't see credentials",
      roles_script()
  );
  add_tablespaces(place);
  add_sql(
      place, database_name, "Records of migrations",
      "Each step of the schema is applied once and never altered afterwards", records_script()
  );
  MERIDIAN_TRY(const auto migrations, render_schema(world_, part, place.first(), language_));
  for (const auto& migration : migrations) {
    add_sql(
        place, database_name, "Schema step " + migration.name,
        migration.sql.find(" TABLESPACE ") != std::string::npos
            ? "Each partition and each of its indexes names its region's tablespace: an index without one is spread "
              "over all "
              "regions"
            : "The same for every region, from the same files as on PostgreSQL",
        migration_script(migration)
    );
  }
  if (part.kind == deployment_kind::geo_partitioned) {
    add_sql(
        place, database_name, "Check where partitions rest",
        "A forgotten TABLESPACE would quietly copy rows everywhere", check_placement_script(world_)
    );
  }
  if (part.kind == deployment_kind::read_replicas && language_ == dialect::yugabyte) {
    add_sql(
        place, database_name, "Staleness of follower reads",
        "How old an answer may be that a replica gives: the default is 30 s, the documented floor 1 s",
        "ALTER ROLE meridian_service SET yb_follower_read_staleness_ms = 2000;"
    );
  }
  add_sql(
      place, database_name, "Identity of " + place.name, "So that a program can tell which cluster it is connected to",
      identity_script(part)
  );
  return {};
}

void planner::add_replication(const universe& one, const universe& other) {
  add(one, phase::replication, "Compare the status type on both sides",
      "xCluster copies an enum value as the number of its label; the numbers are equal when both schemas were made in "
      "the "
      "same order in a fresh database, and a row would be unreadable otherwise (#15038)",
      compare_types_command(one, other));
  for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    auto& next =
        add(one, phase::replication, fmt::format("Replicate {} to {}", from->name, to->name),
            "Asked of the target, which pulls; with its mirror image both sides take writes and the later write of a "
            "row wins",
            replicate_command(*from, *to));
    next.done = replicates_command(*from, *to);
  }
  for (const auto* to : {&one, &other}) {
    add(one, phase::replication, "Replication into " + to->name, "An error in a stream means that it is broken",
        check_replication_command(*to));
  }
}

}  // namespace

std::span<const variable> needed_environment() {
  return variables;
}

std::string environment_script() {
  std::string script;
  for (const auto& [name, meaning] : variables) {
    script += fmt::format(": \"${{{}:?{}}}\"\n", name, meaning);
  }
  return script +
         "export PGPASSWORD=\"$MERIDIAN_ADMIN_PASSWORD\" PGSSLMODE=verify-ca PGSSLROOTCERT=\"$MERIDIAN_CERTS/ca.crt\"";
}

result<std::vector<step>> steps_of(const topology::topology& world, dialect language) {
  return planner(world, language).plan();
}

}  // namespace meridian::cluster::yugabyte
