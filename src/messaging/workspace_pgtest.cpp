// Workspaces and who is in them, on three regions.
#include <algorithm>
#include <thread>

#include <gmock/gmock.h>

#include "base/ids.hpp"
#include "runtime/crypto.hpp"
#include "support/behind.hpp"
#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using test::code_of;
using test::keep;
using testing::ElementsAre;
using testing::IsEmpty;

using organisation_pgtest = test::organisation_suite;

TEST_F(organisation_pgtest, a_workspace_rests_in_its_country_and_belongs_to_whoever_made_it) {
  const auto outcome = create(1, "https://ownership.example.org", "DE");
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_TRUE(outcome->is_new);
  EXPECT_EQ(outcome->row.home->name, "europe");
  EXPECT_EQ(outcome->row.country, "Germany");
  EXPECT_EQ(outcome->row.own_role, role::owner);
  EXPECT_EQ(parts_of(outcome->row.id).region_number, outcome->row.home->number);
  EXPECT_EQ(
      sql("europe", fmt::format(
                        "SELECT c.name, c.is_default, m.profile_id FROM channel_europe c JOIN channel_member_europe m "
                        "ON m.channel_id = c.id WHERE c.workspace_id = {}",
                        outcome->row.id
                    )),
      "general|t|1"
  );
  EXPECT_EQ(
      sql("europe",
          fmt::format(
              "SELECT actor_id, action FROM identity.audit_entry_europe WHERE subject = 'workspace:{}'", outcome->row.id
          )),
      "1|workspace created"
  );
  EXPECT_EQ(code_of(create(1, "https://nowhere.example.org", "Atlantis")), errc::invalid_argument);
}

TEST_F(organisation_pgtest, a_url_belongs_to_one_workspace_of_all_regions) {
  ASSERT_TRUE(create(1, "https://one.example.org", "USA"));
  for (const auto* country : {"USA", "Germany", "India"}) {
    const auto second = create(4, "HTTPS://One.example.org/", country);
    EXPECT_EQ(code_of(second), errc::conflict);
    EXPECT_EQ(second.error().field, "url");
  }
  // The sample company's workspaces came to be without a claim.
  EXPECT_EQ(code_of(create(1, "https://sap.com", "USA")), errc::conflict);
}

TEST_F(organisation_pgtest, of_many_who_want_a_url_at_once_one_gets_it) {
  std::vector<result<made<workspace>>> outcomes(8, error{});  // of 1 to 8: tests below know what 9 has
  std::vector<task<void>> tries;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto* country = std::array{"USA", "Germany", "India"}.at(i % 3);
    auto work = lane.workspaces.create(
        as(static_cast<std::int64_t>(i) + 1), wish_of("https://wanted.example.org", country), soon()
    );
    tries.push_back(keep(std::move(work), outcomes[i]));
  }
  ASSERT_TRUE(lane.run(all(std::move(tries))));
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& one) { return one.has_value(); }), 1);
  EXPECT_EQ(sql("asia", "SELECT count(*) FROM workspace WHERE url = 'https://wanted.example.org'"), "1");
}

TEST_F(organisation_pgtest, a_repeated_request_finds_what_the_first_one_made) {
  const auto first = create(1, "https://repeated.example.org", "India", "key-1");
  const auto second = create(1, "https://repeated.example.org", "India", "key-1");
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(second->is_new);
  EXPECT_EQ(first->row.id, second->row.id);
  // The key made something else; its URL is free again for who comes next.
  EXPECT_EQ(code_of(create(1, "https://other.example.org", "India", "key-1")), errc::conflict);
  EXPECT_TRUE(create(4, "https://other.example.org", "USA"));
}

TEST_F(organisation_pgtest, a_claim_that_nobody_used_is_taken_over_after_a_minute) {
  const auto digest =
      to_base64url(keyed_digest(test::organisation_lane::settings().digest_key, "https://late.example.org"));
  const auto in_sql = fmt::format("decode(rpad(translate('{}', '-_', '+/'), 44, '='), 'base64')", digest);
  sql("americas", fmt::format(
                      "INSERT INTO identity.claim (kind, digest, holder_id, claimed_at) "
                      "VALUES ('workspace_url', {}, 12345, now())",
                      in_sql
                  ));
  EXPECT_EQ(code_of(create(1, "https://late.example.org", "USA")), errc::retry);
  sql("americas",
      fmt::format("UPDATE identity.claim SET claimed_at = now() - interval '61 s' WHERE digest = {}", in_sql));
  const auto outcome = create(1, "https://late.example.org", "USA");
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_NE(outcome->row.id, 12345);
}

