// Channels and who is in them, on three regions.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/behind.hpp"
#include "support/lost_answer.hpp"
#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using organisation_pgtest = test::organisation_suite;
using test::code_of;
using test::keep;
using testing::ElementsAre;
using testing::IsEmpty;

// What a list shows, by name; direct channels by their people.
std::vector<std::string> names_of(const result<page<channel>>& listed) {
  EXPECT_TRUE(listed) << to_string(listed.error());
  std::vector<std::string> names;
  for (const auto& one : listed ? listed->rows : std::vector<channel>()) {
    names.push_back(one.is_direct ? fmt::format("{}", fmt::join(one.direct_profile_ids, ",")) : one.name);
  }
  return names;
}

void post(const channel& where, const std::string& country, int messages, test::local_topology& world) {
  world.connect("geo-" + where.home->name)
      .text(fmt::format(
          "INSERT INTO message_{} (channel_id, sender_id, message, country) SELECT {}, 1, 'm' || i, '{}' "
          "FROM generate_series(1, {}) AS i",
          where.home->name, where.id, country, messages
      ));
}

TEST_F(organisation_pgtest, a_channel_has_a_name_of_its_own_in_its_workspace) {
  const auto where = found_company("India");
  const auto made = make_channel(where, "Road-Map", false, {3, 4});
  EXPECT_EQ(made.name, "road-map");
  EXPECT_EQ(made.home->name, "asia");
  EXPECT_TRUE(made.is_member);
  EXPECT_EQ(lane.run(lane.channels.get(as(3), made.id, soon())).value().member_count, 3);
  new_channel wish;
  wish.name = "ROAD-MAP";
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(5), where.id, wish, soon()))), errc::conflict);
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(6), where.id, wish, soon()))), errc::not_found);
  wish.name = "other";
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(4), where.id, wish, soon()))), errc::forbidden);
  wish.member_ids = {3, 6};
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(5), where.id, wish, soon()))), errc::conflict);
  wish.member_ids.clear();
  wish.name = "two words";
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(5), where.id, wish, soon()))), errc::invalid_argument);
  make_channel(found_workspace("India"), "road-map");
}

TEST_F(organisation_pgtest, of_many_who_make_a_channel_at_once_one_does) {
  const auto where = found_workspace();
  const auto race = [&](const std::optional<std::string>& key) {
    new_channel wish;
    wish.name = key ? "repeated" : "wanted";
    wish.creation_key = key;
    std::vector<result<made<channel>>> outcomes(8, error{});
    std::vector<task<void>> tries;
    for (auto& outcome : outcomes) {
      tries.push_back(keep(lane.channels.create(as(1), where.id, wish, soon()), outcome));
    }
    EXPECT_TRUE(lane.run(all(std::move(tries))));
    return outcomes;
  };
  const auto is_new = [](const auto& one) { return one.has_value() && one->is_new; };
  const auto is_answered = [](const auto& one) { return one.has_value(); };
  const auto raced = race(std::nullopt);
  EXPECT_EQ(std::ranges::count_if(raced, is_answered), 1);
  for (const auto& one : raced) {
    EXPECT_TRUE(one || one.error().code == errc::conflict) << to_string(one.error());
  }
  const auto repeated = race("key-1");
  EXPECT_EQ(std::ranges::count_if(repeated, is_new), 1);
  EXPECT_EQ(std::ranges::count_if(repeated, is_answered), 8);
}

TEST_F(organisation_pgtest, a_channel_whose_answer_was_lost_is_made_once_and_told) {
  const auto where = found_company();
  auto losing = test::lose_next_answer(*world, "geo-americas");
  new_channel wish;
  wish.name = "lost";
  const auto made = lane.run(lane.channels.create(as(5), where.id, wish, soon()));
  losing.join();
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_TRUE(made->is_new);
  EXPECT_EQ(made->row.name, "lost");
}

