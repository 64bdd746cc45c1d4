// The walk through the three deployments, step by step, as a person types it.
#include <memory>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using testing::HasSubstr;

const std::string geo_addresses[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};

class walk_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> walk_systest::world;

TEST_F(walk_systest, step_1_every_node_shows_each_regions_workspaces_and_all) {
  const std::string americas =
      "1|Apache Software Foundation|https://apache.org|USA\n2|Shopify|https://shopify.com|Canada";
  const std::string europe = "3|SAP|https://sap.com/|Germany";
  const std::string asia = "4|TikTok|https://tiktok.com|China\n5|Tech Mahindra|https://techmahindra.com|India";
  const auto all = fmt::format("{}\n{}\n{}", americas, europe, asia);
  for (const auto& node : geo_addresses) {
    const auto rows_of = [&](std::string_view table) {
      EXPECT_THAT(world->sql(node, fmt::format("SELECT * FROM {}", table)), HasSubstr("https://"));
      return world->sql(node, fmt::format("SELECT id, name, url, country FROM {} ORDER BY id", table));
    };
    EXPECT_EQ(rows_of("Workspace_Americas"), americas);
    EXPECT_EQ(rows_of("Workspace_Europe"), europe);
    EXPECT_EQ(rows_of("Workspace_Asia"), asia);
    EXPECT_EQ(rows_of("Workspace"), all);
  }
}

TEST_F(walk_systest, step_2_the_join_over_asia_knows_asian_profiles_only) {
  for (const auto& node : geo_addresses) {
    EXPECT_EQ(
        world->sql(
            node,
            "SELECT w.name, p.id, p.full_name FROM Workspace_Asia AS w "
            "JOIN WorkspaceProfile_Asia AS wp ON w.id = wp.workspace_id "
            "JOIN Profile_Asia AS p ON wp.profile_id = p.id ORDER BY p.id"
        ),
        "TikTok|6|Ah Lam\nTikTok|7|Shoi-ming Li\nTech Mahindra|9|Venkat Sharma\nTech Mahindra|10|Prachi Garg"
    ) << node;
  }
}

TEST_F(walk_systest, step_3_a_message_to_india_rests_in_asia_whoever_is_asked) {
  for (const auto& node : geo_addresses) {
    const auto text = fmt::format("Prachi, the customer has a production outage (asked {})", node);
    world->sql(
        node,
        fmt::format("INSERT INTO Message (channel_id, sender_id, message, country) VALUES (8, 9, '{}', 'India')", text)
    );
    const auto join = [&](std::string_view region) {
      return fmt::format(
          "SELECT c.name, p.full_name, m.message FROM Message_{0} AS m JOIN Channel_{0} AS c ON m.channel_id = c.id "
          "JOIN Profile_{0} AS p ON m.sender_id = p.id WHERE m.message = '{1}'",
          region, text
      );
    };
    for (const auto& reader : geo_addresses) {
      EXPECT_EQ(world->sql(reader, join("Asia")), "on_call_customer_support|Venkat Sharma|" + text);
      EXPECT_EQ(world->sql(reader, join("Americas")), "");
    }
    EXPECT_EQ(
        world->sql("127.0.0.3", "SELECT tableoid::regclass FROM Message WHERE message = '" + text + "'"), "message_asia"
    );
  }
  EXPECT_EQ(world->sql("127.0.0.3", "SELECT relkind FROM pg_class WHERE relname = 'message_asia'"), "r");
  EXPECT_EQ(world->sql("127.0.0.1", "SELECT relkind FROM pg_class WHERE relname = 'message_asia'"), "f");
  EXPECT_EQ(world->sql("127.0.0.2", "SELECT relkind FROM pg_class WHERE relname = 'message_asia'"), "f");
}

