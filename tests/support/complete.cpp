#include "support/complete.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace meridian::test {
namespace {

namespace json = boost::json;

constexpr auto shape_query = R"(
SELECT line FROM (
  SELECT format('%s %s %s %s %s', relkind, relnamespace::regnamespace, relname, relacl,
                (SELECT string_agg(format('%s %s %s %s', attname, atttypid::regtype, attnotnull, attstattarget), ', '
                                   ORDER BY attnum)
                   FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0))
    FROM pg_class c WHERE relnamespace::regnamespace::text IN ('public', 'identity', 'meridian')
  UNION ALL
  SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace::regnamespace::text IN ('public', 'identity', 'meridian')
  UNION ALL
  SELECT format('trigger %s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL
  SELECT format('function %s %s', oid::regprocedure, md5(prosrc))
    FROM pg_proc WHERE pronamespace::regnamespace::text = 'meridian'
  UNION ALL
  SELECT format('role %s %s %s %s', rolname, rolsuper, rolcanlogin, rolreplication)
    FROM pg_roles WHERE rolname LIKE 'meridian%'
  UNION ALL
  SELECT format('server %s %s', srvname, srvacl) FROM pg_foreign_server
  UNION ALL
  SELECT format('mapping %s %s', usename, srvname) FROM pg_user_mappings
  UNION ALL
  SELECT format('step %s %s', name, checksum) FROM meridian.migration
  UNION ALL
  SELECT format('load %s', name) FROM meridian.data_load
  UNION ALL
  SELECT format('universe %s', deployment) FROM meridian.universe
) AS shape (line) ORDER BY line COLLATE "C")";

constexpr auto replication_query = R"(
SELECT format('subscription %s %s %s', sub_name, sub_enabled, sub_replication_sets) FROM pglogical.subscription
UNION ALL
SELECT format('set %s %s', set_name, set_reloid)
  FROM pglogical.replication_set_table JOIN pglogical.replication_set USING (set_id)
)";

bool has(const local_topology& world, std::string_view deployment) {
  return std::ranges::any_of(world.nodes(), [&](const std::string& node) { return node.starts_with(deployment); });
}

void expect_state(const local_topology& world) {
  const auto status = world.run({"status", "--json"});
  ASSERT_EQ(status.exit_code, 0) << status.said();
  const auto facts = json::parse(status.output);
  EXPECT_TRUE(facts.at("agent_running").as_bool());
  EXPECT_EQ(facts.at("nodes").as_array().size(), world.nodes().size());
  for (const auto& node : facts.at("nodes").as_array()) {
    EXPECT_TRUE(node.at("reachable").as_bool()) << node;
    EXPECT_EQ(node.at("role"), node.at("wanted_role")) << node;
  }
  for (const auto& service : facts.at("services").as_array()) {
    EXPECT_TRUE(service.at("ready").as_bool()) << service;
  }
  EXPECT_EQ(facts.at("services").as_array().size(), has(world, "geo-") ? 3U : 0U);
  for (const auto& server : facts.at("bus").as_array()) {
    EXPECT_TRUE(server.at("answering").as_bool()) << server;
  }
  EXPECT_EQ(facts.at("bus").as_array().size(), has(world, "geo-") ? 3U : 0U);
  for (const auto& link : facts.at("links").as_array()) {
    EXPECT_EQ(link.at("state"), link.at("kind") == "streaming" ? "streaming" : "replicating") << link;
  }
}

void expect_geo(const local_topology& world, bool with_sample) {
  for (const std::string region : {"Americas", "Europe", "Asia"}) {
    const auto node = "geo-" + std::string(region == "Asia" ? "asia" : region == "Europe" ? "europe" : "americas");
    auto here = world.connect(node);
    EXPECT_EQ(here.text(sample_counts), with_sample ? sample_company : "0|0|0|0|0") << node;
    EXPECT_EQ(
        here.text(
            fmt::format("SELECT count(*) FROM pg_class WHERE relname = lower('Message_{}') AND relkind = 'r'", region)
        ),
        "1"
    );
  }
}

void expect_reminders_flow(const local_topology& world) {
  auto primary = world.connect("reminders-americas", "meridian_service");
  const auto id =
      primary.text("INSERT INTO Reminder (profile_id, message_id, notify_at) VALUES (1, 1, now()) RETURNING id");
  for (const auto* replica : {"reminders-europe", "reminders-asia"}) {
    world.expect_soon(replica, "SELECT count(*) FROM Reminder WHERE id = " + id, "1");
  }
  primary.text("DELETE FROM Reminder WHERE id = " + id);
}

void expect_statuses_flow(const local_topology& world) {
  const std::string nodes[] = {"status-americas", "status-europe"};
  for (const int from : {0, 1}) {
    world.connect(nodes[from], "meridian_service")
        .text(fmt::format(
            "INSERT INTO Status (profile_id, status, text) VALUES (999, 'Busy', 'from {0}') "
            "ON CONFLICT (profile_id) DO UPDATE SET text = excluded.text",
            from
        ));
    world.expect_soon(nodes[1 - from], "SELECT text FROM Status WHERE profile_id = 999", fmt::format("from {}", from));
  }
}

}  // namespace

void expect_complete(const local_topology& world, bool with_sample) {
  expect_state(world);
  if (has(world, "geo-")) {
    expect_geo(world, with_sample);
  }
  if (has(world, "reminders-")) {
    expect_reminders_flow(world);
  }
  if (has(world, "status-")) {
    expect_statuses_flow(world);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.state_directory() / "nodes")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("unfinished.")) << entry.path();
  }
}

std::string shape_of(const local_topology& world) {
  std::string shape;
  for (const auto& node : world.nodes()) {
    auto here = world.connect(node);
    shape += fmt::format("on {}\n{}\n", node, here.text(shape_query));
    if (node.starts_with("status-")) {
      shape += here.text(replication_query) + "\n";
    }
  }
  return shape;
}

}  // namespace meridian::test
