// Inviting people and coming by an invitation, on three regions.
#include <algorithm>

#include <gmock/gmock.h>

#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using organisation_pgtest = test::organisation_suite;
using test::code_of;
using test::keep;
using testing::ElementsAre;

TEST_F(organisation_pgtest, an_invitation_leads_to_a_workspace_far_away) {
  const auto where = found_workspace("India");
  const auto general = sql("asia", fmt::format("SELECT id FROM channel_asia WHERE workspace_id = {}", where.id));
  sql("asia",
      fmt::format(
          "INSERT INTO message_asia (channel_id, sender_id, message, country) VALUES ({}, 1, 'before', 'India')",
          general
      ));
  const auto opened = invite(where);
  EXPECT_TRUE(opened.token.starts_with(fmt::format("i1.{}.", where.home->number)));
  EXPECT_EQ(opened.url, "https://chat/join#" + opened.token);
  const auto shown = lane.run(lane.invitations.preview(opened.token, soon()));
  ASSERT_TRUE(shown) << to_string(shown.error());
  EXPECT_EQ(shown->workspace_name, where.name);

  const auto joined = lane.run(lane.invitations.accept(as(4), opened.token, soon()));
  ASSERT_TRUE(joined) << to_string(joined.error());
  EXPECT_TRUE(joined->is_new);
  EXPECT_EQ(joined->row.id, where.id);
  EXPECT_EQ(joined->row.own_role, role::member);
  EXPECT_EQ(joined->row.home->name, "asia");
  const auto channels = lane.run(lane.channels.list(as(4), where.id, {}, {}, soon()));
  ASSERT_EQ(channels.value().rows.size(), 1U);
  EXPECT_TRUE(channels->rows[0].is_member);
  EXPECT_EQ(channels->rows[0].last_seq, 1);
  EXPECT_EQ(channels->rows[0].unread_count(), 0);  // said before he came

  // He is in, so it costs nothing to come again; nobody else gets in.
  const auto again = lane.run(lane.invitations.accept(as(4), opened.token, soon()));
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(code_of(lane.run(lane.invitations.accept(as(5), opened.token, soon()))), errc::not_found);
  EXPECT_EQ(code_of(lane.run(lane.invitations.preview(opened.token, soon()))), errc::not_found);
}

TEST_F(organisation_pgtest, of_many_who_accept_at_once_as_many_get_in_as_it_has_uses) {
  for (const std::int64_t uses : {1, 3}) {
    const auto where = found_workspace("Germany");
    const auto opened = invite(where, uses);
    std::vector<result<made<workspace>>> outcomes(24, error{});
    std::vector<task<void>> tries;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      // Each profile twice.
      const auto who = as(100 + static_cast<std::int64_t>(i) / 2);
      tries.push_back(keep(lane.invitations.accept(who, opened.token, soon()), outcomes[i]));
    }
    ASSERT_TRUE(lane.run(all(std::move(tries))));
    const auto is_new = [](const auto& one) { return one.has_value() && one->is_new; };
    EXPECT_EQ(std::ranges::count_if(outcomes, is_new), uses);
    for (std::size_t i = 0; i < outcomes.size(); i += 2) {
      EXPECT_EQ(outcomes[i].has_value(), outcomes[i + 1].has_value());
    }
    EXPECT_EQ(
        sql("europe",
            fmt::format(
                "SELECT i.uses, (SELECT count(*) FROM workspaceprofile_europe m WHERE m.workspace_id = {0}) - 1, "
                "(SELECT count(*) FROM identity.audit_entry_europe WHERE subject = 'invitation:' || i.id "
                "AND action = 'invitation accepted') FROM identity.invitation_europe i WHERE workspace_id = {0}",
                where.id
            )),
        fmt::format("{0}|{0}|{0}", uses)
    );
  }
  EXPECT_EQ(sql("europe", "SELECT identity.verify_audit_chain_europe() IS NULL"), "t");
}

TEST_F(organisation_pgtest, the_second_who_waits_for_the_last_use_is_told_that_it_is_gone) {
  const auto where = found_workspace();
  const auto opened = invite(where);
  const auto rows = fmt::format("SELECT FROM identity.invitation_americas WHERE id = {} FOR UPDATE", opened.row.id);
  const auto joined = race(
      "americas", rows, lane.invitations.accept(as(8), opened.token, soon()),
      lane.invitations.accept(as(9), opened.token, soon())
  );
  ASSERT_NE(joined[0].has_value(), joined[1].has_value());
  EXPECT_EQ(code_of(joined[joined[0] ? 1 : 0]), errc::not_found);

  // The same person twice is in, twice.
  const auto other = invite(where);
  const auto twice = race(
      "americas", fmt::format("SELECT FROM identity.invitation_americas WHERE id = {} FOR UPDATE", other.row.id),
      lane.invitations.accept(as(5), other.token, soon()), lane.invitations.accept(as(5), other.token, soon())
  );
  ASSERT_TRUE(twice[0] && twice[1]);
  EXPECT_NE(twice[0]->is_new, twice[1]->is_new);
}

