// The sample company's accounts, and reading the audit log.
#include <memory>

#include <gmock/gmock.h>

#include "identity/audit_log.hpp"
#include "identity/enrollment.hpp"
#include "support/identity_lane.hpp"

namespace meridian::identity {
namespace {

using namespace std::chrono_literals;
using test::identity_lane;

enrollment wish_for(const std::string& password) {
  enrollment wish;
  wish.digest_key = test::lane_settings::settings_with_key().digest_key;
  wish.password = password;
  return wish;
}

TEST(enrollment_pgtest, sample_people_get_accounts_once) {
  test::local_topology world({"geo"});
  world.up();
  identity_lane lane(world, "europe");
  cpu_pool pool(2, 20);
  const auto enroll = [&](const enrollment& wish) {
    return lane.run(enroll_sample_people(lane.regions(), pool, wish, deadline::in(20s)));
  };
  // What `up` may have made before is replaced, as its key is another one.
  EXPECT_EQ(enroll(wish_for("first sample password")).value(), 10);
  for (const auto* email : {"msmith@apache.org", "jonas_fischer@gmail.com", "pgarg@techmahindra.com"}) {
    EXPECT_EQ(lane.sign_in(email, "first sample password").status, 201) << email;
  }
  EXPECT_EQ(lane.sign_up("ahlam@tiktok.com", "India").status, 409) << "its claim was taken";

  // Again: whoever chose another password keeps it.
  const auto token = lane.token_of("msmith@apache.org", "first sample password");
  const auto changed = lane.send(
      http::verb::put, "/v1/profiles/me/password",
      R"({"current_password": "first sample password", "new_password": "a password of my own"})", token
  );
  EXPECT_EQ(changed.status, 204) << changed.body;
  EXPECT_EQ(enroll(wish_for("first sample password")).value(), 10);
  EXPECT_EQ(lane.sign_in("msmith@apache.org", "a password of my own").status, 201);

  auto wish = wish_for("second sample password");
  wish.is_new = true;
  EXPECT_EQ(enroll(wish).value(), 10);
  EXPECT_EQ(lane.sign_in("msmith@apache.org", "second sample password").status, 201);
  EXPECT_EQ(lane.sign_in("jbrown@shopify.com", "second sample password").status, 201);
  EXPECT_EQ(lane.sign_in("jbrown@shopify.com", "first sample password").status, 401);

  // The profiles of one person.
  const auto first = lane.token_of("msmith@apache.org", "second sample password");
  EXPECT_EQ(lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": "2"})", first).status, 201);
  EXPECT_EQ(lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": "3"})", first).status, 404);

  // Somebody's own profile with a sample person's number is not one.
  world.connect("geo-asia").text("UPDATE profile_asia SET email = 'mine@example.com' WHERE id = 10");
  EXPECT_EQ(enroll(wish).value(), 9);
  world.kill_node("geo-asia");
  const auto without = enroll(wish);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, errc::unavailable);
}

TEST(enrollment_pgtest, the_audit_log_is_read_over_all_regions) {
  test::local_topology world({"geo"});
  world.up({"--empty"});
  identity_lane lane(world, "asia");
  for (const auto* country : {"India", "Germany", "USA"}) {
    const auto email = std::string(country) + "@example.com";
    ASSERT_EQ(lane.sign_up(email, country).status, 201);
    lane.token_of(email);
  }
  const auto list = [&](const topology::region* where, std::int64_t limit) {
    return lane.run(list_audit_entries(lane.regions(), where, limit, deadline::in(5s))).value();
  };
  const auto all = list(nullptr, 100);
  ASSERT_EQ(all.entries.size(), 6U);
  EXPECT_EQ(all.entries[0].action, "signed up");
  EXPECT_EQ(all.entries[0].where->name, "asia");
  EXPECT_EQ(all.entries[5].action, "signed in");
  EXPECT_EQ(all.entries[5].where->name, "americas");
  EXPECT_EQ(all.entries[5].number, 2);
  EXPECT_EQ(all.entries[5].subject, "profile:" + std::to_string(all.entries[5].actor_id.value()));
  EXPECT_EQ(list(nullptr, 1).entries.at(0).where->name, "americas");
  EXPECT_EQ(list(lane.regions().find("europe"), 100).entries.size(), 2U);

  const auto verify = [&] { return lane.run(verify_audit_chains(lane.regions(), nullptr, deadline::in(5s))).value(); };
  auto reports = verify();
  ASSERT_EQ(reports.chains.size(), 3U);
  for (const auto& chain : reports.chains) {
    EXPECT_EQ(chain.broken_at, std::nullopt);
    EXPECT_EQ(chain.newest_number, 2);
    EXPECT_EQ(chain.newest_hash.size(), 32U);
  }
  world.connect("geo-europe")
      .script(
          "ALTER TABLE identity.audit_entry_europe DISABLE TRIGGER USER;"
          "UPDATE identity.audit_entry_europe SET subject = 'profile:0' WHERE number = 2;"
      )
      .value();
  world.kill_node("geo-asia");
  reports = verify();
  ASSERT_EQ(reports.chains.size(), 2U);
  EXPECT_EQ(reports.chains[0].broken_at, std::nullopt);
  EXPECT_EQ(reports.chains[1].broken_at, 2);
  ASSERT_EQ(reports.missing.size(), 1U);
  EXPECT_EQ(reports.missing[0].where->name, "asia");
}

}  // namespace
}  // namespace meridian::identity
