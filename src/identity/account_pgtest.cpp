// Signing up and in on three regions.
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "identity/email.hpp"
#include "runtime/crypto.hpp"
#include "support/identity_lane.hpp"

namespace meridian::identity {
namespace {

using test::identity_lane;
using testing::HasSubstr;
using testing::Not;

constexpr std::pair<const char*, const char*> regions[] = {
    {"americas", "Canada"}, {"europe", "Germany"}, {"asia", "India"}
};

std::string to_hex(const std::string& octets) {
  std::string digits;
  for (const auto octet : octets) {
    digits += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  }
  return digits;
}

class account_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up({"--empty"});
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::string audit(const std::string& region, const std::string& where) {
    return world->connect("geo-" + region)
        .text("SELECT action FROM identity.audit_entry_" + region + " WHERE " + where + " ORDER BY number");
  }

  static inline std::unique_ptr<test::local_topology> world;
};

TEST_F(account_pgtest, people_sign_up_and_in_at_every_region_and_rest_in_their_own) {
  for (const auto& [here, unused] : regions) {
    identity_lane lane(*world, here);
    for (const auto& [home, country] : regions) {
      const auto email = fmt::format("{}-{}@example.com", here, home);
      const auto made = lane.sign_up(email, country);
      ASSERT_EQ(made.status, 201) << made.body;
      EXPECT_EQ(made.headers.find("Meridian-Region"), home);
      EXPECT_EQ(identity_lane::text_at(made, "region"), home);
      EXPECT_EQ(identity_lane::text_at(made, "email"), email);
      EXPECT_THAT(made.body, Not(HasSubstr("argon")));
      const auto id = identity_lane::text_at(made, "id");
      EXPECT_EQ(identity_lane::text_at(made, "main_profile_id"), id);
      EXPECT_EQ(made.headers.find("Location"), "/v1/profiles/" + id);
      auto node = world->connect(std::string("geo-") + home);
      EXPECT_EQ(node.text(fmt::format("SELECT country FROM profile_{} WHERE id = {}", home, id)), country);
      EXPECT_EQ(audit(home, fmt::format("subject = 'profile:{}'", id)), "signed up");

      const auto signed_in = lane.sign_in("  " + email + " ");
      ASSERT_EQ(signed_in.status, 201) << signed_in.body;
      EXPECT_THAT(signed_in.body, HasSubstr("\"id\":\"" + id + "\""));
      EXPECT_EQ(audit(home, fmt::format("subject = 'profile:{}'", id)), "signed up\nsigned in");
      const auto token = identity_lane::text_at(signed_in, "token");
      EXPECT_EQ(
          node.text(
              fmt::format("SELECT encode(token_hash, 'hex') FROM identity.session_{} WHERE profile_id = {}", home, id)
          ),
          sha256_hex(token)
      );
      const auto cookie = std::string(signed_in.headers.find("Set-Cookie").value_or(""));
      EXPECT_THAT(cookie, HasSubstr("meridian_session=" + token + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"));
      EXPECT_THAT(cookie, Not(HasSubstr("Secure")));
    }
  }
}

TEST_F(account_pgtest, an_address_belongs_to_one_account_over_all_regions) {
  identity_lane americas(*world, "americas");
  identity_lane asia(*world, "asia");
  ASSERT_EQ(americas.sign_up("one@example.com", "USA").status, 201);
  for (const auto& [home, country] : regions) {
    const auto again = asia.sign_up(" ONE@Example.com", country);
    EXPECT_EQ(again.status, 409) << again.body;
    EXPECT_EQ(identity_lane::text_at(again, "field"), "email");
  }
  // At the same moment from everywhere.
  std::vector<std::jthread> people;
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 6; ++i) {
    people.emplace_back([&made, &refused, i] {
      identity_lane lane(*world, regions[i % 3].first);
      const auto answer = lane.sign_up("race@example.com", regions[(i + i / 3) % 3].second);
      EXPECT_THAT(answer.status, testing::AnyOf(201, 409, 503)) << answer.body;
      ++(answer.status == 201 ? made : refused);
    });
  }
  people.clear();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 5);
}

TEST_F(account_pgtest, an_orphan_claim_is_taken_over_after_a_minute) {
  identity_lane lane(*world, "europe");
  const auto digest = lane.accounts().digest_of("orphan@example.com");
  auto node = world->connect("geo-europe", "meridian_service");
  const auto claim = [&](const std::string& age) {
    const auto hex = to_hex(digest);
    node.text("DELETE FROM identity.claim WHERE digest = decode('" + hex + "', 'hex')");
    node.text(
        "INSERT INTO identity.claim VALUES ('email', decode('" + hex + "', 'hex'), 12345, now() - interval '" + age +
        "')"
    );
  };
  claim("50 seconds");
  const auto young = lane.sign_up("orphan@example.com", "Germany");
  EXPECT_EQ(young.status, 503) << young.body;
  EXPECT_TRUE(young.headers.find("Retry-After"));
  claim("70 seconds");
  const auto old = lane.sign_up("orphan@example.com", "Germany");
  EXPECT_EQ(old.status, 201) << old.body;
  EXPECT_EQ(
      node.text("SELECT holder_id FROM identity.claim WHERE digest = decode('" + to_hex(digest) + "', 'hex')"),
      identity_lane::text_at(old, "id")
  );
  // Of an account it is never taken over, however old.
  node.text("UPDATE identity.claim SET claimed_at = now() - interval '1 year'");
  EXPECT_EQ(lane.sign_up("orphan@example.com", "India").status, 409);
}

TEST_F(account_pgtest, a_refused_profile_gives_its_address_back) {
  identity_lane lane(*world, "asia");
  auto node = world->connect("geo-asia");
  node.text("ALTER TABLE profile_asia ADD CONSTRAINT nobody CHECK (full_name <> 'Somebody') NOT VALID");
  EXPECT_EQ(lane.sign_up("refused@example.com", "India").status, 400);
  node.text("ALTER TABLE profile_asia DROP CONSTRAINT nobody");
  EXPECT_EQ(lane.sign_up("refused@example.com", "India").status, 201);
}

TEST_F(account_pgtest, a_repeat_with_its_key_gets_the_first_answer) {
  identity_lane lane(*world, "americas");
  const identity_lane::headers key = {{"Idempotency-Key", "key-1"}};
  const auto first = lane.sign_up("repeat@example.com", "India", "", key);
  ASSERT_EQ(first.status, 201) << first.body;
  const auto second = lane.sign_up("repeat@example.com", "India", "", key);
  EXPECT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(lane.sign_up("repeat@example.com", "India", "", {{"Idempotency-Key", "key-2"}}).status, 409);
  EXPECT_EQ(lane.sign_up("repeat@example.com", "India").status, 409);
  const auto other = lane.send(
      http::verb::post, "/v1/profiles",
      R"({"full_name": "X", "email": "repeat@example.com", "password": "another password", "country": "India"})", "",
      key
  );
  EXPECT_EQ(other.status, 409) << "the key alone tells nothing";
}

TEST_F(account_pgtest, bad_sign_ups_name_the_field) {
  identity_lane lane(*world, "asia");
  const auto field = [&](const std::string& body) {
    const auto answer = lane.send(http::verb::post, "/v1/profiles", body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return identity_lane::text_at(answer, "field");
  };
  const auto with = [](const std::string& more) {
    return R"({"full_name": "X", "email": "bad@example.com", "password": "correct horse", )" + more + "}";
  };
  EXPECT_EQ(field("{}"), "full_name");
  EXPECT_EQ(field(with(R"("country": "Atlantis")")), "country");
  EXPECT_EQ(field(with(R"("country": "India", "time_zone": "Mars/Olympus")")), "time_zone");
  EXPECT_EQ(field(with(R"("country": "India", "time_zone": "posix/Asia/Kolkata")")), "time_zone");
  EXPECT_EQ(field(with(R"("country": "India", "password": "short")")), "password");
  EXPECT_EQ(
      field(R"({"full_name": "X", "email": "bad@example.com", "password": "BAD@example.com", "country": "IN"})"),
      "password"
  );
  const auto good =
      lane.send(http::verb::post, "/v1/profiles", with(R"("country": "in", "time_zone": "Asia/Kolkata")"));
  EXPECT_EQ(good.status, 201) << good.body;
  EXPECT_EQ(identity_lane::text_at(good, "country"), "India");
}

class closed_door : public invitation_check {
 public:
  task<void> check(std::string token, deadline) override {
    if (token != "invited") {
      co_return error{errc::forbidden, "this needs an invitation", "", "invitation"};
    }
    co_return result<void>();
  }
};

TEST_F(account_pgtest, where_registration_is_by_invitation_one_is_asked_for) {
  closed_door door;
  test::lane_settings settings;
  settings.accounts.invitations = &door;
  identity_lane lane(*world, "asia", settings);
  EXPECT_EQ(lane.sign_up("guest@example.com", "India").status, 403);
  const auto invited = lane.send(
      http::verb::post, "/v1/profiles",
      R"({"full_name": "X", "email": "guest@example.com", "password": "correct horse", "country": "India",
          "invitation": "invited"})"
  );
  EXPECT_EQ(invited.status, 201) << invited.body;
}

