#include "lab/post_workload.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/timeline_workload.hpp"

namespace meridian::lab {
namespace {

using testing::HasSubstr;

post_workload::plan plan_of(std::size_t people, std::size_t channels) {
  post_workload::plan plan;
  for (std::size_t i = 0; i < people; ++i) {
    plan.people.push_back({static_cast<std::int64_t>(100 + i), "token" + std::to_string(i)});
  }
  for (std::size_t i = 0; i < channels; ++i) {
    plan.channel_ids.push_back(static_cast<std::int64_t>(7 + i));
  }
  plan.clients = 2;
  plan.name = "r1";
  return plan;
}

TEST(bench_text, has_200_bytes_and_tells_messages_apart) {
  EXPECT_EQ(bench_text("r1c63-1234567").size(), 200U);
  EXPECT_NE(bench_text("r1c63-1"), bench_text("r1c63-2"));
  EXPECT_EQ(bench_text("").size(), 200U);
}

TEST(post_workload, posts_as_different_people_and_remembers_what_it_was_told) {
  post_workload work(plan_of(4, 1));
  std::string first;
  work.write_request(1, first);
  EXPECT_THAT(first, HasSubstr("POST /v1/channels/7/messages "));
  EXPECT_THAT(first, HasSubstr("Bearer token1\r\n"));
  EXPECT_THAT(first, HasSubstr("\"client_msg_id\":\"r1c1-1\""));
  std::string second;
  work.write_request(1, second);
  EXPECT_THAT(second, HasSubstr("Bearer token3\r\n"));
  EXPECT_THAT(second, HasSubstr("\"client_msg_id\":\"r1c1-2\""));
  const std::string_view told = R"({"id":"55","channel_id":"7","seq":3})";
  EXPECT_EQ(work.take_answer(1, {201, told, 0, false}, {}), workload::verdict::done);
  ASSERT_EQ(work.acknowledged().size(), 1U);
  const auto& post = work.acknowledged()[0];
  EXPECT_EQ(post.channel_id, 7);
  EXPECT_EQ(post.sender_id, 103);
  EXPECT_EQ(post.client_msg_id, "r1c1-2");
  EXPECT_EQ(post.id, 55);
  EXPECT_EQ(post.seq, 3);
}

TEST(post_workload, goes_to_every_channel) {
  post_workload work(plan_of(2, 3));
  std::set<char> channels;
  for (int i = 0; i < 100; ++i) {
    std::string out;
    work.write_request(0, out);
    channels.insert(out[std::string_view("POST /v1/channels/").size()]);
  }
  EXPECT_EQ(channels, (std::set<char>{'7', '8', '9'}));
}

TEST(post_workload, repeats_what_may_pass_and_gives_up_on_the_rest) {
  post_workload work(plan_of(2, 1));
  for (const int status : {429, 500, 503, 504}) {
    EXPECT_EQ(work.take_answer(0, {status, "", 0, false}, {}), workload::verdict::again);
  }
  EXPECT_EQ(work.take_answer(0, {403, "", 0, false}, {}), workload::verdict::failed);
  EXPECT_TRUE(work.acknowledged().empty());
}

TEST(timeline_workload, sees_that_a_message_is_missing) {
  known_seqs known(7, {3});
  timeline_workload work({"token"}, known, 1, 1);
  std::string out;
  work.write_request(0, out);
  EXPECT_THAT(out, HasSubstr("GET /v1/channels/7/messages?limit=50 "));
  known.raise(7, 4);  // after the question: the answer need not know
  const std::string_view right = R"({"items":[{"seq":2},{"seq":3,"text":"x"}]})";
  const std::string_view old = R"({"items":[{"seq":1},{"seq":2,"text":"x"}]})";
  EXPECT_EQ(work.take_answer(0, {200, right, 0, false}, {}), workload::verdict::done);
  EXPECT_EQ(work.take_answer(0, {200, old, 0, false}, {}), workload::verdict::failed);
  EXPECT_EQ(work.take_answer(0, {200, R"({"items":[]})", 0, false}, {}), workload::verdict::failed);
  work.write_request(0, out);
  EXPECT_EQ(work.take_answer(0, {200, right, 0, false}, {}), workload::verdict::failed);
}

}  // namespace
}  // namespace meridian::lab
