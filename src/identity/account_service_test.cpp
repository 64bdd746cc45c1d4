#include "identity/account_service.hpp"

#include <gtest/gtest.h>

#include "identity/account_codec.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

new_account good() {
  new_account wish;
  wish.full_name = "Ann";
  wish.email = "ann@example.com";
  wish.password = "correct horse";
  wish.country = "Germany";
  return wish;
}

std::string field_at_fault(const new_account& wish) {
  const auto checked = check_new_account(wish);
  return checked ? "" : checked.error().field;
}

TEST(account, a_new_one_is_checked_field_by_field) {
  EXPECT_EQ(field_at_fault(good()), "");
  auto wish = good();
  wish.full_name = "";
  EXPECT_EQ(field_at_fault(wish), "full_name");
  wish = good();
  wish.email = "ann";
  EXPECT_EQ(field_at_fault(wish), "email");
  wish = good();
  wish.password = "eleven char";
  EXPECT_EQ(field_at_fault(wish), "password");
  EXPECT_EQ(check_new_account(wish).error().remedy, "Accepted: 12 to 256 characters.");
  wish.password = std::string(256, 'a');
  EXPECT_EQ(field_at_fault(wish), "");
  wish.password += 'a';
  EXPECT_EQ(field_at_fault(wish), "password");
  wish.password = "ÄÖÜäöüß12345";  // twelve letters, more octets
  EXPECT_EQ(field_at_fault(wish), "");
  wish.password = " Ann@Example.com";
  EXPECT_EQ(field_at_fault(wish), "password");
  wish = good();
  wish.phone = std::string(41, '1');
  EXPECT_EQ(field_at_fault(wish), "phone");
}

TEST(account, the_body_of_a_new_one_is_read) {
  auto body = json::reader::parse(R"({"full_name": "Ann", "email": "a@b.c", "password": "correct horse",
      "country": "DE", "phone": null, "title": "Dr", "time_zone": "Europe/Berlin", "invitation": "i1"})");
  const auto wish = read_new_account(body.value());
  EXPECT_TRUE(body->check());
  EXPECT_EQ(wish.country, "DE");
  EXPECT_EQ(wish.phone, std::nullopt);
  EXPECT_EQ(wish.title, "Dr");
  EXPECT_EQ(wish.time_zone, "Europe/Berlin");
  EXPECT_EQ(wish.invitation, "i1");
  auto without = json::reader::parse(R"({"full_name": "Ann", "email": "a@b.c", "password": "short", "country": "DE"})");
  read_new_account(without.value());
  EXPECT_EQ(without->check().error().field, "password");
}

TEST(account, sessions_are_listed_without_their_tokens) {
  session_facts one;
  one.number = 0xba7816bf8f01cfea;
  session_facts other;
  other.number = 1;
  EXPECT_EQ(
      items_of({one, other}, 1), R"({"id":"ba7816bf8f01cfea","created_at":"1970-01-01T00:00:00.000000Z",)"
                                 R"("expires_at":"1970-01-01T00:00:00.000000Z","current":false},)"
                                 R"({"id":"0000000000000001","created_at":"1970-01-01T00:00:00.000000Z",)"
                                 R"("expires_at":"1970-01-01T00:00:00.000000Z","current":true})"
  );
}

// Otherwise an unknown address would be told from a known one by the time that a sign-in takes.
TEST(account, nobodys_password_costs_what_everybodys_does) {
  EXPECT_FALSE(needs_rehash(account_service::nobodys_hash()));
  EXPECT_FALSE(is_password(account_service::nobodys_hash(), "correct horse"));
  const auto seconds = [](const std::string& hash) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
      is_password(hash, "another horse");
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto somebodys = hash_password("correct horse");
  EXPECT_GT(seconds(account_service::nobodys_hash()), 0.3 * seconds(somebodys));
}

}  // namespace
}  // namespace meridian::identity