TEST_F(organisation_pgtest, a_private_channel_is_not_shown_again_to_whom_it_turned_out) {
  const auto where = found_company();
  new_channel wish;
  wish.name = "secret";
  wish.is_private = true;
  wish.member_ids = {1};
  wish.creation_key = "key-of-5";
  const auto made = lane.run(lane.channels.create(as(5), where.id, wish, soon()));
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_TRUE(lane.run(lane.channels.create(as(5), where.id, wish, soon())));
  ASSERT_TRUE(lane.run(lane.channels.remove_member(as(1), made->row.id, 5, soon())));
  EXPECT_EQ(code_of(lane.run(lane.channels.create(as(5), where.id, wish, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, the_same_people_find_the_same_direct_channel) {
  const auto where = found_company();
  const auto open = [&](std::int64_t who, std::vector<std::int64_t> with) {
    return lane.run(lane.channels.open_direct(as(who), where.id, std::move(with), soon()));
  };
  const auto first = open(1, {5});
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_TRUE(first->is_new);
  EXPECT_THAT(first->row.direct_profile_ids, ElementsAre(1, 5));
  EXPECT_TRUE(first->row.is_private);
  const auto second = open(5, {1});
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_FALSE(second->is_new);
  EXPECT_EQ(first->row.id, second->row.id);
  const auto group = open(1, {5, 3, 4});
  const auto same_group = open(4, {1, 3, 5});  // guests write to people, too
  ASSERT_TRUE(group && same_group);
  EXPECT_EQ(group->row.id, same_group->row.id);
  EXPECT_NE(group->row.id, first->row.id);
  const auto alone = open(3, {});
  ASSERT_TRUE(alone) << to_string(alone.error());
  EXPECT_THAT(alone->row.direct_profile_ids, ElementsAre(3));
  EXPECT_EQ(open(3, {3}).value().row.id, alone->row.id);
  EXPECT_EQ(code_of(open(1, {6})), errc::conflict);
  EXPECT_EQ(code_of(open(6, {1})), errc::not_found);

  // Both at once.
  std::vector<result<made<channel>>> outcomes(8, error{});
  std::vector<task<void>> tries;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::int64_t who = i % 2 == 0 ? 3 : 5;
    tries.push_back(keep(lane.channels.open_direct(as(who), where.id, {8 - who}, soon()), outcomes[i]));
  }
  ASSERT_TRUE(lane.run(all(std::move(tries))));
  for (const auto& one : outcomes) {
    ASSERT_TRUE(one) << to_string(one.error());
    EXPECT_EQ(one->row.id, outcomes[0]->row.id);
  }

  // Who left the workspace and came back is in it again.
  ASSERT_TRUE(remove(where, 1, 5));
  EXPECT_EQ(code_of(lane.run(lane.channels.get(as(5), first->row.id, soon()))), errc::not_found);
  EXPECT_EQ(open(1, {5}).value().row.id, first->row.id);  // what was said can still be read
  let_in(where, 5, "member");
  EXPECT_EQ(open(5, {1}).value().row.id, first->row.id);
  EXPECT_TRUE(lane.run(lane.channels.get(as(5), first->row.id, soon())));
}

TEST_F(organisation_pgtest, a_direct_channel_that_a_person_typed_is_found) {
  sql("europe",
      "INSERT INTO Channel (id, workspace_id, is_direct, direct_profile1_id, direct_profile2_id, country) "
      "VALUES (70, 1, true, 9, 8, 'USA')");
  const auto found = lane.run(lane.channels.open_direct(as(8), 1, {9}, soon()));
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->row.id, 70);
  EXPECT_TRUE(lane.run(lane.channels.get(as(9), 70, soon())).value().is_member);
  EXPECT_EQ(code_of(lane.run(lane.channels.get(as(1), 70, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, lists_show_what_each_may_see) {
  const auto where = found_company();
  make_channel(where, "open");
  const auto closed = make_channel(where, "closed", true);
  make_channel(where, "for-guests", false, {4});
  const auto old = make_channel(where, "old");
  channel_change archive;
  archive.is_archived = true;
  ASSERT_TRUE(lane.run(lane.channels.update(as(1), old.id, archive, soon())));
  ASSERT_TRUE(lane.run(lane.channels.open_direct(as(1), where.id, {5}, soon())));
  const auto list = [&](std::int64_t who, channel_filter which = {}) {
    return names_of(lane.run(lane.channels.list(as(who), where.id, which, {}, soon())));
  };
  EXPECT_THAT(list(1), ElementsAre("general", "open", "closed", "for-guests", "1,5"));
  EXPECT_THAT(list(3), ElementsAre("general", "open", "for-guests"));  // no admin looks into a private channel
  EXPECT_THAT(list(5), ElementsAre("general", "open", "for-guests", "1,5"));
  EXPECT_THAT(list(4), ElementsAre("for-guests"));
  EXPECT_THAT(list(5, {.is_member = true}), ElementsAre("1,5"));
  EXPECT_THAT(list(5, {.is_member = false}), ElementsAre("general", "open", "for-guests"));
  EXPECT_THAT(list(5, {.is_member = std::nullopt, .is_archived = true}), ElementsAre("old"));
  EXPECT_THAT(list(4, {.is_member = std::nullopt, .is_archived = true}), IsEmpty());
  EXPECT_EQ(code_of(lane.run(lane.channels.list(as(6), where.id, {}, {}, soon()))), errc::not_found);
  EXPECT_EQ(code_of(lane.run(lane.channels.get(as(3), closed.id, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, unread_is_what_came_behind_the_cursor) {
  const auto where = found_company("Germany");
  const auto open = make_channel(where, "open", false, {3});
  post(open, "Germany", 5, *world);
  const auto unread = [&](std::int64_t who) {
    return lane.run(lane.channels.get(as(who), open.id, soon())).value().unread_count();
  };
  EXPECT_EQ(unread(1), 5);
  EXPECT_EQ(unread(3), 5);
  EXPECT_EQ(unread(5), 0);  // not in it
  sql("europe", fmt::format(
                    "INSERT INTO read_cursor_europe (channel_id, profile_id, country, read_seq) "
                    "VALUES ({}, 3, 'Germany', 4)",
                    open.id
                ));
  EXPECT_EQ(unread(3), 1);
  ASSERT_TRUE(lane.run(lane.channels.add_member(as(5), open.id, 5, soon())));
  EXPECT_EQ(unread(5), 0);  // said before he came
  post(open, "Germany", 2, *world);
  EXPECT_EQ(unread(5), 2);
  EXPECT_EQ(unread(3), 3);
  const auto own = lane.run(lane.channels.list_own(as(5), {}, soon()));
  ASSERT_TRUE(own);
  const auto mine = std::ranges::find(own->rows, open.id, &channel::id);
  ASSERT_NE(mine, own->rows.end());
  EXPECT_EQ(mine->unread_count(), 2);
}

TEST_F(organisation_pgtest, unread_mentions_are_those_behind_the_cursor_that_call_the_reader) {
  const auto where = found_company("Germany");
  const auto open = make_channel(where, "open", false, {3});
  post(open, "Germany", 5, *world);
  const auto calls = [&](std::int64_t profile_id, int seq) {
    sql("europe",
        fmt::format(
            "INSERT INTO mention_europe (channel_id, profile_id, seq, country) VALUES ({}, {}, {}, 'Germany')", open.id,
            profile_id, seq
        ));
  };
  calls(3, 1);
  calls(0, 1);  // and everybody, in the same message
  calls(3, 2);
  calls(1, 4);
  calls(0, 5);
  const auto unread = [&](std::int64_t who) {
    const auto shown = lane.run(lane.channels.get(as(who), open.id, soon())).value();
    const auto listed = lane.run(lane.channels.list(as(who), where.id, {}, {}, soon())).value();
    const auto same = std::ranges::find(listed.rows, open.id, &channel::id);
    EXPECT_EQ(same->unread_mention_count, shown.unread_mention_count);
    return shown.unread_mention_count;
  };
  EXPECT_EQ(unread(3), 3);
  EXPECT_EQ(unread(1), 3);
  EXPECT_EQ(unread(5), 0);  // not in it: nobody calls him
  sql("europe", fmt::format(
                    "INSERT INTO read_cursor_europe (channel_id, profile_id, country, read_seq) "
                    "VALUES ({}, 3, 'Germany', 2)",
                    open.id
                ));
  EXPECT_EQ(unread(3), 1);
  const auto own = lane.run(lane.channels.list_own(as(3), {}, soon())).value();
  EXPECT_EQ(std::ranges::find(own.rows, open.id, &channel::id)->unread_mention_count, 1);
}

TEST_F(organisation_pgtest, a_channel_is_changed_by_whom_it_belongs_to) {
  const auto where = found_company();
  const auto mine = make_channel(where, "mine", false, {4}, 5);
  const auto change = [&](std::int64_t who, channel_change what, std::int64_t id) {
    return lane.run(lane.channels.update(as(who), id, std::move(what), soon()));
  };
  channel_change name;
  name.name = "Renamed";
  EXPECT_EQ(code_of(change(4, name, mine.id)), errc::forbidden);
  EXPECT_EQ(code_of(change(6, name, mine.id)), errc::not_found);
  EXPECT_EQ(change(5, name, mine.id).value().name, "renamed");
  name.name = "renamed-again";
  name.version = mine.version;
  EXPECT_EQ(code_of(change(3, name, mine.id)), errc::stale);
  name.version = mine.version + 1;
  EXPECT_EQ(change(3, name, mine.id).value().version, mine.version + 2);
  EXPECT_EQ(change(3, name, mine.id).value().version, mine.version + 2);  // a repeat
  channel_change topic;
  topic.topic = "Что нового";
  EXPECT_EQ(change(4, topic, mine.id).value().topic, "Что нового");
  name = {};
  name.name = "general";
  EXPECT_EQ(code_of(change(5, name, mine.id)), errc::conflict);

  channel_change archive;
  archive.is_archived = true;
  EXPECT_TRUE(change(5, archive, mine.id).value().is_archived);
  EXPECT_EQ(code_of(lane.run(lane.channels.add_member(as(1), mine.id, 1, soon()))), errc::conflict);
  archive.is_archived = false;
  EXPECT_FALSE(change(3, archive, mine.id).value().is_archived);

  archive.is_archived = true;
  const auto general = lane.run(lane.channels.list(as(1), where.id, {}, {}, soon())).value().rows.at(0);
  EXPECT_EQ(code_of(change(1, archive, general.id)), errc::conflict);
  const auto direct = lane.run(lane.channels.open_direct(as(1), where.id, {5}, soon())).value().row;
  EXPECT_EQ(code_of(change(1, archive, direct.id)), errc::conflict);
  EXPECT_EQ(code_of(change(3, topic, direct.id)), errc::not_found);
}

TEST_F(organisation_pgtest, a_name_that_is_taken_at_the_same_moment_is_told_in_our_words) {
  const auto where = found_company();
  const auto first = make_channel(where, "first");
  const auto second = make_channel(where, "second");
  channel_change change;
  change.name = "wanted";
  const auto renamed = test::run_behind(
      *world, lane, "geo-americas", fmt::format("UPDATE channel_americas SET name = 'wanted' WHERE id = {}", first.id),
      lane.channels.update(as(1), second.id, change, soon())
  );
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().code, errc::conflict);
  EXPECT_EQ(renamed.error().message, "the workspace has a channel of that name");
  const pg::query twice{
      "twice", "INSERT INTO workspace_${region} (id, name, url, country) VALUES (1, 'w', 'u', 'USA')"
  };
  result<pg::rows> refused = error{};
  ASSERT_TRUE(lane.run(keep(lane.regions().run(*where.home, twice, pg::arguments(), soon()), refused)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::conflict);
  EXPECT_EQ(refused.error().message, "it is in conflict with what is there");
}

TEST_F(organisation_pgtest, people_join_leave_and_are_shown_the_door) {
  const auto where = found_company();
  const auto open = make_channel(where, "open");
  const auto closed = make_channel(where, "closed", true);
  const auto add = [&](std::int64_t who, std::int64_t id, std::int64_t profile_id) {
    return lane.run(lane.channels.add_member(as(who), id, profile_id, soon()));
  };
  const auto drop = [&](std::int64_t who, std::int64_t id, std::int64_t profile_id) {
    return lane.run(lane.channels.remove_member(as(who), id, profile_id, soon()));
  };
  EXPECT_TRUE(add(5, open.id, 5));
  EXPECT_TRUE(add(5, open.id, 5));
  EXPECT_EQ(lane.run(lane.channels.get(as(5), open.id, soon())).value().version, open.version + 1);
  EXPECT_EQ(code_of(add(4, open.id, 4)), errc::not_found);  // a guest sees what he is in
  EXPECT_EQ(code_of(add(3, open.id, 4)), errc::forbidden);  // not in it himself
  EXPECT_EQ(code_of(add(5, open.id, 6)), errc::conflict);   // not of the workspace
  EXPECT_EQ(code_of(add(3, closed.id, 3)), errc::not_found);
  EXPECT_TRUE(add(5, open.id, 4));
  EXPECT_EQ(code_of(add(4, open.id, 3)), errc::forbidden);
  EXPECT_TRUE(add(1, closed.id, 5));
  EXPECT_TRUE(lane.run(lane.channels.get(as(5), closed.id, soon())));

  EXPECT_EQ(code_of(drop(5, open.id, 4)), errc::forbidden);
  EXPECT_EQ(code_of(drop(3, open.id, 1)), errc::forbidden);  // the owner is above
  EXPECT_TRUE(drop(3, open.id, 4));
  EXPECT_TRUE(drop(3, open.id, 4));
  EXPECT_TRUE(drop(5, closed.id, 5));
  EXPECT_TRUE(drop(5, closed.id, 5));
  EXPECT_EQ(code_of(lane.run(lane.channels.get(as(5), closed.id, soon()))), errc::not_found);
  const auto direct = lane.run(lane.channels.open_direct(as(1), where.id, {5}, soon())).value().row;
  EXPECT_EQ(code_of(drop(5, direct.id, 5)), errc::conflict);
  EXPECT_EQ(code_of(add(5, direct.id, 3)), errc::conflict);
  const auto people = lane.run(lane.channels.list_members(as(5), open.id, {}, soon()));
  ASSERT_TRUE(people) << to_string(people.error());
  ASSERT_EQ(people->rows.size(), 2U);
  EXPECT_EQ(people->rows[1].profile->full_name, "Jonas Fischer");
  EXPECT_EQ(code_of(lane.run(lane.channels.list_members(as(4), open.id, {}, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, who_comes_or_goes_moves_the_version_whoever_says_so) {
  const auto where = found_company();
  const auto secret = make_channel(where, "secret", true, {3, 5});
  const auto version = [&] {
    return std::stoll(sql("americas", fmt::format("SELECT version FROM channel_americas WHERE id = {}", secret.id)));
  };
  const auto before = version();
  sql("americas", fmt::format("DELETE FROM channel_member WHERE channel_id = {} AND profile_id = 3", secret.id));
  EXPECT_EQ(version(), before + 1) << "by plain SQL";
  EXPECT_TRUE(lane.run(lane.channels.remove_member(as(1), secret.id, 5, soon())));
  EXPECT_EQ(version(), before + 2);
  EXPECT_TRUE(lane.run(lane.channels.add_member(as(1), secret.id, 5, soon())));
  EXPECT_EQ(version(), before + 3);
  EXPECT_TRUE(remove(where, 1, 5));
  EXPECT_EQ(version(), before + 4);
}

// Every audited write of a region locks its head: nobody may hold it while he waits for a channel that a batch of
// messages holds.
TEST_F(organisation_pgtest, who_waits_for_a_channel_does_not_hold_the_audit_log) {
  const auto where = found_company();
  const auto open = make_channel(where, "open");
  const auto opened = invite(where);
  const auto wait_with = [&](std::int64_t id, auto work) {
    const auto done = test::run_behind(
        *world, lane, "geo-americas", fmt::format("SELECT FROM channel_americas WHERE id = {} FOR UPDATE", id),
        std::move(work),
        [] {
          EXPECT_EQ(sql("americas", "SELECT number >= 0 FROM identity.audit_head_americas FOR UPDATE NOWAIT"), "t");
        }
    );
    EXPECT_TRUE(done) << to_string(done.error());
  };
  wait_with(open.id, lane.channels.add_member(as(5), open.id, 5, soon()));
  wait_with(open.id, lane.channels.remove_member(as(5), open.id, 5, soon()));
  const auto general =
      sql("americas", fmt::format("SELECT id FROM channel_americas WHERE workspace_id = {} AND is_default", where.id));
  wait_with(std::stoll(general), lane.invitations.accept(as(8), opened.token, soon()));
}

TEST_F(organisation_pgtest, pages_show_each_channel_once) {
  const auto where = found_workspace();
  sql("americas", fmt::format(
                      "INSERT INTO channel_americas (id, name, workspace_id, country) "
                      "SELECT 500000 + i, 'many-' || i, {}, 'USA' FROM generate_series(1, 330) AS i",
                      where.id
                  ));
  sql("americas",
      "INSERT INTO channel_member_americas (channel_id, profile_id, country) "
      "SELECT 500000 + i, 1, 'USA' FROM generate_series(1, 330, 2) AS i");
  const auto walk = [&](const std::string& path) {
    std::vector<std::string> ids;
    std::string cursor;
    int pages = 0;
    do {
      const auto answer = lane.send(1, http::verb::get, path + (cursor.empty() ? "" : "&cursor=" + cursor));
      EXPECT_EQ(answer.status, 200) << answer.body;
      const auto body = boost::json::parse(answer.body);
      for (const auto& item : body.at("items").as_array()) {
        ids.emplace_back(item.at("id").as_string());
      }
      cursor = body.at("next_cursor").is_null() ? "" : std::string(body.at("next_cursor").as_string());
    } while (!cursor.empty() && ++pages < 100);
    auto distinct = ids;
    std::ranges::sort(distinct);
    const auto repeats = std::ranges::unique(distinct);
    EXPECT_EQ(std::distance(repeats.begin(), repeats.end()), 0);
    return ids.size();
  };
  EXPECT_EQ(walk(fmt::format("/v1/workspaces/{}/channels?limit=50", where.id)), 331U);
  EXPECT_EQ(walk(fmt::format("/v1/workspaces/{}/channels?limit=7&member=true", where.id)), 166U);
  EXPECT_EQ(walk(fmt::format("/v1/workspaces/{}/channels?limit=165&member=false", where.id)), 165U);
  EXPECT_GE(walk("/v1/channels?limit=50"), 166U);
}

}  // namespace
}  // namespace meridian::messaging
