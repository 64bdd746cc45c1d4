#include "cluster/postgres/engine.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "cluster/migration.hpp"
#include "cluster/postgres/failover.hpp"
#include "cluster/postgres/logical.hpp"
#include "cluster/postgres/standby.hpp"
#include "cluster/postgres/tree.hpp"
#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;
using topology::deployment_kind;
using topology::node_role;

constexpr auto prepare_duration_max = 30s;
constexpr auto migrate_duration_max = 60s;
constexpr auto observe_duration_max = 2s;

task<void> done() {
  co_return result<void>();
}

std::string set_password(std::string_view role, std::string_view attributes, const std::string& password) {
  return fmt::format("ALTER ROLE {} LOGIN {} PASSWORD {};\n", role, attributes, password);
}

}  // namespace

std::string universe_name(const topology::deployment& part, const topology::node& node) {
  return part.kind == deployment_kind::bidirectional ? node.name : part.name;
}

std::string roles_script(const topology::deployment& part, const passwords& secrets) {
  std::string script(sql_text("roles.sql"));
  script += set_password(role_service, "", secrets.service) + set_password(role_adhoc, "", secrets.adhoc);
  script +=
      fmt::format("DO $$ BEGIN CREATE ROLE {}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n", role_replication);
  if (part.kind == deployment_kind::read_replicas) {
    // What a service said is kept is on a replica too, unless the configuration names none to wait for.
    script +=
        "ALTER ROLE meridian_service SET synchronous_commit = on;\n"
        "ALTER ROLE meridian_adhoc SET synchronous_commit = on;\n";
  }
  // pglogical runs only as a superuser (its manual, "Requirements").
  const auto rights = part.kind == deployment_kind::bidirectional ? "REPLICATION SUPERUSER" : "REPLICATION";
  return script + set_password(role_replication, rights, secrets.replication);
}

task<std::unique_ptr<postgres_engine>> postgres_engine::make(const topology::topology& world, const state& kept) {
  for (const auto& part : world.deployments) {
    for (const auto& region : world.regions) {
      const auto count = std::ranges::count(part.nodes, region.name, &topology::node::region);
      if (part.kind == deployment_kind::geo_partitioned && count != 1) {
        co_return error{
            errc::invalid_argument,
            fmt::format(
                "the deployment {} has {} nodes in {}: the postgres engine takes one", part.name, count, region.name
            ),
            ""
        };
      }
    }
  }
  MERIDIAN_CO_TRY(auto programs, co_await find_installation());
  co_return std::unique_ptr<postgres_engine>(new postgres_engine(world, kept, std::move(programs)));
}

instance postgres_engine::instance_of(const topology::node& node) const {
  for (const auto& part : world_.deployments) {
    if (std::ranges::find(part.nodes, node.name, &topology::node::name) != part.nodes.end()) {
      return {programs_, state_, part, node};
    }
  }
  throw std::logic_error("no such node: " + node.name);
}

std::vector<instance> postgres_engine::instances(const topology::deployment& part) const {
  std::vector<instance> nodes;
  for (const auto& node : part.nodes) {
    nodes.emplace_back(programs_, state_, part, node);
  }
  return nodes;
}

// Roles and the database, on a node that takes writes.
task<void> postgres_engine::prepare_primary(const topology::deployment& part, instance node) {
  const auto until = deadline::in(prepare_duration_max);
  MERIDIAN_CO_TRY(const auto service, state_.password_of(role_service));
  MERIDIAN_CO_TRY(const auto adhoc, state_.password_of(role_adhoc));
  MERIDIAN_CO_TRY(const auto replication, state_.password_of(role_replication));
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, "postgres", until));
  const passwords secrets{pg::literal(service), pg::literal(adhoc), pg::literal(replication)};
  auto script = roles_script(part, secrets);
  MERIDIAN_CO_CHECK(co_await connection.run_script(std::move(script), until));
  std::vector<pg::parameter> name{std::string(database_name)};
  MERIDIAN_CO_TRY(
      const auto found, co_await connection.query("SELECT FROM pg_database WHERE datname = $1", std::move(name), until)
  );
  if (found.empty()) {
    auto create = fmt::format("CREATE DATABASE {} OWNER meridian_owner", database_name);
    MERIDIAN_CO_CHECK(co_await connection.query(std::move(create), until));
  }
  co_return result<void>();
}

