// Connections that strangers open to a serving process to hold it up, to fill it or to confuse it: slow, huge, endless,
// half-closed, malformed ones. Each is told what is wrong, or cut off, and nobody else notices.
#include <chrono>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/serving.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;

constexpr auto password = "a password for the sample company";

class hostile_connections_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
    server_pid = serving_pid(*world, "americas");
    ASSERT_GT(server_pid, 0);
    mark = std::make_unique<http_client>("127.0.0.1", world->serve_port("americas"));
    mark->sign_in("msmith@apache.org", password);
    seq_before = last_seq();
    descriptors_before = descriptors();
    // These take their time; the tests that look at them come last.
    slow_header = stranger();
    slow_header->say("GET /v1/channels/1 HTTP/1.1\r\nHost: h\r\nAuthor");
    slow_body = stranger();
    slow_body->say(post_head("Content-Length: 100\r\n") + R"({"text": "never a)");
    began = std::chrono::steady_clock::now();
  }
  static void TearDownTestSuite() {
    for (auto* client : {&mark, &slow_header, &slow_body}) {
      client->reset();
    }
    world.reset();
  }

  static std::unique_ptr<http_client> stranger() {
    auto made = std::make_unique<http_client>("127.0.0.1", world->serve_port("americas"));
    made->set_patience(40s);
    return made;
  }

  static std::string post_head(const std::string& fields) {
    return fmt::format(
        "POST /v1/channels/1/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n{}\r\n", mark->token(), fields
    );
  }

  static std::int64_t last_seq() {
    const auto answer = mark->get("/v1/channels/1");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().at("last_seq").as_int64();
  }

  static std::size_t descriptors() {
    const fs::path directory = fmt::format("/proc/{}/fd", server_pid);
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
  }

  // What a stranger hears who says that, and that others are served all the while.
  static http_reply answer_to(const std::string& bytes) {
    const auto client = stranger();
    client->say(bytes);
    const auto answer = client->hear();
    EXPECT_EQ(mark->get("/livez").status, 200);
    return answer;
  }

  static std::unique_ptr<local_topology> world;
  static pid_t server_pid;
  static std::unique_ptr<http_client> mark;
  static std::unique_ptr<http_client> slow_header;
  static std::unique_ptr<http_client> slow_body;
  static std::chrono::steady_clock::time_point began;
  static std::int64_t seq_before;
  static std::size_t descriptors_before;
};

std::unique_ptr<local_topology> hostile_connections_systest::world;
pid_t hostile_connections_systest::server_pid = 0;
std::unique_ptr<http_client> hostile_connections_systest::mark;
std::unique_ptr<http_client> hostile_connections_systest::slow_header;
std::unique_ptr<http_client> hostile_connections_systest::slow_body;
std::chrono::steady_clock::time_point hostile_connections_systest::began;
std::int64_t hostile_connections_systest::seq_before = 0;
std::size_t hostile_connections_systest::descriptors_before = 0;

TEST_F(hostile_connections_systest, a_body_that_is_announced_too_large_is_refused_before_it_comes) {
  for (const auto* size : {"524289", "1000000000", "18446744073709551615"}) {
    const auto answer = answer_to(post_head(fmt::format("Content-Length: {}\r\n", size)));
    EXPECT_EQ(answer.status, 413) << size << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  }
  EXPECT_THAT(answer_to(post_head("Content-Length: 99999999999999999999999\r\n")).status, AnyOf(400, 413));
  EXPECT_EQ(answer_to(post_head("Content-Length: 524289\r\nExpect: 100-continue\r\n")).status, 413);
}

TEST_F(hostile_connections_systest, a_body_without_an_end_is_cut_off) {
  const auto client = stranger();
  client->say(post_head("Transfer-Encoding: chunked\r\n"));
  std::string chunk = "4000\r\n" + std::string(0x4000, ' ') + "\r\n";
  for (int count = 0; count < 100 && client->say(chunk); ++count) {
  }
  EXPECT_EQ(client->hear().status, 413);
  EXPECT_EQ(mark->get("/livez").status, 200);
}

TEST_F(hostile_connections_systest, a_long_message_is_no_huge_body) {
  std::string text;
  for (int count = 0; count < 40'000; ++count) {
    text += R"(\ud83d\udc4d)";  // as long as JSON can make a letter
  }
  const auto answer = mark->ask("POST", "/v1/channels/1/messages", R"({"text":")" + text + "\"}");
  EXPECT_EQ(answer.status, 201) << answer.body.substr(0, 300);
  ++seq_before;
}