// Whether a file below that directory holds the text.
bool rests_below(const std::filesystem::path& directory, const std::string& text) {
  launch grep;
  grep.arguments = {"grep", "-rqaF", "--", text, directory.string()};
  outcome ended;
  // 2 means that a file went away meanwhile.
  EXPECT_TRUE(wait_until([&] { return (ended = run_child(grep)).exit_code <= 1; })) << ended.said();
  return ended.exit_code == 0;
}

TEST_F(walk_systest, step_3_the_message_is_on_the_asian_nodes_disk_only) {
  const std::string text = "an unmistakable sentence for the disk";
  world->sql(
      "127.0.0.1",
      "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (8, 9, '" + text + "', 'India')"
  );
  EXPECT_EQ(world->sql("127.0.0.1", "SELECT count(*) FROM Message WHERE message = '" + text + "'"), "1");
  for (const auto& node : world->nodes()) {
    world->connect(node).query("CHECKPOINT");
    EXPECT_EQ(rests_below(world->state_directory() / "nodes" / node, text), node == "geo-asia") << node;
  }
}

TEST_F(walk_systest, step_4_members_from_elsewhere_have_names_only_in_the_whole_table) {
  const auto members = [](const std::string& profiles) {
    return "SELECT wp.profile_id, p.full_name FROM Workspace_Americas AS w "
           "JOIN WorkspaceProfile_Americas AS wp ON w.id = wp.workspace_id LEFT JOIN " +
           profiles + " AS p ON wp.profile_id = p.id WHERE w.id = 1 ORDER BY wp.profile_id";
  };
  for (const auto& node : geo_addresses) {
    EXPECT_EQ(world->sql(node, members("Profile_Americas")), "1|Mark Smith\n5|\n8|Shoi-ming Li\n9|") << node;
    EXPECT_EQ(world->sql(node, members("Profile")), "1|Mark Smith\n5|Jonas Fischer\n8|Shoi-ming Li\n9|Venkat Sharma")
        << node;
  }
}

TEST_F(walk_systest, step_5_messages_come_back_in_the_order_sent) {
  std::string expected;
  int sent = 0;
  for (const auto& node : geo_addresses) {
    for (const int sender : {5, 8, 1}) {
      ++sent;
      world->sql(
          node, fmt::format(
                    "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (1, {}, 'message {}', 'USA')",
                    sender, sent
                )
      );
      expected += fmt::format("{}{}|message {}", expected.empty() ? "" : "\n", sender, sent);
    }
  }
  for (const auto& node : geo_addresses) {
    EXPECT_EQ(
        world->sql(
            node, "SELECT sender_id, message FROM Message WHERE channel_id = 1 AND country = 'USA' ORDER BY sent_at"
        ),
        expected
    ) << node;
  }
}

TEST_F(walk_systest, step_6_a_reminder_reaches_both_replicas_which_refuse_writes) {
  const std::string insert =
      "INSERT INTO Reminder (profile_id, message_id, notify_at) VALUES (5, 1, now() + interval '1 day')";
  world->sql("127.0.0.4", insert);
  for (const std::string replica : {"reminders-europe", "reminders-asia"}) {
    world->expect_soon(replica, "SELECT count(*) FROM Reminder", "1");
    EXPECT_EQ(
        world->sql(world->address_of(replica), "SELECT profile_id, message_id, notify_at > now() FROM Reminder"),
        "5|1|t"
    );
    EXPECT_THAT(
        world->sql_refusal(world->address_of(replica), insert),
        HasSubstr("cannot execute INSERT in a read-only transaction")
    );
  }
}

TEST_F(walk_systest, step_7_a_status_set_on_either_side_shows_on_both) {
  const std::string read = "SELECT profile_id, status FROM Status";
  world->sql("127.0.0.8", "INSERT INTO Status (profile_id, status) VALUES (3, 'Busy')");
  world->expect_soon("status-americas", read, "3|Busy");
  world->sql("127.0.0.7", "UPDATE Status SET status = 'Active' WHERE profile_id = 3");
  world->expect_soon("status-europe", read, "3|Active");
  for (const auto* node : {"127.0.0.7", "127.0.0.8"}) {
    EXPECT_EQ(world->sql(node, read), "3|Active") << node;
  }
}