TEST_F(organisation_pgtest, admins_rename_it_when_they_know_what_they_change) {
  const auto where = found_company();
  const auto rename = [&](std::int64_t profile_id, const std::string& name, std::optional<std::int64_t> version) {
    return lane.run(lane.workspaces.rename(as(profile_id), where.id, name, version, soon()));
  };
  EXPECT_EQ(code_of(rename(5, "No", std::nullopt)), errc::forbidden);
  EXPECT_EQ(code_of(rename(4, "No", std::nullopt)), errc::forbidden);
  EXPECT_EQ(code_of(rename(6, "No", std::nullopt)), errc::not_found);
  const auto renamed = rename(3, "New", where.version);
  ASSERT_TRUE(renamed) << to_string(renamed.error());
  EXPECT_EQ(renamed->version, where.version + 1);
  EXPECT_EQ(code_of(rename(3, "Newer", where.version)), errc::stale);
  EXPECT_EQ(rename(3, "New", where.version).value().version, where.version + 1);  // a repeat
  EXPECT_EQ(lane.run(lane.workspaces.get(as(4), where.id, soon())).value().name, "New");

  std::vector<result<workspace>> outcomes(6, error{});
  std::vector<task<void>> tries;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto work = lane.workspaces.rename(as(1), where.id, fmt::format("At once {}", i), renamed->version, soon());
    tries.push_back(keep(std::move(work), outcomes[i]));
  }
  ASSERT_TRUE(lane.run(all(std::move(tries))));
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& one) { return one.has_value(); }), 1);
}

TEST_F(organisation_pgtest, somebodys_workspaces_come_from_all_regions_page_by_page) {
  // Profile 9 is of workspace 1 in americas and 5 in asia.
  const auto first = lane.run(lane.workspaces.list(as(9), {0, 1}, soon()));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->rows.size(), 1U);
  EXPECT_EQ(first->rows[0].name, "Apache Software Foundation");
  ASSERT_EQ(first->next_behind, 1);
  const auto second = lane.run(lane.workspaces.list(as(9), {1, 1}, soon()));
  EXPECT_EQ(second->rows.at(0).name, "Tech Mahindra");
  EXPECT_EQ(second->rows.at(0).home->name, "asia");
  EXPECT_EQ(second->next_behind, std::nullopt);
}

