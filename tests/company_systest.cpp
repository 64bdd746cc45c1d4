// The sample company at work, over HTTP: four people who come in at three regions' doors. Each answer is held against
// the OpenAPI document by the client.
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr auto password = "a password for the sample company";
constexpr auto kafka_support = "/v1/channels/1";  // of the Apache Software Foundation, in the americas
constexpr auto on_call = "/v1/channels/8";        // of Tech Mahindra, in asia
constexpr auto thumbs_up = "%F0%9F%91%8D";

std::string text_in(const json::value& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

// The members of that name of a list's items, in its order.
std::vector<std::string> texts_in(const http_reply& list, std::string_view name) {
  std::vector<std::string> texts;
  EXPECT_EQ(list.status, 200) << list.body;
  const auto answer = list.json();
  for (const auto& item : answer.at("items").as_array()) {
    texts.push_back(text_in(item, name));
  }
  return texts;
}

class company_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
    mark = sign_in("americas", "msmith@apache.org");
    jonas = sign_in("europe", "jonas_fischer@gmail.com");
    li = sign_in("asia", "shoimingli@apache.org");
    venkat = sign_in("asia", "vsharma@techmahindra.com");
  }
  static void TearDownTestSuite() {
    for (auto* person : {&mark, &jonas, &li, &venkat}) {
      person->reset();
    }
    world.reset();
  }

  static std::unique_ptr<http_client> sign_in(const std::string& region, const std::string& email) {
    auto person = std::make_unique<http_client>("127.0.0.1", world->serve_port(region));
    const auto answer = person->sign_in(email, password);
    EXPECT_EQ(answer.status, 201) << email << ": " << answer.body;
    return person;
  }

  static json::value post(http_client& person, const std::string& channel, const json::object& message) {
    const auto answer = person.post(channel + "/messages", message);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json();
  }

  // A channel of the Apache workspace, with a maker who is in it; its path.
  static std::string make_channel(http_client& maker, const std::string& name, bool is_private) {
    const auto answer =
        maker.post("/v1/workspaces/1/channels", json::object{{"name", name}, {"is_private", is_private}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return "/v1/channels/" + text_in(answer.json(), "id");
  }

  static void let_in(http_client& member, const std::string& channel, int profile_id) {
    const auto answer = member.put(fmt::format("{}/members/{}", channel, profile_id));
    EXPECT_EQ(answer.status, 204) << answer.body;
  }

  static std::int64_t unread(http_client& person, const std::string& channel) {
    const auto answer = person.get(channel);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().at("unread_count").as_int64();
  }

  static void read_up_to(http_client& person, const std::string& channel, const json::value& message) {
    const auto answer = person.put(channel + "/read", json::object{{"seq", message.at("seq").as_int64()}});
    EXPECT_EQ(answer.status, 200) << answer.body;
  }

  static std::string path_of(const json::value& message) { return "/v1/messages/" + text_in(message, "id"); }

  static std::unique_ptr<local_topology> world;
  static std::unique_ptr<http_client> mark;    // 1, of Apache, at the americas' door
  static std::unique_ptr<http_client> jonas;   // 5, of Apache, at europe's
  static std::unique_ptr<http_client> li;      // 8, of Apache, at asia's
  static std::unique_ptr<http_client> venkat;  // 9, of Apache and Tech Mahindra, at asia's
};

std::unique_ptr<local_topology> company_systest::world;
std::unique_ptr<http_client> company_systest::mark;
std::unique_ptr<http_client> company_systest::jonas;
std::unique_ptr<http_client> company_systest::li;
std::unique_ptr<http_client> company_systest::venkat;

TEST_F(company_systest, a_message_rests_in_its_channels_region) {
  const auto said = post(*venkat, on_call, {{"text", "The night shift is on"}});
  EXPECT_EQ(text_in(said, "region"), "asia");
  const auto look = [&](const std::string& partition) {
    return world->sql("europe", fmt::format("SELECT count(*) FROM {} WHERE id = {}", partition, text_in(said, "id")));
  };
  EXPECT_EQ(look("Message_Asia"), "1");
  EXPECT_EQ(look("Message_Americas"), "0");
}

TEST_F(company_systest, all_members_have_names_wherever_they_rest) {
  const auto answer = mark->get("/v1/workspaces/1/members");
  ASSERT_EQ(answer.status, 200) << answer.body;
  std::vector<std::string> names;
  const auto list = answer.json();
  for (const auto& member : list.at("items").as_array()) {
    names.push_back(text_in(member.at("profile"), "full_name"));
  }
  EXPECT_THAT(names, UnorderedElementsAre("Mark Smith", "Jonas Fischer", "Shoi-ming Li", "Venkat Sharma"));
}

TEST_F(company_systest, what_three_continents_say_comes_back_in_order_and_is_unread_until_it_is_read) {
  for (auto* person : {mark.get(), jonas.get(), li.get()}) {
    ASSERT_EQ(unread(*person, kafka_support), 0);
  }
  const auto first = post(*jonas, kafka_support, {{"text", "Is 4.0 out?"}});
  EXPECT_EQ(unread(*jonas, kafka_support), 0);  // who writes has read what stands above
  EXPECT_EQ(unread(*li, kafka_support), 1);
  const auto second = post(*li, kafka_support, {{"text", "Since Tuesday"}});
  EXPECT_EQ(unread(*jonas, kafka_support), 1);
  EXPECT_EQ(unread(*li, kafka_support), 0);
  EXPECT_EQ(unread(*mark, kafka_support), 2);
  read_up_to(*mark, kafka_support, first);
  EXPECT_EQ(unread(*mark, kafka_support), 1);
  const auto third = post(*mark, kafka_support, {{"text", "Thanks!"}});
  EXPECT_EQ(unread(*mark, kafka_support), 0);
  EXPECT_EQ(unread(*jonas, kafka_support), 2);
  read_up_to(*jonas, kafka_support, third);
  EXPECT_EQ(unread(*jonas, kafka_support), 0);
  for (auto* reader : {mark.get(), jonas.get(), li.get()}) {
    EXPECT_THAT(
        texts_in(
            reader->get(fmt::format("{}/messages?after_seq={}", kafka_support, first.at("seq").as_int64() - 1)), "text"
        ),
        ElementsAre("Is 4.0 out?", "Since Tuesday", "Thanks!")
    );
  }
}

TEST_F(company_systest, a_private_channel_is_not_there_for_others) {
  const auto hidden = make_channel(*mark, "board-matters", true);
  const auto secret = post(*mark, hidden, {{"text", "between us"}});
  EXPECT_EQ(jonas->get(hidden).status, 404);
  EXPECT_EQ(jonas->get(hidden + "/messages").status, 404);
  EXPECT_EQ(jonas->get(hidden + "/members").status, 404);
  EXPECT_EQ(jonas->get(hidden + "/changes?after=0").status, 404);
  EXPECT_EQ(jonas->get(path_of(secret)).status, 404);
  EXPECT_EQ(jonas->post(hidden + "/messages", json::object{{"text", "let me in"}}).status, 404);
  EXPECT_THAT(texts_in(jonas->get("/v1/workspaces/1/channels"), "name"), Not(testing::Contains("board-matters")));
  let_in(*mark, hidden, 5);
  EXPECT_THAT(texts_in(jonas->get(hidden + "/messages"), "text"), ElementsAre("between us"));
  EXPECT_THAT(texts_in(jonas->get("/v1/workspaces/1/channels"), "name"), testing::Contains("board-matters"));
}

TEST_F(company_systest, who_is_kicked_sees_no_more) {
  const auto room = make_channel(*mark, "release-room", true);
  let_in(*mark, room, 8);
  const auto heard = post(*li, room, {{"text", "here I am"}});
  const auto kicked = mark->remove(room + "/members/8");
  EXPECT_EQ(kicked.status, 204) << kicked.body;
  EXPECT_EQ(li->get(room + "/messages").status, 404);
  EXPECT_EQ(li->get(path_of(heard)).status, 404);
  EXPECT_EQ(li->post(room + "/messages", json::object{{"text", "still here?"}}).status, 404);
  EXPECT_THAT(texts_in(mark->get(room + "/messages"), "text"), ElementsAre("here I am"));  // what was said stays
}

TEST_F(company_systest, an_edit_keeps_what_was_said_before) {
  const auto said = post(*jonas, kafka_support, {{"text", "Teh answer"}});
  const auto edited = jonas->patch(path_of(said), json::object{{"text", "The answer"}});
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(text_in(edited.json(), "text"), "The answer");
  EXPECT_FALSE(edited.json().at("edited_at").is_null());
  EXPECT_EQ(edited.json().at("seq"), said.at("seq"));
  EXPECT_GT(edited.json().at("change_seq").as_int64(), said.at("change_seq").as_int64());
  EXPECT_THAT(texts_in(mark->get(path_of(said) + "/history"), "text"), ElementsAre("Teh answer"));
  EXPECT_EQ(mark->patch(path_of(said), json::object{{"text", "mine"}}).status, 403);
}

TEST_F(company_systest, a_deleted_message_leaves_its_place_and_not_its_text) {
  const auto said = post(*li, kafka_support, {{"text", "never mind"}});
  EXPECT_EQ(li->remove(path_of(said)).status, 204);
  const auto seq = said.at("seq").as_int64();
  const auto list = mark->get(fmt::format("{}/messages?after_seq={}&limit=1", kafka_support, seq - 1));
  ASSERT_EQ(list.status, 200) << list.body;
  const auto answer = list.json();
  const auto& left = answer.at("items").as_array().at(0);
  EXPECT_EQ(left.at("seq").as_int64(), seq);
  EXPECT_EQ(text_in(left, "text"), "");
  EXPECT_FALSE(left.at("deleted_at").is_null());
}

TEST_F(company_systest, reactions_are_counted_once_for_each_person) {
  const auto said = post(*mark, kafka_support, {{"text", "Shipped"}});
  const auto mine = fmt::format("{}/reactions/{}", path_of(said), thumbs_up);
  for (auto* person : {jonas.get(), li.get(), jonas.get()}) {
    EXPECT_EQ(person->put(mine).status, 200);
  }
  const auto counted = [&] {
    const auto shown = mark->get(path_of(said)).json();
    const auto& reactions = shown.at("reactions").as_array();
    return reactions.empty() ? 0 : reactions.at(0).at("count").as_int64();
  };
  EXPECT_EQ(counted(), 2);
  EXPECT_EQ(jonas->remove(mine).status, 200);
  EXPECT_EQ(counted(), 1);
  EXPECT_EQ(li->remove(mine).status, 200);
  EXPECT_EQ(counted(), 0);
}

TEST_F(company_systest, a_thread_hangs_on_its_first_message) {
  const auto root = post(*mark, kafka_support, {{"text", "Who is on call?"}});
  const json::object reply{{"text", "I am"}, {"thread_root_id", root.at("id")}};
  const auto answered = post(*jonas, kafka_support, reply);
  EXPECT_EQ(answered.at("thread_root_id"), root.at("id"));
  EXPECT_THAT(texts_in(li->get(path_of(root) + "/replies"), "text"), ElementsAre("I am"));
  EXPECT_EQ(li->get(path_of(root)).json().at("reply_count").as_int64(), 1);
  const json::object astray{{"text", "lost"}, {"thread_root_id", answered.at("id")}};
  EXPECT_EQ(li->post(std::string(kafka_support) + "/messages", astray).status, 400);  // a reply begins no thread
}

TEST_F(company_systest, mentions_and_permalinks_lead_to_people_and_messages) {
  const auto said = post(*mark, kafka_support, {{"text", "<@5> and @channel: look"}});
  EXPECT_EQ(said.at("mentions").at("profile_ids"), json::array{"5"});
  EXPECT_TRUE(said.at("mentions").at("channel").as_bool());
  EXPECT_FALSE(said.at("mentions").at("here").as_bool());
  const auto found = jonas->get(text_in(said, "permalink"));
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.json().at("id"), said.at("id"));
}

TEST_F(company_systest, who_is_called_sees_how_often) {
  const auto calls = [](http_client& person) {
    return person.get(kafka_support).json().at("unread_mention_count").as_int64();
  };
  const auto before = post(*mark, kafka_support, {{"text", "Ready?"}});
  for (auto* person : {mark.get(), jonas.get(), li.get()}) {
    read_up_to(*person, kafka_support, before);
    EXPECT_EQ(calls(*person), 0);
  }
  post(*mark, kafka_support, {{"text", "<@5> first"}});
  const auto second = post(*mark, kafka_support, {{"text", "then @here, and `@channel` is only quoted"}});
  EXPECT_EQ(calls(*jonas), 2);
  EXPECT_EQ(calls(*li), 1);
  EXPECT_EQ(calls(*mark), 0);
  EXPECT_EQ(mark->remove(path_of(second)).status, 204);
  EXPECT_EQ(calls(*jonas), 1);
  EXPECT_EQ(calls(*li), 0);
}

}  // namespace
}  // namespace meridian::test