TEST_F(walk_systest, the_sample_company_is_whole) {
  EXPECT_EQ(
      world->sql("127.0.0.2", "SELECT id, name, workspace_id, country, is_direct FROM Channel ORDER BY id"),
      "1|apache_kafka_support|1|USA|f\n2|apache_ignite_security|1|USA|f\n3|roadmap_suggestions|2|Canada|f\n"
      "4|sap_hana_dev|3|Germany|f\n5|vip_users_recognition|4|China|f\n6|viral_videos_ideas|4|China|f\n7|random|5|India|"
      "f\n"
      "8|on_call_customer_support|5|India|f"
  );
  EXPECT_EQ(
      world->sql(
          "127.0.0.1",
          "SELECT workspace_id, string_agg(profile_id::text, ' ' ORDER BY profile_id) "
          "FROM WorkspaceProfile GROUP BY workspace_id ORDER BY workspace_id"
      ),
      "1|1 5 8 9\n2|2 3\n3|4\n4|6 7\n5|9 10"
  );
  EXPECT_EQ(
      world->sql("127.0.0.3", "SELECT id, full_name, email, phone, country, main_profile_id FROM Profile ORDER BY id"),
      "1|Mark Smith|msmith@apache.org|6502304532|USA|1\n2|Mark Smith|msmith@shopify.com|6502304532|Canada|1\n"
      "3|Jessica Brown|jbrown@shopify.com|453234542|Canada|3\n4|Jonas Fischer|jfischer@sap.com|2123452345|Germany|4\n"
      "5|Jonas Fischer|jonas_fischer@gmail.com|2123452345|Germany|4\n6|Ah Lam|ahlam@tiktok.com|3212343212|China|6\n"
      "7|Shoi-ming Li|shoimingli@tiktok.com|324223453|China|7\n8|Shoi-ming Li|shoimingli@apache.org|324223453|USA|7\n"
      "9|Venkat Sharma|vsharma@techmahindra.com|748234323|India|9\n10|Prachi "
      "Garg|pgarg@techmahindra.com|3823427434|India|10"
  );
}

TEST_F(walk_systest, a_row_that_names_only_the_public_columns_is_taken_by_every_node) {
  int number = 0;
  for (const auto& node : geo_addresses) {
    ++number;
    const auto insert = [&](std::string_view statement, std::string_view returning) {
      const auto answer = world->sql(node, fmt::format("INSERT INTO {} RETURNING {}", statement, returning));
      return answer.substr(0, answer.find('\n'));  // psql adds "INSERT 0 1"
    };
    const auto id = insert(
        fmt::format(
            "Profile (full_name, email, phone, country) VALUES ('Ada {0}', 'ada{0}@example.com', '1', 'Italy')", number
        ),
        "id"
    );
    EXPECT_EQ(
        world->sql("127.0.0.2", "SELECT id, main_profile_id, country FROM Profile_Europe WHERE id = " + id),
        fmt::format("{0}|{0}|Italy", id)
    );
    const auto workspace =
        fmt::format("Workspace (name, url, country) VALUES ('W{0}', 'https://w{0}.example', 'BR')", number);
    EXPECT_EQ(insert(workspace, "id > 5, country"), "t|Brazil");
    const auto channel =
        fmt::format("Channel (name, workspace_id, is_direct, country) VALUES ('c{}', 5, false, 'India')", number);
    EXPECT_EQ(insert(channel, "id > 8"), "t");
    const auto member =
        fmt::format("WorkspaceProfile (workspace_id, profile_id, workspace_country) VALUES (3, {}, 'DE')", id);
    EXPECT_EQ(insert(member, "workspace_country"), "Germany");
  }
}

}  // namespace
}  // namespace meridian::test