task<void> postgres_engine::start_standbys(const topology::deployment& part) {
  const auto nodes = instances(part);
  const auto primary = instance_of(part.primary());
  std::vector<task<void>> work;
  const auto make = [](instance standby, instance from) -> task<void> {
    MERIDIAN_CO_CHECK(co_await reserve_slot(from, standby));
    MERIDIAN_CO_CHECK(co_await rejoin(standby, from));
    MERIDIAN_CO_CHECK(co_await standby.clone());
    co_return co_await standby.start();
  };
  for (const auto& node : nodes) {
    if (node.node().role == node_role::replica) {
      work.push_back(make(node, primary));
    }
  }
  co_return co_await all(std::move(work));
}

// A node that was the primary and is to be a replica must not take writes beside the new one, not even for a moment.
task<void> postgres_engine::fence_former_primaries() {
  for (const auto& part : world_.deployments) {
    for (const auto& node : instances(part)) {
      if (node.node().role == node_role::replica && node.is_initialised() && !node.is_standby()) {
        MERIDIAN_CO_CHECK(co_await fence(node));
      }
      if (node.node().role == node_role::primary && part.kind == deployment_kind::read_replicas) {
        MERIDIAN_CO_CHECK(unfence(node));
      }
    }
  }
  co_return result<void>();
}

task<void> postgres_engine::provision(progress& told) {
  MERIDIAN_CO_CHECK(state_.write_password_file(world_));
  std::vector<std::pair<const topology::deployment*, instance>> primaries;
  for (const auto& part : world_.deployments) {
    for (auto& node : instances(part)) {
      if (node.node().role == node_role::primary) {
        primaries.emplace_back(&part, std::move(node));
      }
    }
  }
  MERIDIAN_CO_CHECK(co_await fence_former_primaries());
  const auto on_each = [&](auto make) {
    std::vector<task<void>> work;
    for (const auto& [part, node] : primaries) {
      work.push_back(make(*part, node));
    }
    return all(std::move(work));
  };
  told.step(fmt::format("Data directories of {} primaries", primaries.size()));
  MERIDIAN_CO_CHECK(co_await on_each([](const auto&, const instance& node) { return node.initialise(); }));
  told.step("Starting them");
  MERIDIAN_CO_CHECK(co_await on_each([](const auto&, const instance& node) { return node.start(); }));
  // What a failover that was interrupted has left: the recorded primary may still be a standby.
  MERIDIAN_CO_CHECK(co_await on_each([](const topology::deployment& part, const instance& node) {
    return part.kind == deployment_kind::read_replicas ? promote(node) : done();
  }));
  told.step("Roles and databases");
  MERIDIAN_CO_CHECK(co_await on_each([this](const topology::deployment& part, const instance& node) {
    return prepare_primary(part, node);
  }));
  for (const auto& part : world_.deployments) {
    if (part.kind == deployment_kind::read_replicas) {
      told.step(fmt::format("Cloning and starting {} replicas of {}", part.nodes.size() - 1, part.primary().name));
      MERIDIAN_CO_CHECK(co_await start_standbys(part));
    }
  }
  told.finish();
  co_return result<void>();
}

task<void> postgres_engine::migrate_node(const topology::deployment& part, instance node, int& applied) {
  const auto until = deadline::in(migrate_duration_max);
  MERIDIAN_CO_TRY(const auto steps, render_schema(world_, part, node.node(), dialect::postgres));
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, until));
  MERIDIAN_CO_TRY(const int count, co_await migrate(connection, steps, until));
  applied += count;
  MERIDIAN_CO_TRY(auto universe, state_.universe_id(universe_name(part, node.node())));
  std::vector<pg::parameter> identity{std::move(universe), part.name};
  MERIDIAN_CO_CHECK(co_await connection.query(
      "INSERT INTO meridian.universe (id, deployment) VALUES ($1, $2) ON CONFLICT DO NOTHING", std::move(identity),
      until
  ));
  std::string statistics(sql_text("placement/postgres/statistics.sql"));
  co_return co_await connection.run_script(std::move(statistics), until);
}