TEST_F(organisation_pgtest, an_invitation_that_is_over_opens_nothing) {
  const auto where = found_workspace();
  const auto revoked = invite(where);
  ASSERT_TRUE(lane.run(lane.invitations.revoke(as(1), revoked.row.id, soon())));
  ASSERT_TRUE(lane.run(lane.invitations.revoke(as(1), revoked.row.id, soon())));
  const auto expired = invite(where);
  sql("americas",
      fmt::format(
          "UPDATE identity.invitation_americas SET expires_at = now() - interval '1 s' WHERE id = {}", expired.row.id
      ));
  for (const auto& token :
       {revoked.token, expired.token, make_invitation_token(1, std::string(32, 'x')),
        make_invitation_token(30, std::string(32, 'x')), std::string("nonsense")}) {
    EXPECT_EQ(code_of(lane.run(lane.invitations.preview(token, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(lane.invitations.accept(as(8), token, soon()))), errc::not_found);
  }
}

TEST_F(organisation_pgtest, nobody_invites_to_a_role_above_his_own) {
  const auto where = found_company();
  const auto invite_as = [&](std::int64_t profile_id, role wanted) {
    new_invitation wish;
    wish.role = wanted;
    return lane.run(lane.invitations.create(as(profile_id), where.id, wish, soon()));
  };
  EXPECT_EQ(code_of(invite_as(6, role::guest)), errc::not_found);
  EXPECT_EQ(code_of(invite_as(4, role::guest)), errc::forbidden);
  EXPECT_EQ(code_of(invite_as(5, role::guest)), errc::forbidden);
  EXPECT_EQ(code_of(invite_as(3, role::owner)), errc::forbidden);
  EXPECT_TRUE(invite_as(3, role::admin));
  EXPECT_TRUE(invite_as(1, role::owner));
  const auto opened = invite_as(3, role::guest);
  ASSERT_TRUE(opened);
  EXPECT_EQ(code_of(lane.run(lane.invitations.revoke(as(5), opened->row.id, soon()))), errc::forbidden);
  EXPECT_EQ(code_of(lane.run(lane.invitations.revoke(as(6), opened->row.id, soon()))), errc::not_found);
  EXPECT_EQ(code_of(lane.run(lane.invitations.list(as(5), where.id, {}, soon()))), errc::forbidden);
  EXPECT_EQ(code_of(lane.run(lane.invitations.list(as(6), where.id, {}, soon()))), errc::not_found);
  const auto first = lane.run(lane.invitations.list(as(3), where.id, {0, 2}, soon()));
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->rows.size(), 2U);
  ASSERT_TRUE(first->next_behind);
  const auto second = lane.run(lane.invitations.list(as(3), where.id, {*first->next_behind, 2}, soon()));
  EXPECT_EQ(second->rows.size(), 1U);
  EXPECT_FALSE(second->next_behind);
}

TEST_F(organisation_pgtest, an_invitation_goes_with_the_rights_of_who_made_it) {
  const auto where = found_company();
  const auto invite_as = [&](std::int64_t profile_id, role wanted) {
    new_invitation wish;
    wish.role = wanted;
    const auto opened = lane.run(lane.invitations.create(as(profile_id), where.id, wish, soon()));
    EXPECT_TRUE(opened) << to_string(opened.error());
    return opened ? opened->token : "";
  };
  ASSERT_TRUE(set_role(where, 1, 5, role::owner));
  const auto to_admin = invite_as(3, role::admin);
  const auto to_owner = invite_as(5, role::owner);
  const auto to_guest = invite_as(5, role::guest);
  const auto expect_open = [&](const std::string& token, bool is_open) {
    EXPECT_EQ(lane.run(lane.invitations.preview(token, soon())).has_value(), is_open);
    if (!is_open) {
      EXPECT_EQ(code_of(lane.run(lane.invitations.accept(as(8), token, soon()))), errc::not_found);
    }
  };
  expect_open(to_admin, true);
  ASSERT_TRUE(remove(where, 1, 3));
  expect_open(to_admin, false);
  // An admin still invites guests, and no owners.
  ASSERT_TRUE(set_role(where, 1, 5, role::admin));
  expect_open(to_owner, false);
  expect_open(to_guest, true);
  ASSERT_TRUE(set_role(where, 1, 5, role::member));
  expect_open(to_guest, false);
  EXPECT_EQ(roles_of(where), (std::vector<std::string>{"1:owner", "4:guest", "5:member"}));
}

TEST_F(organisation_pgtest, a_repeated_request_for_an_invitation_gets_the_same_token) {
  const auto where = found_workspace();
  new_invitation wish;
  wish.creation_key = "key-1";
  const auto first = lane.run(lane.invitations.create(as(1), where.id, wish, soon()));
  const auto second = lane.run(lane.invitations.create(as(1), where.id, wish, soon()));
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->is_new);
  EXPECT_FALSE(second->is_new);
  EXPECT_EQ(first->token, second->token);
  EXPECT_EQ(first->row.id, second->row.id);
  EXPECT_NE(invite(where).token, first->token);
  // What is kept does not open it.
  EXPECT_EQ(
      sql("americas", fmt::format(
                          "SELECT token_hash = sha256('{}') FROM identity.invitation_americas WHERE id = {}",
                          first->token, first->row.id
                      )),
      "t"
  );
  EXPECT_NE(world->connect("geo-americas", "meridian_adhoc").refusal("SELECT * FROM identity.invitation_americas"), "");
}

}  // namespace
}  // namespace meridian::messaging
