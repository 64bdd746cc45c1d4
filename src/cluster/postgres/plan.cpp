#include "cluster/postgres/plan.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "cluster/migration.hpp"
#include "cluster/postgres/engine.hpp"
#include "cluster/postgres/logical.hpp"
#include "cluster/postgres/standby.hpp"
#include "cluster/postgres/tree.hpp"
#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using topology::deployment;
using topology::deployment_kind;
using topology::node_role;

struct secret {
  std::string_view role;
  std::string_view variable;  // of the shell and, in lower case, of psql
};

constexpr secret secrets[] = {
    {role_admin, "MERIDIAN_ADMIN_PASSWORD"},
    {role_service, "MERIDIAN_SERVICE_PASSWORD"},
    {role_adhoc, "MERIDIAN_ADHOC_PASSWORD"},
    {role_replication, "MERIDIAN_REPLICATION_PASSWORD"},
};

// psql has no way to take a variable from the environment without naming it.
constexpr std::string_view read_passwords =
    "\\getenv service_password MERIDIAN_SERVICE_PASSWORD\n"
    "\\getenv adhoc_password MERIDIAN_ADHOC_PASSWORD\n"
    "\\getenv replication_password MERIDIAN_REPLICATION_PASSWORD\n";

passwords password_variables() {
  return {":'service_password'", ":'adhoc_password'", ":'replication_password'"};
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_=./,:@%+"
                                      ) == std::string::npos;
  if (plain) {
    return word;
  }
  std::string out = "'";
  for (const char letter : word) {
    out += letter == '\'' ? "'\\''" : std::string(1, letter);
  }
  return out + "'";
}

std::string line_of(const command& what) {
  std::string line;
  for (const auto& word : what.arguments) {
    line += (line.empty() ? "" : " ") + quoted(word);
  }
  return line;
}

class planner {
 public:
  explicit planner(const topology::topology& world)
      : world_(world), state_(state::planned(world)), programs_(planned_installation()) {}

  std::vector<plan_step> plan() && {
    add_secrets();
    for (const auto& part : world_.deployments) {
      add_nodes(part);
      add_schema(part);
      if (part.kind == deployment_kind::bidirectional) {
        add_publications(part);
        add_replication(part, part.nodes[0], part.nodes[1]);
        add_replication(part, part.nodes[1], part.nodes[0]);
      }
    }
    return std::move(steps_);
  }

 private:
  instance instance_of(const deployment& part, const topology::node& node) const {
    return {programs_, state_, part, node};
  }

  void add(const std::string& part, std::string what, std::string why, std::string command) {
    steps_.push_back({part, "here", std::move(what), std::move(why), std::move(command), false, ""});
  }

  void add_sql(
      const deployment& part, const topology::node& node, std::string_view database, std::string what, std::string why,
      std::string script
  ) {
    steps_.push_back(
        {part.name, "SQL on " + node.name, std::move(what), std::move(why), std::move(script), true,
         client(node, database)}
    );
  }

  std::string client(const topology::node& node, std::string_view database) const {
    return fmt::format(
        "{} -X -q -v ON_ERROR_STOP=1 -h {} -p {} -U {} -d {}", (programs_.programs / "psql").string(), node.address,
        node.sql_port, role_admin, database
    );
  }

  void add_secrets();
  void add_nodes(const deployment& part);
  void add_primary(const deployment& part, const topology::node& node);
  void add_standby(const deployment& part, const topology::node& node);
  void add_schema(const deployment& part);
  void add_migrations(const deployment& part, const topology::node& node);
  void add_publications(const deployment& part);
  void add_replication(const deployment& part, const topology::node& from, const topology::node& to);
  std::string write_configuration(const deployment& part, const instance& node, const topology::node& where) const;

  const topology::topology& world_;
  state state_;
  installation programs_;
  std::vector<plan_step> steps_;
};

void planner::add_secrets() {
  std::string script;
  std::string password_lines;
  for (const auto& [role, variable] : secrets) {
    script += fmt::format(": \"${{{}:?}}\"\n", variable);
    for (const auto& part : world_.deployments) {
      for (const auto& node : part.nodes) {
        password_lines += fmt::format("{}:{}:*:{}:${}\n", node.address, node.sql_port, role, variable);
      }
    }
  }
  script += fmt::format("umask 077\nmkdir -p {}/secrets\n", state_.root().string());
  for (const auto& [role, variable] : secrets) {
    script += fmt::format("printf %s \"${}\" > {}\n", variable, state_.secret_file(role).string());
  }
  script += fmt::format("cat > {} <<END\n{}END\n", state_.password_file().string(), password_lines);
  script += "export PGPASSFILE=" + state_.password_file().string();
  add("", "Passwords",
      "Choose them; `up` makes them up. The nodes refuse to run as root: do all of this as the account postgres, or as "
      "an "
      "ordinary user",
      std::move(script));
}

std::string planner::write_configuration(const deployment& part, const instance& node, const topology::node& where)
    const {
  const auto data = state_.data_directory(where).string();
  auto script = write_file_command(data + "/postgresql.conf", node.configuration()) + "\n" +
                write_file_command(data + "/pg_hba.conf", std::string(instance::access_rules()));
  if (part.kind == topology::deployment_kind::bidirectional) {
    script += fmt::format(
        "\nif {}/postgres --describe-config | grep -q '^output_plugin_libraries'; then\n  echo \"{}\" >> "
        "{}/postgresql.conf\nfi",
        programs_.programs.string(), instance::output_plugins_setting(), data
    );
  }
  return script;
}