task<void> postgres_engine::apply_schema(const topology::deployment& part, progress& told) {
  told.step(fmt::format("Schema of the deployment {}", part.name));
  auto nodes = instances(part);
  std::erase_if(nodes, [](const instance& node) { return node.node().role != node_role::primary; });
  std::vector<task<void>> work;
  if (part.kind == deployment_kind::geo_partitioned) {
    for (const auto& here : nodes) {
      auto others = nodes;
      std::erase_if(others, [&](const instance& other) { return other.node().name == here.node().name; });
      work.push_back(connect_regions(here, std::move(others), state_));
    }
    MERIDIAN_CO_CHECK(co_await all(std::exchange(work, {})));
  }
  int applied = 0;
  for (const auto& node : nodes) {
    work.push_back(migrate_node(part, node, applied));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(work)));
  told.finish();
  co_return result<void>();
}

task<void> postgres_engine::replicate(const topology::deployment& part, progress& told) {
  if (part.kind != deployment_kind::bidirectional) {
    co_return result<void>();  // streaming replication began with the clones
  }
  const auto nodes = instances(part);
  told.step(fmt::format("Replication between {} and {}", nodes[0].node().name, nodes[1].node().name));
  MERIDIAN_CO_CHECK(co_await subscribe(nodes[0], nodes[1]));
  MERIDIAN_CO_CHECK(co_await subscribe(nodes[1], nodes[0]));
  told.finish();
  co_return result<void>();
}

task<void> postgres_engine::stop(progress& told) {
  told.step("Stopping the nodes");
  // Standbys first: a primary waits until what it still had to send is received.
  for (const auto role : {node_role::replica, node_role::primary}) {
    std::vector<instance> nodes;
    for (const auto& part : world_.deployments) {
      std::ranges::copy_if(instances(part), std::back_inserter(nodes), [&](const instance& node) {
        return node.node().role == role;
      });
    }
    std::vector<task<void>> work;
    for (const auto& node : nodes) {
      work.push_back(node.stop());
    }
    MERIDIAN_CO_CHECK(co_await all(std::move(work)));
  }
  told.finish();
  co_return result<void>();
}

namespace {

task<void> observe_node(instance node, node_state& facts) {
  const auto until = deadline::in(observe_duration_max);
  facts.node = &node.node();
  auto connection = co_await node.connect(role_admin, "postgres", until);
  if (!connection) {
    facts.problem = connection.error().message;
    co_return result<void>();
  }
  std::vector<pg::parameter> name{std::string(database_name)};
  const auto rows = co_await connection->query(
      "SELECT pg_is_in_recovery(), current_setting('server_version'), "
      "       coalesce((SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1), 0)",
      std::move(name), until
  );
  if (!rows) {
    facts.problem = rows.error().message;
    co_return result<void>();
  }
  facts.reachable = true;
  facts.role = (*rows)[0].boolean(0) ? "replica" : "primary";
  facts.version = (*rows)[0].text(1);
  facts.bytes = (*rows)[0].number<std::int64_t>(2);
  co_return result<void>();
}

}  // namespace

task<cluster_state> postgres_engine::observe() {
  cluster_state found;
  std::size_t count = 0;
  for (const auto& part : world_.deployments) {
    count += part.nodes.size();
  }
  found.nodes.resize(count);
  std::vector<task<void>> work;
  std::size_t next = 0;
  for (const auto& part : world_.deployments) {
    for (const auto& node : instances(part)) {
      work.push_back(observe_node(node, found.nodes[next++]));
    }
    work.push_back(observe_links(part, found.links));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(work)));
  co_return found;
}

task<void> postgres_engine::observe_links(const topology::deployment& part, std::vector<link_state>& links) {
  const auto nodes = instances(part);
  if (part.kind == deployment_kind::read_replicas) {
    auto standbys = nodes;
    std::erase_if(standbys, [](const instance& node) { return node.node().role == node_role::primary; });
    MERIDIAN_CO_TRY(auto streams, co_await observe_standbys(instance_of(part.primary()), std::move(standbys)));
    links.insert(links.end(), streams.begin(), streams.end());
  }
  if (part.kind == deployment_kind::bidirectional) {
    MERIDIAN_CO_TRY(auto there, co_await observe_subscription(nodes[0], nodes[1]));
    MERIDIAN_CO_TRY(auto back, co_await observe_subscription(nodes[1], nodes[0]));
    links.push_back(std::move(there));
    links.push_back(std::move(back));
  }
  co_return result<void>();
}

}  // namespace meridian::cluster::postgres
