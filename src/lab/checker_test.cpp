#include "lab/checker.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two channels with five messages each, all acknowledged but the last, whose answer was lost with its server.
evidence sound() {
  evidence all;
  for (const std::int64_t channel : {10, 20}) {
    for (std::int64_t seq = 1; seq <= 5; ++seq) {
      const auto id = channel * 100 + seq;
      const auto name = "c" + std::to_string(id);
      const auto digest = digest_of("text of " + name);
      all.messages.push_back({id, channel, 7, name, seq, seq + 3, digest, seq * 1000});
      if (seq < 5) {
        all.posts.push_back({channel, 7, name, id, seq, digest});
      }
    }
    all.channels.push_back({channel, 5, 9, 0});
  }
  return all;
}

std::vector<damage_kind> kinds_after(const std::function<void(evidence&)>& damaging) {
  auto all = sound();
  damaging(all);
  std::vector<damage_kind> kinds;
  for (const auto& one : find_damage(all)) {
    kinds.push_back(one.kind);
  }
  return kinds;
}

TEST(checker, finds_nothing_where_all_is_well) {
  EXPECT_THAT(kinds_after([](evidence&) {}), IsEmpty());
  EXPECT_THAT(kinds_after([](evidence& all) { std::reverse(all.messages.begin(), all.messages.end()); }), IsEmpty());
}

TEST(checker, looks_only_behind_what_was_there_before) {
  EXPECT_THAT(
      kinds_after([](evidence& all) {
        all.messages.erase(all.messages.begin(), all.messages.begin() + 2);
        all.posts.erase(all.posts.begin(), all.posts.begin() + 2);
        all.channels[0].seq_before = 2;
      }),
      IsEmpty()
  );
}

TEST(checker, finds_a_lost_message) {
  // The newest of them, so that no gap tells of it; the counter stands where it stood.
  EXPECT_THAT(
      kinds_after([](evidence& all) {
        all.messages.erase(all.messages.begin() + 3, all.messages.begin() + 5);
        all.channels[0].last_seq = 3;
      }),
      ElementsAre(damage_kind::lost)
  );
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.messages.erase(all.messages.begin() + 1); }),
      ElementsAre(damage_kind::gap, damage_kind::lost)
  );
}

TEST(checker, finds_a_message_that_is_there_twice) {
  EXPECT_THAT(
      kinds_after([](evidence& all) {
        auto copy = all.messages[1];
        copy.id = 1;
        copy.seq = 6;
        copy.change_seq = 9;
        copy.sent_at_us = 9000;
        all.messages.push_back(copy);
        all.channels[0].last_seq = 6;
      }),
      ElementsAre(damage_kind::doubled)
  );
}

TEST(checker, finds_another_id_number_or_text) {
  EXPECT_THAT(kinds_after([](evidence& all) { all.messages[0].id = 1; }), ElementsAre(damage_kind::altered));
  EXPECT_THAT(kinds_after([](evidence& all) { all.posts[0].digest ^= 1; }), ElementsAre(damage_kind::altered));
  EXPECT_THAT(
      kinds_after([](evidence& all) { std::swap(all.posts[0].seq, all.posts[1].seq); }),
      ElementsAre(damage_kind::altered, damage_kind::altered)
  );
}

TEST(checker, finds_a_number_told_twice) {
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.posts[1].seq = all.posts[0].seq; }),
      ElementsAre(damage_kind::altered, damage_kind::twice_acknowledged)
  );
}

TEST(checker, finds_gaps_and_repeats_and_wrong_counters) {
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.messages.erase(all.messages.begin() + 4); }),
      ElementsAre(damage_kind::counter_wrong)
  );
  EXPECT_THAT(
      kinds_after([](evidence& all) {
        all.posts.clear();
        all.messages[2].seq = 2;
      }),
      ElementsAre(damage_kind::repeat, damage_kind::gap)
  );
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.channels[1].last_seq = 6; }), ElementsAre(damage_kind::counter_wrong)
  );
}

TEST(checker, finds_changes_out_of_order) {
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.messages[1].change_seq = all.messages[0].change_seq; }),
      ElementsAre(damage_kind::change_repeat)
  );
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.messages[1].change_seq = 10; }), ElementsAre(damage_kind::change_beyond)
  );
}

TEST(checker, finds_times_against_the_order) {
  EXPECT_THAT(
      kinds_after([](evidence& all) { all.messages[1].sent_at_us = 1; }), ElementsAre(damage_kind::time_backwards)
  );
}

TEST(checker, finds_what_is_in_no_channel) {
  EXPECT_THAT(kinds_after([](evidence& all) { all.channels.pop_back(); }), testing::Each(damage_kind::channel_unknown));
}

TEST(checker, says_precisely_what_and_stops_in_time) {
  auto all = sound();
  all.messages[0].id = 1;
  const auto found = find_damage(all);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].what, HasSubstr("channel 10: c1001 was acknowledged as message 1001 (seq 1) and is message 1"));
  all.messages.clear();
  EXPECT_EQ(find_damage(all, 3).size(), 3U);
}

TEST(checker, digests_as_postgresql_does) {
  // SELECT ('x' || left(encode(sha256('abc'), 'hex'), 16))::bit(64)::bigint
  EXPECT_EQ(digest_of("abc"), static_cast<std::int64_t>(0xba7816bf8f01cfeaULL));
}

}  // namespace
}  // namespace meridian::lab