void planner::add_primary(const deployment& part, const topology::node& node) {
  const auto here = instance_of(part, node);
  const auto data = state_.data_directory(node);
  add(part.name, "Make and start " + node.name,
      "A cluster of its own, on loopback only. `up` makes it under another name and renames it, so that an "
      "interruption "
      "leaves nothing half made",
      fmt::format(
          "mkdir -p {}\n{}\n{}\n{}", state_.node_directory(node).string(), line_of(here.initdb_command(data)),
          write_configuration(part, here, node), line_of(here.start_command())
      ));
  add_sql(
      part, node, "postgres", "Roles of " + node.name,
      "The owner of the tables can't sign in; the services can't alter tables; people can't see credentials",
      std::string(read_passwords) + roles_script(part, password_variables()) +
          fmt::format(
              "SELECT 'CREATE DATABASE {0} OWNER meridian_owner'\n"
              " WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{0}') \\gexec",
              database_name
          )
  );
}

void planner::add_standby(const deployment& part, const topology::node& node) {
  const auto here = instance_of(part, node);
  add_sql(
      part, part.primary(), "postgres", "Replication slot of " + node.name,
      "The primary keeps what the replica has not received yet", reserve_slot_script(here)
  );
  add(part.name, "Clone and start " + node.name, "A copy of the primary that streams from it",
      fmt::format(
          "mkdir -p {}\n{}\n{}\n{}", state_.node_directory(node).string(),
          line_of(here.clone_command(state_.data_directory(node))), write_configuration(part, here, node),
          line_of(here.start_command())
      ));
}

void planner::add_nodes(const deployment& part) {
  for (const auto& node : part.nodes) {
    if (node.role == node_role::primary) {
      add_primary(part, node);
    }
  }
  for (const auto& node : part.nodes) {
    if (node.role == node_role::replica) {
      add_standby(part, node);
    }
  }
}

void planner::add_migrations(const deployment& part, const topology::node& node) {
  add_sql(
      part, node, database_name, "Records of migrations on " + node.name,
      "Each step of the schema is applied once and never altered afterwards", std::string(migration_table())
  );
  const auto migrations = render_schema(world_, part, node, dialect::postgres).value();
  for (const auto& migration : migrations) {
    add_sql(
        part, node, database_name, fmt::format("Schema step {} on {}", migration.name, node.name),
        part.kind == deployment_kind::geo_partitioned ? "This region's partitions are tables here, the others' are "
                                                        "foreign tables; one transaction with its record"
                                                      : "One transaction with its record",
        transaction_of(migration)
    );
  }
  add_sql(
      part, node, database_name, "Identity of " + node.name,
      "So that a program can tell which cluster it is connected to; `up` gives the nodes of one universe one id",
      fmt::format(
          "INSERT INTO meridian.universe (id, deployment) SELECT gen_random_uuid(), {}\n"
          " WHERE NOT EXISTS (SELECT FROM meridian.universe);",
          pg::literal(part.name)
      )
  );
  add_sql(
      part, node, database_name, "Statistics of " + node.name,
      "No sample of another region's rows may rest in this node's statistics",
      std::string(sql_text("placement/postgres/statistics.sql"))
  );
}

void planner::add_schema(const deployment& part) {
  for (const auto& node : part.nodes) {
    if (part.kind == deployment_kind::geo_partitioned) {
      std::vector<instance> others;
      for (const auto& other : part.nodes) {
        if (other.name != node.name) {
          others.push_back(instance_of(part, other));
        }
      }
      add_sql(
          part, node, database_name, "Other regions as seen from " + node.name,
          "Each is a foreign server; roles are themselves there, the administrator only a service",
          std::string(read_passwords) + connect_script(others, password_variables())
      );
    }
  }
  for (const auto& node : part.nodes) {
    if (node.role == node_role::primary) {
      add_migrations(part, node);
    }
  }
}

// {0} is the subscription, as a literal.
constexpr std::string_view wait_script = R"(
DO $$
BEGIN
  FOR attempt IN 1 .. 300 LOOP
    EXIT WHEN (SELECT status FROM pglogical.show_subscription_status({0})) = 'replicating';
    PERFORM pg_sleep(0.1);
    IF attempt = 300 THEN
      RAISE EXCEPTION 'the subscription % does not start', {0} USING HINT = 'The log of the node tells why.';
    END IF;
  END LOOP;
END
$$;)";

void planner::add_publications(const deployment& part) {
  for (const auto& node : part.nodes) {
    add_sql(
        part, node, database_name, "Publish the tables of " + node.name,
        "pglogical knows the node and what it sends; running it again changes nothing",
        publish_script(instance_of(part, node))
    );
  }
}

void planner::add_replication(const deployment& part, const topology::node& from, const topology::node& to) {
  const auto source = instance_of(part, from);
  add_sql(
      part, to, database_name, fmt::format("Subscribe {} to {}", to.name, from.name),
      "Changes that come from elsewhere are not sent on (forward_origins), so there is no loop; the merge trigger "
      "decides "
      "which version of a row stays",
      subscribe_script(source) + fmt::format(wait_script, pg::literal(subscription_name(source)))
  );
  add(part.name, fmt::format("Merge the rows of {} into {}", from.name, to.name),
      "A subscription brings changes, not the rows from before it. `up` does this in pages",
      fmt::format(
          "versions=$({} -Atc \"SELECT coalesce(jsonb_agg(s), '[]') FROM status s\")\n"
          "{} -v versions=\"$versions\" <<'SQL'\n"
          "SET session_replication_role = replica;\n"
          "SELECT meridian.merge_statuses(:'versions'::jsonb);\n"
          "SQL",
          client(from, database_name), client(to, database_name)
      ));
}

}  // namespace

std::vector<plan_step> plan_of(const topology::topology& world) {
  return planner(world).plan();
}

}  // namespace meridian::cluster::postgres