TEST_F(hostile_connections_systest, a_flood_of_headers_is_refused) {
  std::string many = "GET /livez HTTP/1.1\r\nHost: h\r\n";
  for (int count = 0; count < 101; ++count) {
    many += fmt::format("X-{}: a\r\n", count);
  }
  EXPECT_EQ(answer_to(many + "\r\n").status, 431);
  EXPECT_EQ(
      answer_to("GET /livez HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(17 << 10, 'a') + "\r\n\r\n").status, 431
  );
  EXPECT_EQ(answer_to("GET /" + std::string(9 << 10, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n").status, 414);
  // Without an end, too.
  const auto client = stranger();
  client->say("GET /livez HTTP/1.1\r\nHost: h\r\n");
  for (int count = 0; count < 10'000 && client->say("X-Endless: a\r\n"); ++count) {
  }
  EXPECT_THAT(client->hear().status, AnyOf(431, 0));
}

TEST_F(hostile_connections_systest, what_two_readers_could_read_differently_is_refused) {
  const std::string body = R"({"text":"smuggled"})";
  const auto length = fmt::format("Content-Length: {}\r\n", body.size());
  for (const auto& fields :
       {length + "Transfer-Encoding: chunked\r\n", length + "Content-Length: 5\r\n",
        std::string("Transfer-Encoding: chunked, identity\r\n"), std::string("Transfer-Encoding : chunked\r\n"),
        std::string("Content-Length: +5\r\n"), std::string("Content-Length: 5 5\r\n")}) {
    const auto answer = answer_to(post_head(fields) + body);
    EXPECT_THAT(answer.status, AnyOf(400, 501)) << fields;
    EXPECT_EQ(answer.header("Connection"), "close") << fields;
  }
}

TEST_F(hostile_connections_systest, what_is_not_http_is_told_so) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("GET /livez\r\n\r\n"), std::string(100, '\0'),
        std::string("GET /livez HTTP/1.1\r\n\r\n"), std::string("GET /livez HTTP/9.9\r\nHost: h\r\n\r\n"),
        std::string("G\xC3\x89T /livez HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET http://[ HTTP/1.1\r\nHost: h\r\n\r\n")}) {
    const auto answer = answer_to(bytes);
    EXPECT_THAT(answer.status, AnyOf(400, 404, 501, 505)) << bytes;
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("root:")));
  }
}

TEST_F(hostile_connections_systest, who_ends_his_side_hears_the_answer_to_what_was_whole) {
  const std::string body = R"({"text":"before I go"})";
  const auto whole = post_head(fmt::format("Content-Length: {}\r\n", body.size())) + body;
  const auto client = stranger();
  client->say(whole);
  client->end_saying();
  EXPECT_EQ(client->hear().status, 201);
  ++seq_before;
  for (const auto size : {whole.size() - 1, whole.size() - body.size(), whole.size() / 2, std::size_t{3}}) {
    const auto half = stranger();
    half->say(whole.substr(0, size));
    half->end_saying();
    EXPECT_EQ(half->hear().status, 400) << size;
  }
}

TEST_F(hostile_connections_systest, who_leaves_in_the_middle_leaves_nothing) {
  const std::string body = R"({"text":"half a"})";
  const auto whole = post_head(fmt::format("Content-Length: {}\r\n", body.size())) + body;
  for (std::size_t size = 1; size < whole.size(); size += 7) {
    stranger()->say(whole.substr(0, size));
  }
  EXPECT_EQ(mark->get("/livez").status, 200);
}

TEST_F(hostile_connections_systest, many_idle_connections_keep_nobody_out) {
  std::vector<std::unique_ptr<http_client>> idle;
  for (int count = 0; count < 400; ++count) {
    idle.push_back(stranger());
    ASSERT_TRUE(idle.back()->say("G"));
  }
  EXPECT_EQ(answer_to("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

// From here on they look back.

TEST_F(hostile_connections_systest, a_slow_header_is_ended_after_ten_seconds) {
  const auto answer = slow_header->hear();
  EXPECT_THAT(answer.status, AnyOf(408, 0)) << answer.body;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 25s);
}

TEST_F(hostile_connections_systest, a_slow_body_is_ended_after_thirty_seconds) {
  const auto answer = slow_body->hear();
  EXPECT_EQ(answer.status, 408) << answer.body;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 45s);
}

TEST_F(hostile_connections_systest, nothing_was_kept_but_what_was_whole) {
  EXPECT_EQ(last_seq(), seq_before);
  EXPECT_EQ(serving_pid(*world, "americas"), server_pid);
  slow_header.reset();
  slow_body.reset();
  EXPECT_TRUE(wait_until([] { return descriptors() <= descriptors_before + 2; })) << descriptors();
}

}  // namespace
}  // namespace meridian::test