TEST_F(account_pgtest, a_wrong_password_and_an_unknown_address_look_the_same_until_both_are_locked) {
  identity_lane lane(*world, "americas");
  const auto made = lane.sign_up("locked@example.com", "Germany");
  ASSERT_EQ(made.status, 201);
  const auto id = identity_lane::text_at(made, "id");
  for (int i = 0; i < 10; ++i) {
    const auto known = lane.sign_in("locked@example.com", "wrong");
    const auto unknown = lane.sign_in("nobody@example.com", "wrong");
    EXPECT_EQ(known.status, 401);
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(known.body, unknown.body);
  }
  const auto known = lane.sign_in("locked@example.com");  // now the right one does not help
  const auto unknown = lane.sign_in("nobody@example.com");
  EXPECT_EQ(known.status, 429) << known.body;
  EXPECT_EQ(unknown.status, 429);
  EXPECT_EQ(known.body.size(), unknown.body.size());
  EXPECT_THAT(
      std::stoi(std::string(known.headers.find("Retry-After").value())),
      testing::AllOf(testing::Ge(50), testing::Le(60))
  );

  // Another process knows of the lock from the database only, and does not let it be known.
  identity_lane other(*world, "americas");
  const auto locked = other.sign_in("locked@example.com");
  EXPECT_EQ(locked.status, 401);
  EXPECT_EQ(locked.body, other.sign_in("nobody@example.com").body);

  auto node = world->connect("geo-europe");
  EXPECT_EQ(audit("europe", "subject = 'profile:" + id + "' AND action = 'account locked'"), "account locked");
  const auto pass_time = [&] {
    node.text("UPDATE identity.account_europe SET locked_until = now() WHERE profile_id = " + id);
  };
  pass_time();
  EXPECT_EQ(other.sign_in("locked@example.com", "wrong").status, 401);
  EXPECT_EQ(
      node.text(
          "SELECT extract(epoch FROM locked_until - now()) BETWEEN 110 AND 120 FROM identity.account_europe WHERE "
          "profile_id = " +
          id
      ),
      "t"
  );
  pass_time();
  EXPECT_EQ(other.sign_in("locked@example.com").status, 201);
  EXPECT_EQ(
      node.text("SELECT failed_attempts, locked_until FROM identity.account_europe WHERE profile_id = " + id), "0|"
  );
}

