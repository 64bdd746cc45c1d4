#include "status/status_codec.hpp"

#include <gtest/gtest.h>

#include "status/status_service.hpp"

namespace meridian::status {
namespace {

using namespace std::chrono_literals;

const timestamp noon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h};

std::string field_of(const std::string& body) {
  const auto read = read_wish(body);
  return read ? "" : read.error().field;
}

TEST(status_codec, reads_what_somebody_is_up_to) {
  const auto read =
      read_wish(R"({"status":"In a Meeting","text":"Planning","emoji":"📅","until":"17:00","time_zone":"Asia/Kolkata"})"
      );
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->word, "In a Meeting");
  EXPECT_EQ(read->text, "Planning");
  EXPECT_EQ(read->emoji, "📅");
  EXPECT_EQ(read->until.time_of_day, "17:00");
  EXPECT_EQ(read->until.time_zone, "Asia/Kolkata");
  EXPECT_EQ(read_wish(R"({"status":"Busy","expires_in_s":3600})")->until.in_s, 3600);
  EXPECT_EQ(read_wish(R"({"text":"At the lake","expires_at":"2026-11-23T13:00:00+01:00"})")->until.at, noon);
}

TEST(status_codec, names_the_field_that_is_wrong) {
  EXPECT_EQ(field_of(R"({"status":"busy"})"), "status");
  EXPECT_EQ(field_of(R"({})"), "status");
  EXPECT_EQ(field_of(R"({"status":"Busy","text":")" + std::string(101, 'x') + "\"}"), "text");
  EXPECT_EQ(field_of(R"({"status":"Busy","emoji":"two words"})"), "emoji");
  EXPECT_EQ(field_of(R"({"status":"Busy","expires_at":"tomorrow"})"), "expires_at");
  EXPECT_EQ(field_of(R"({"status":"Busy","expires_in_s":0})"), "expires_in_s");
  EXPECT_EQ(field_of(R"({"status":"Busy","expires_in_s":60,"until":"17:00"})"), "expires_at");
  for (const auto* wrong : {"24:00", "17:60", "5pm", "5:00", "17.00"}) {
    EXPECT_EQ(field_of(std::string(R"({"status":"Busy","until":")") + wrong + "\"}"), "until") << wrong;
  }
  EXPECT_EQ(read_pause("{}").error().field, "expires_at");
}

TEST(check_ending, refuses_what_is_over_or_too_far_away) {
  ending given;
  EXPECT_TRUE(check_ending(given, noon));
  given.at = noon;
  EXPECT_EQ(check_ending(given, noon).error().field, "expires_at");
  given.at = noon + 1s;
  EXPECT_TRUE(check_ending(given, noon));
  given.at = noon + std::chrono::days(367);
  EXPECT_EQ(check_ending(given, noon).error().field, "expires_at");
}

TEST(seen_at, makes_what_has_expired_no_status_at_that_very_time) {
  setting stored;
  stored.profile_id = 3;
  stored.word = "Busy";
  stored.text = "Back soon";
  stored.set_at = noon - 1h;
  stored.expires_at = noon;
  stored.paused_until = noon + 1h;
  EXPECT_EQ(seen_at(stored, noon - 1us).word, "Busy");
  const auto after = seen_at(stored, noon);
  EXPECT_EQ(
      body_of(after), R"({"profile_id":"3","status":null,"text":"","emoji":"","set_at":"2026-11-23T12:00:00.000000Z",)"
                      R"("expires_at":null,"notifications_paused_until":"2026-11-23T13:00:00.000000Z"})"
  );
  EXPECT_FALSE(seen_at(stored, noon + 1h).paused_until);
}

}  // namespace
}  // namespace meridian::status