TEST_F(organisation_pgtest, members_have_the_names_that_rest_in_their_regions) {
  const auto listed = lane.run(lane.members.list(as(1), 1, std::nullopt, {}, soon()));
  ASSERT_TRUE(listed) << to_string(listed.error());
  std::vector<std::string> names;
  for (const auto& one : listed->rows) {
    names.push_back(fmt::format("{} {} {}", one.profile_id, one.profile->full_name, one.profile->home->name));
  }
  EXPECT_THAT(
      names,
      ElementsAre("1 Mark Smith americas", "5 Jonas Fischer europe", "8 Shoi-ming Li americas", "9 Venkat Sharma asia")
  );
  const auto found = lane.run(lane.members.list(as(1), 1, "FISCH", {}, soon()));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->rows.size(), 1U);
  EXPECT_EQ(found->rows[0].profile_id, 5);
  EXPECT_THAT(lane.run(lane.members.list(as(1), 1, "%", {}, soon())).value().rows, IsEmpty());
  EXPECT_EQ(code_of(lane.run(lane.members.list(as(2), 1, std::nullopt, {}, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, a_search_goes_through_as_many_members_as_there_are) {
  const auto where = found_workspace();
  sql("americas", fmt::format(
                      "INSERT INTO profile_americas (id, full_name, email, country) SELECT 900000 + i, "
                      "CASE WHEN i % 1000 = 0 THEN 'Needle ' ELSE 'Hay ' END || i, i || '@hay.example.org', 'USA' "
                      "FROM generate_series(1, 3200) AS i;",
                      where.id
                  ));
  sql("americas", fmt::format(
                      "INSERT INTO workspaceprofile_americas (workspace_id, profile_id, workspace_country) "
                      "SELECT {}, 900000 + i, 'USA' FROM generate_series(1, 3200) AS i",
                      where.id
                  ));
  std::vector<std::int64_t> found;
  std::int64_t behind = 0;
  for (int pages = 0; pages < 10; ++pages) {
    const auto part = lane.run(lane.members.list(as(1), where.id, "needle", {behind, 2}, soon()));
    ASSERT_TRUE(part) << to_string(part.error());
    for (const auto& one : part->rows) {
      found.push_back(one.profile_id);
    }
    if (!part->next_behind) {
      break;
    }
    behind = *part->next_behind;
  }
  EXPECT_THAT(found, ElementsAre(901000, 902000, 903000));
}

TEST_F(organisation_pgtest, nobody_changes_whoever_is_above_him) {
  const auto where = found_company();
  EXPECT_EQ(code_of(set_role(where, 3, 1, role::member)), errc::forbidden);
  EXPECT_EQ(code_of(set_role(where, 3, 5, role::owner)), errc::forbidden);
  EXPECT_EQ(code_of(set_role(where, 5, 4, role::member)), errc::forbidden);
  EXPECT_EQ(code_of(set_role(where, 4, 4, role::owner)), errc::forbidden);
  EXPECT_EQ(code_of(set_role(where, 6, 5, role::guest)), errc::not_found);
  EXPECT_EQ(code_of(set_role(where, 1, 6, role::member)), errc::not_found);
  EXPECT_EQ(code_of(remove(where, 3, 1)), errc::forbidden);
  EXPECT_EQ(code_of(remove(where, 5, 4)), errc::forbidden);
  EXPECT_EQ(code_of(remove(where, 6, 5)), errc::not_found);
  EXPECT_THAT(roles_of(where), ElementsAre("1:owner", "3:admin", "4:guest", "5:member"));
  EXPECT_TRUE(set_role(where, 3, 5, role::admin));
  EXPECT_TRUE(set_role(where, 3, 5, role::admin));  // a repeat
  EXPECT_TRUE(remove(where, 5, 3));                 // admins are equals
  EXPECT_TRUE(remove(where, 5, 3));
  EXPECT_THAT(roles_of(where), ElementsAre("1:owner", "4:guest", "5:admin"));
}

TEST_F(organisation_pgtest, the_last_owner_stays) {
  const auto where = found_company();
  EXPECT_EQ(code_of(set_role(where, 1, 1, role::member)), errc::conflict);
  EXPECT_EQ(code_of(remove(where, 1, 1)), errc::conflict);
  ASSERT_TRUE(set_role(where, 1, 3, role::owner));
  EXPECT_TRUE(remove(where, 1, 1));
  EXPECT_TRUE(remove(where, 1, 1));  // gone is gone
  EXPECT_EQ(code_of(remove(where, 3, 3)), errc::conflict);
}

TEST_F(organisation_pgtest, owners_who_go_at_the_same_time_leave_one_behind) {
  for (int round = 0; round < 10; ++round) {
    const auto where = found_workspace();
    for (std::int64_t id = 2; id <= 6; ++id) {
      let_in(where, id, "owner");
    }
    std::vector<result<void>> left(6, error{});
    std::vector<result<member>> demoted(6, error{});
    std::vector<task<void>> tries;
    for (std::size_t i = 0; i < 6; ++i) {
      const auto id = static_cast<std::int64_t>(i) + 1;
      // Half of them leave; each of the others demotes somebody.
      if (i % 2 == 0) {
        tries.push_back(keep(lane.members.remove(as(id), where.id, id, soon()), left[i]));
      } else {
        const auto other = id % 6 + 2 > 6 ? 2 : id % 6 + 2;
        tries.push_back(keep(lane.members.set_role(as(id), where.id, other, role::member, soon()), demoted[i]));
      }
    }
    ASSERT_TRUE(lane.run(all(std::move(tries))));
    const auto owners =
        sql("americas", fmt::format(
                            "SELECT count(*) > 0 FROM workspaceprofile_americas "
                            "WHERE workspace_id = {} AND role = 'owner'",
                            where.id
                        ));
    ASSERT_EQ(owners, "t");
  }
}

TEST_F(organisation_pgtest, of_two_last_owners_who_leave_one_stays) {
  const auto where = found_workspace();
  let_in(where, 3, "owner");
  const auto rows = fmt::format("SELECT FROM workspaceprofile_americas WHERE workspace_id = {} FOR UPDATE", where.id);
  const auto left = race(
      "americas", rows, lane.members.remove(as(1), where.id, 1, soon()), lane.members.remove(as(3), where.id, 3, soon())
  );
  ASSERT_NE(left[0].has_value(), left[1].has_value());
  EXPECT_EQ(code_of(left[left[0] ? 1 : 0]), errc::conflict);
}

TEST_F(organisation_pgtest, of_two_owners_who_demote_each_other_one_does) {
  const auto where = found_workspace();
  let_in(where, 3, "owner");
  const auto rows = fmt::format("SELECT FROM workspaceprofile_americas WHERE workspace_id = {} FOR UPDATE", where.id);
  const auto demoted = race(
      "americas", rows, lane.members.set_role(as(1), where.id, 3, role::member, soon()),
      lane.members.set_role(as(3), where.id, 1, role::member, soon())
  );
  ASSERT_NE(demoted[0].has_value(), demoted[1].has_value());
  EXPECT_EQ(code_of(demoted[demoted[0] ? 1 : 0]), errc::forbidden);
}

TEST_F(organisation_pgtest, of_two_who_change_the_same_version_one_does) {
  const auto where = found_workspace();
  const auto renamed = race(
      "americas", fmt::format("SELECT FROM workspace_americas WHERE id = {} FOR UPDATE", where.id),
      lane.workspaces.rename(as(1), where.id, "One", where.version, soon()),
      lane.workspaces.rename(as(1), where.id, "Other", where.version, soon())
  );
  ASSERT_NE(renamed[0].has_value(), renamed[1].has_value());
  EXPECT_EQ(code_of(renamed[renamed[0] ? 1 : 0]), errc::stale);

  const auto open = make_channel(where, "open");
  const auto change_to = [&](const std::string& name) {
    channel_change what;
    what.name = name;
    what.version = open.version;
    return lane.channels.update(as(1), open.id, what, soon());
  };
  const auto changed = race(
      "americas", fmt::format("SELECT FROM channel_americas WHERE id = {} FOR UPDATE", open.id), change_to("one"),
      change_to("other")
  );
  ASSERT_NE(changed[0].has_value(), changed[1].has_value());
  EXPECT_EQ(code_of(changed[changed[0] ? 1 : 0]), errc::stale);
}

TEST_F(organisation_pgtest, whoever_is_removed_is_out_of_the_channels_too) {
  const auto where = found_company("Germany");
  const auto open = make_channel(where, "open", false, {5});
  const auto closed = make_channel(where, "closed", true, {5});
  ASSERT_TRUE(remove(where, 3, 5));
  EXPECT_EQ(code_of(lane.run(lane.channels.get(as(5), closed.id, soon()))), errc::not_found);
  EXPECT_EQ(
      sql("europe", fmt::format(
                        "SELECT count(*) FROM channel_member_europe WHERE profile_id = 5 AND channel_id IN ({}, {})",
                        open.id, closed.id
                    )),
      "0"
  );
  EXPECT_GT(lane.run(lane.channels.get(as(1), closed.id, soon())).value().version, closed.version);
}

// Somebody adds a person to a channel; before that is committed, an admin removes the person from the workspace.
TEST_F(organisation_pgtest, nobody_stays_behind_in_a_channel_that_he_was_just_added_to) {
  const auto where = found_company();
  const auto closed = make_channel(where, "closed", true);
  auto adding = world->connect("geo-americas");
  adding.text("BEGIN");
  adding.text(fmt::format(
      "SELECT FROM workspaceprofile_americas WHERE workspace_id = {} AND profile_id = 5 FOR KEY SHARE", where.id
  ));
  adding.text(fmt::format(
      "INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES ({}, 5, 'USA')", closed.id
  ));
  std::thread later([&] {
    std::this_thread::yield();
    adding.text("SELECT pg_sleep(0.5)");
    adding.text("COMMIT");
  });
  const auto removed = remove(where, 3, 5);
  later.join();
  ASSERT_TRUE(removed) << to_string(removed.error());
  EXPECT_EQ(
      sql("americas", fmt::format("SELECT profile_id FROM channel_member_americas WHERE channel_id = {}", closed.id)),
      "1"
  );
}

TEST_F(organisation_pgtest, a_leaver_waits_for_his_channels_in_the_order_of_their_ids) {
  const auto where = found_company();
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(make_channel(where, fmt::format("c{}", i), false, {5}).id);
  }
  std::ranges::sort(ids);
  // The lowest is the last that he came into.
  ASSERT_TRUE(lane.run(lane.channels.remove_member(as(5), ids.front(), 5, soon())));
  ASSERT_TRUE(lane.run(lane.channels.add_member(as(5), ids.front(), 5, soon())));
  const auto gone = test::run_behind(
      *world, lane, "geo-americas", fmt::format("SELECT FROM channel_americas WHERE id = {} FOR UPDATE", ids.front()),
      lane.members.remove(as(5), where.id, 5, soon()),
      [&] {
        const auto others = fmt::format(
            "SELECT count(*) FROM (SELECT FROM channel_americas "
            "WHERE workspace_id = {} AND id > {} FOR UPDATE NOWAIT) AS other",
            where.id, ids.front()
        );
        EXPECT_EQ(sql("americas", others), "5") << "a channel is locked before a lower one";
      }
  );
  EXPECT_TRUE(gone) << to_string(gone.error());
}

TEST_F(organisation_pgtest, a_frozen_region_does_not_take_the_time_of_the_others) {
  ASSERT_TRUE(lane.run(lane.workspaces.list(as(9), {}, soon())));  // all regions are connected
  world->freeze_node("geo-asia");
  const auto begin = std::chrono::steady_clock::now();
  const auto mine = lane.run(lane.workspaces.list(as(9), {}, soon()));
  const auto took = std::chrono::steady_clock::now() - begin;
  world->thaw_node("geo-asia");
  ASSERT_TRUE(mine) << to_string(mine.error());
  EXPECT_EQ(mine->missing_regions, "asia");
  EXPECT_EQ(mine->rows.size(), 1U);
  EXPECT_LT(took, std::chrono::seconds(3));
}

TEST_F(organisation_pgtest, the_others_are_there_while_a_region_is_missing) {
  const auto hidden = found_workspace("Germany");
  world->kill_node("geo-asia");
  const auto mine = lane.run(lane.workspaces.list(as(9), {}, soon()));
  ASSERT_TRUE(mine) << to_string(mine.error());
  EXPECT_EQ(mine->missing_regions, "asia");
  ASSERT_EQ(mine->rows.size(), 1U);
  EXPECT_EQ(mine->rows[0].id, 1);
  const auto listed = lane.run(lane.members.list(as(1), 1, std::nullopt, {}, soon()));
  ASSERT_TRUE(listed) << to_string(listed.error());
  EXPECT_EQ(listed->missing_regions, "asia");
  ASSERT_EQ(listed->rows.size(), 4U);
  EXPECT_TRUE(listed->rows[0].profile);
  EXPECT_FALSE(listed->rows[3].profile);  // 9 rests in asia
  EXPECT_EQ(code_of(lane.run(lane.workspaces.get(as(9), 5, soon()))), errc::unavailable);
  // What is hidden and what is not there look the same, also now.
  EXPECT_EQ(code_of(lane.run(lane.workspaces.get(as(9), hidden.id, soon()))), errc::not_found);
  EXPECT_EQ(code_of(lane.run(lane.workspaces.get(as(9), hidden.id | 0xFFF, soon()))), errc::not_found);

  const auto answer = lane.send(9, http::verb::get, "/v1/channels");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("Meridian-Missing-Regions"), "asia");
  EXPECT_NE(answer.body.find("apache_kafka_support"), std::string::npos);
  world->up();
}

}  // namespace
}  // namespace meridian::messaging