TEST_F(account_pgtest, addresses_that_try_too_often_wait) {
  test::lane_settings settings;
  settings.api.attempts = std::make_shared<rate_limiter>(rate_limit{.per_second = 5.0 / 60, .burst = 5});
  identity_lane lane(*world, "asia", settings);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(lane.sign_in(fmt::format("nobody{}@example.com", i)).status, 401);
  }
  const auto refused = lane.sign_in("nobody@example.com");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.headers.find("Retry-After"));
}

TEST_F(account_pgtest, an_old_hash_is_renewed_at_the_next_sign_in) {
  identity_lane lane(*world, "asia");
  const auto made = lane.sign_up("old@example.com", "India");
  auto node = world->connect("geo-asia");
  // Of the same password, at a lower cost.
  const std::string cheap =
      "$argon2id$v=19$m=8,t=1,p=1$RcGCux0FHEH3mDtF4EWieA$5U3gWjkTwjzXknigMzv+NmCqBGVgy1f0Pis9mX3TcBQ";
  node.text(
      "UPDATE identity.account_asia SET password_hash = '" + cheap +
      "' WHERE profile_id = " + identity_lane::text_at(made, "id")
  );
  EXPECT_EQ(lane.sign_in("old@example.com").status, 201);
  const auto renewed = node.text(
      "SELECT password_hash FROM identity.account_asia WHERE profile_id = " + identity_lane::text_at(made, "id")
  );
  EXPECT_FALSE(needs_rehash(renewed)) << renewed;
  EXPECT_EQ(lane.sign_in("old@example.com").status, 201);
}

}  // namespace
}  // namespace meridian::identity
