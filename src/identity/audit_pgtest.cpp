// The audit log's hash chain, and what rests where.
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "support/identity_lane.hpp"

namespace meridian::identity {
namespace {

using test::identity_lane;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class audit_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up({"--empty"});
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::string first_broken() {
    return world->connect("geo-asia").text("SELECT identity.verify_audit_chain_asia()");
  }

  static inline std::unique_ptr<test::local_topology> world;
};

TEST_F(audit_pgtest, the_chain_holds_under_concurrent_sign_ins_and_shows_tampering) {
  EXPECT_EQ(first_broken(), "") << "an empty chain is whole";
  {
    identity_lane lane(*world, "asia");
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(lane.sign_up(fmt::format("p{}@example.com", i), "India").status, 201);
    }
  }
  std::vector<std::jthread> people;
  for (int i = 0; i < 6; ++i) {
    people.emplace_back([i] {
      identity_lane lane(*world, i % 2 == 0 ? "asia" : "europe");
      for (int j = 0; j < 5; ++j) {
        EXPECT_EQ(
            lane.sign_in(fmt::format("p{}@example.com", i % 3), j == 2 ? "wrong" : identity_lane::password).status,
            j == 2 ? 401 : 201
        );
      }
    });
  }
  people.clear();
  EXPECT_EQ(first_broken(), "");
  auto node = world->connect("geo-asia");
  EXPECT_EQ(node.text("SELECT count(*), min(number), max(number) FROM identity.audit_entry_asia"), "33|1|33");
  EXPECT_EQ(node.text("SELECT count(*) FROM identity.audit_entry_asia WHERE action = 'sign-in failed'"), "6");

  EXPECT_THAT(node.refusal("UPDATE identity.audit_entry_asia SET action = 'x'"), HasSubstr("is not changed"));
  EXPECT_THAT(node.refusal("DELETE FROM identity.audit_entry_asia"), HasSubstr("is not changed"));
  EXPECT_THAT(node.refusal("TRUNCATE identity.audit_entry_asia"), HasSubstr("is not changed"));
  auto service = world->connect("geo-asia", "meridian_service");
  EXPECT_THAT(service.refusal("UPDATE identity.audit_entry_asia SET action = 'x'"), HasSubstr("permission denied"));
  EXPECT_THAT(service.refusal("UPDATE identity.audit_head_asia SET number = 1"), HasSubstr("permission denied"));

  // Whoever owns the database can; then it shows.
  const auto tamper = [&](const std::string& how, const std::string& broken) {
    node.script("BEGIN; ALTER TABLE identity.audit_entry_asia DISABLE TRIGGER USER; " + how + ";").value();
    EXPECT_EQ(node.text("SELECT identity.verify_audit_chain_asia()"), broken) << how;
    node.script("ROLLBACK").value();
  };
  tamper("SELECT 1", "");
  tamper("UPDATE identity.audit_entry_asia SET subject = 'profile:1' WHERE number = 7", "7");
  tamper("UPDATE identity.audit_entry_asia SET at = at + interval '1 microsecond' WHERE number = 8", "8");
  tamper("UPDATE identity.audit_entry_asia SET actor_id = NULL WHERE number = 1", "1");
  tamper("UPDATE identity.audit_entry_asia SET details = '{\"a\": 1}' WHERE number = 33", "33");
  tamper("DELETE FROM identity.audit_entry_asia WHERE number = 5", "5");
  tamper("DELETE FROM identity.audit_entry_asia WHERE number = 33", "33");
  tamper("DELETE FROM identity.audit_entry_asia WHERE number > 20", "21");
  tamper("DELETE FROM identity.audit_entry_asia", "1");
  // A forged one with the right hash of its own breaks the next.
  tamper(
      "UPDATE identity.audit_entry_asia SET action = 'x', hash = identity.audit_hash(region, number, at, actor_id, "
      "'x', "
      "subject, details, previous_hash) WHERE number = 9",
      "10"
  );
  EXPECT_EQ(first_broken(), "");
}

// The files below a directory that hold the text.
std::string found_in(const std::filesystem::path& directory, const std::string& text) {
  test::launch grep;
  grep.arguments = {"grep", "-r", "-l", "-a", "-F", "-e", text, directory};
  return test::run_child(grep).output;
}

// Neither the address nor the password, the token or its like is where it does not belong.
TEST_F(audit_pgtest, an_address_and_a_secret_are_nowhere_else) {
  const std::string email = "very-private-person@example.com";
  std::string token;
  {
    identity_lane lane(*world, "europe");
    ASSERT_EQ(lane.sign_up(email, "India").status, 201);
    EXPECT_EQ(lane.sign_up(email, "Germany").status, 409);
    token = lane.token_of(email);
    EXPECT_EQ(lane.sign_in(email, "a wrong password that nobody has").status, 401);
    EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/current", "", token).status, 204);
  }
  for (const std::string name : {"geo-americas", "geo-europe", "geo-asia"}) {
    auto node = world->connect(name);
    node.text("CHECKPOINT");
    const auto where = node.text(
        "SELECT count(*) FROM identity.claim WHERE encode(digest, 'escape') LIKE '%private%' OR kind LIKE '%private%'"
    );
    EXPECT_EQ(where, "0") << name;
    EXPECT_EQ(node.text("SELECT count(*) FROM identity.audit_entry e WHERE e::text LIKE '%private%'"), "0");
    const auto files = found_in(world->data_directory(name), "very-private-person");
    if (name == "geo-asia") {
      EXPECT_THAT(files, Not(IsEmpty()));
    } else {
      EXPECT_THAT(files, IsEmpty()) << name;
    }
    for (const auto& secret :
         {identity_lane::password, std::string("a wrong password that nobody has"), token.substr(5)}) {
      EXPECT_THAT(found_in(world->state_directory() / "nodes" / name, secret), IsEmpty()) << secret;
    }
    const auto log = test::read_text(world->state_directory() / "nodes" / name / "postgres.log");
    EXPECT_THAT(log, Not(HasSubstr("private"))) << name;
  }
}

}  // namespace
}  // namespace meridian::identity
