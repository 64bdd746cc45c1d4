// What strangers and mistakes send to a serving process: each gets a clear answer, nothing of it is kept, nothing that
// is not theirs is told, and the process goes on. Most of it is made from the OpenAPI document.
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/bad_input.hpp"
#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/serving.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto password = "a password for the sample company";
constexpr auto personal_text = "the kummerspeck of Herr Fischer";
constexpr auto invalid = "urn:meridian:error:invalid_argument";

const openapi& product = openapi::product();

std::string type_of(const http_reply& problem) {
  const auto body = problem.json();
  const auto* type = body.is_object() ? body.as_object().if_contains("type") : nullptr;
  return type == nullptr ? "" : std::string(type->as_string());
}

std::string field_of(const http_reply& problem) {
  const auto body = problem.json();
  const auto* field = body.is_object() ? body.as_object().if_contains("field") : nullptr;
  return field == nullptr ? "" : std::string(field->as_string());
}

// The request's body in the document; nullptr when it has none.
const json::value* schema_of(const openapi::operation& what) {
  const auto* body = what.description->if_contains("requestBody");
  return body == nullptr ? nullptr : &body->at_pointer("/content/application~1json/schema");
}

const json::object& example_of(const openapi::operation& what) {
  return what.description->at("requestBody").at_pointer("/content/application~1json/example").as_object();
}

// "{id}" and the like replaced.
std::string path_with(std::string path, const std::map<std::string, std::string>& values, const std::string& others) {
  for (auto begin = path.find('{'); begin != std::string::npos; begin = path.find('{')) {
    const auto end = path.find('}', begin);
    const auto found = values.find(path.substr(begin + 1, end - begin - 1));
    path.replace(begin, end - begin + 1, found == values.end() ? others : found->second);
  }
  return path;
}

class bad_input_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
    server_pid = serving_pid(*world, "americas");
    mark = sign_in("americas", "msmith@apache.org");     // owns workspace 1
    prachi = sign_in("asia", "pgarg@techmahindra.com");  // is in workspace 5, and shares none with him
    own_message = text_in(post(*mark, "1", personal_text), "id");
    their_message = text_in(post(*prachi, "8", personal_text), "id");
    ASSERT_GT(served().size(), 40U);
  }
  static void TearDownTestSuite() {
    mark.reset();
    prachi.reset();
    world.reset();
  }

  static std::unique_ptr<http_client> sign_in(const std::string& region, const std::string& email) {
    auto person = std::make_unique<http_client>("127.0.0.1", world->serve_port(region));
    person->sign_in(email, password);
    return person;
  }

  static std::string text_in(const json::value& object, std::string_view name) {
    return std::string(object.at(name).as_string());
  }

  // As often as the limit of requests wants it.
  static http_reply ask(
      http_client& person, const std::string& method, const std::string& target, const std::string& body = "",
      const header_fields& headers = {}
  ) {
    http_reply answer;
    wait_until([&] {
      answer = person.ask(method, target, body, headers);
      return answer.status != 429;
    });
    return answer;
  }

  static json::value post(http_client& person, const std::string& channel, const std::string& text) {
    const auto answer =
        ask(person, "POST", "/v1/channels/" + channel + "/messages", json::serialize(json::object{{"text", text}}));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json();
  }

  // A path of the operation with what is Mark's own.
  static std::string own_path(const openapi::operation& what) {
    const bool is_message = what.path.starts_with("/v1/messages");
    return path_with(what.path, {{"id", is_message ? own_message : "1"}, {"profile_id", "5"}, {"emoji", "tada"}}, "1");
  }

  // What this process serves: another test holds its routes against the document.
  static const std::vector<openapi::operation>& served() {
    static const auto found = [] {
      auto all = product.operations();
      std::erase_if(all, [](const auto& what) {
        const bool is_socket = what.path == "/v1/events";
        return is_socket || ask(*mark, what.method == "DELETE" ? "GET" : what.method, own_path(what), "x")
                                    .body.find("there is nothing at this path") != std::string::npos;
      });
      return all;
    }();
    return found;
  }

  // All that a request could have changed in the americas and is not a log.
  static std::string everything() {
    static constexpr auto counts =
        "SELECT (SELECT count(*) FROM workspace_americas), (SELECT count(*) FROM channel_americas), "
        "(SELECT count(*) FROM message_americas), (SELECT count(*) FROM workspaceprofile_americas), "
        "(SELECT count(*) FROM channel_member_americas), (SELECT sum(version) FROM profile_americas), "
        "(SELECT sum(change_seq) FROM channel_americas), (SELECT count(*) FROM identity.invitation_americas), "
        "(SELECT count(*) FROM profile)";
    return world->connect("geo-americas").text(counts);
  }

  static std::unique_ptr<local_topology> world;
  static pid_t server_pid;
  static std::unique_ptr<http_client> mark;
  static std::unique_ptr<http_client> prachi;
  static std::string own_message;
  static std::string their_message;
};

std::unique_ptr<local_topology> bad_input_systest::world;
pid_t bad_input_systest::server_pid = 0;
std::unique_ptr<http_client> bad_input_systest::mark;
std::unique_ptr<http_client> bad_input_systest::prachi;
std::string bad_input_systest::own_message;
std::string bad_input_systest::their_message;

TEST_F(bad_input_systest, each_member_of_each_body_is_held_to_its_type_and_size) {
  const auto before = everything();
  int tried = 0;
  for (const auto& what : served()) {
    const auto* schema = schema_of(what);
    if (schema == nullptr) {
      continue;
    }
    for (const auto& bad : bodies_against(*schema, example_of(what))) {
      const auto answer = ask(*mark, what.method, own_path(what), bad.text);
      EXPECT_EQ(answer.status, 400) << what.method << " " << what.path << " " << bad.what << ": " << answer.body;
      EXPECT_EQ(type_of(answer), invalid) << answer.body;
      EXPECT_EQ(field_of(answer), bad.field)
          << what.method << " " << what.path << " " << bad.what << ": " << answer.body;
      ++tried;
    }
  }
  EXPECT_GT(tried, 300);
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, what_is_no_json_object_is_refused_by_each_route) {
  const auto before = everything();
  for (const auto& what : served()) {
    if (schema_of(what) == nullptr) {
      continue;
    }
    for (const auto& bad : malformed_bodies()) {
      const auto answer = ask(*mark, what.method, own_path(what), bad.text);
      EXPECT_EQ(answer.status, 400) << what.method << " " << what.path << " with " << bad.what << ": " << answer.body;
      EXPECT_EQ(type_of(answer), invalid) << answer.body;
      EXPECT_EQ(field_of(answer), "") << answer.body;
    }
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, query_parameters_are_held_to_their_type_and_range) {
  int tried = 0;
  for (const auto& what : served()) {
    const auto* parameters = what.description->if_contains("parameters");
    for (const auto& reference : parameters == nullptr ? json::array() : parameters->as_array()) {
      const auto& parameter = product.resolved(reference).as_object();
      if (parameter.at("in").as_string() != "query") {
        continue;
      }
      for (const auto& bad : queries_against(parameter)) {
        const auto answer = ask(*mark, what.method, own_path(what) + "?" + bad.text);
        EXPECT_EQ(answer.status, 400) << what.path << "?" << bad.what << ": " << answer.body;
        EXPECT_EQ(field_of(answer), bad.field) << answer.body;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 100);
}

TEST_F(bad_input_systest, a_cursor_of_one_list_opens_no_other) {
  for (int count = 0; count < 3; ++count) {
    post(*mark, "1", "one of many");
  }
  const auto messages = ask(*mark, "GET", "/v1/channels/1/messages?limit=1");
  const auto members = ask(*mark, "GET", "/v1/workspaces/1/members?limit=1");
  ASSERT_FALSE(messages.json().at("next_cursor").is_null()) << messages.body;
  ASSERT_FALSE(members.json().at("next_cursor").is_null()) << members.body;
  const auto of_messages = text_in(messages.json(), "next_cursor");
  const auto of_members = text_in(members.json(), "next_cursor");
  for (const auto& target :
       {"/v1/workspaces/1/members?cursor=" + of_messages, "/v1/channels/1/messages?cursor=" + of_members,
        "/v1/channels?cursor=" + of_messages, "/v1/messages/" + own_message + "/replies?cursor=" + of_messages,
        "/v1/channels/1/messages?before_seq=2&cursor=" + of_messages}) {
    EXPECT_EQ(ask(*mark, "GET", target).status, 400) << target;
  }
}

TEST_F(bad_input_systest, conditions_and_keys_are_held_to_their_form) {
  const auto before = everything();
  for (const auto* etag : {"1", "W/\"1\"", "\"1\", \"2\"", "\"\"", "\"x\"", "\"99999999999999999999\"", "\"-\""}) {
    const header_fields condition{{"If-Match", etag}};
    for (const auto& [target, body] : std::map<std::string, std::string>{
             {"/v1/messages/" + own_message, R"({"text":"b"})"},
             {"/v1/profiles/1", R"({"title":"b"})"},
             {"/v1/workspaces/1", R"({"name":"b"})"},
             {"/v1/channels/1", R"({"topic":"b"})"},
         }) {
      const auto answer = ask(*mark, "PATCH", target, body, condition);
      EXPECT_EQ(answer.status, 400) << target << " " << etag << ": " << answer.body;
      EXPECT_EQ(field_of(answer), "If-Match") << answer.body;
    }
  }
  for (const auto& key :
       {std::string(), std::string("\"\""), std::string("a b"), std::string(101, 'k'), std::string("k\xC3\xA9y"),
        std::string("k\ty")}) {
    const header_fields headers{{"Idempotency-Key", key}};
    for (const auto& [target, body] : std::map<std::string, std::string>{
             {"/v1/channels/1/messages", R"({"text":"b"})"},
             {"/v1/workspaces/1/channels", R"({"name":"b"})"},
             {"/v1/workspaces/1/invitations", "{}"},
             {"/v1/workspaces", R"({"name":"b","url":"https://b.example","country":"USA"})"},
         }) {
      const auto answer = ask(*mark, "POST", target, body, headers);
      EXPECT_EQ(answer.status, 400) << target << " '" << key << "': " << answer.body;
      EXPECT_EQ(field_of(answer), "Idempotency-Key") << answer.body;
    }
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, what_is_no_id_and_what_nobody_has_is_not_found) {
  const auto before = everything();
  const auto far_future = "9223372036854775807";
  const auto of_asia = "4611686018427387904";
  for (const auto& what : served()) {
    if (what.path.find("{id}") == std::string::npos) {
      continue;
    }
    const auto body = schema_of(what) == nullptr ? "" : json::serialize(example_of(what));
    for (const std::string id :
         {"999", far_future, of_asia, "0", "-1", "01", "+1", "1%20", "abc", "9223372036854775808", "1;DROP", "1%27--",
          "%C3%A9", "..%2f1", "1%2F.."}) {
      const auto target = path_with(what.path, {{"id", id}, {"profile_id", "5"}}, "tada");
      const auto answer = ask(*mark, what.method, target, body);
      EXPECT_THAT(answer.status, AnyOf(404, 400)) << what.method << " " << target << ": " << answer.body;
      if (answer.status == 400) {  // the path itself is none, or the session's id
        EXPECT_THAT(id, HasSubstr("%")) << answer.body;
      }
    }
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, what_is_another_workspaces_looks_like_what_is_not_there) {
  const std::map<std::string, std::pair<std::string, std::string>> theirs_and_nobodys{
      {"/v1/workspaces", {"5", "999"}},
      {"/v1/channels", {"8", "999"}},
      {"/v1/messages", {their_message, "999"}},
      {"/v1/profiles", {"10", "999"}},
  };
  const auto before = world->sql("asia", "SELECT sum(change_seq) FROM Channel_Asia");
  for (const auto& what : served()) {
    const auto place = what.path.substr(0, what.path.find('/', 4));
    const auto found = theirs_and_nobodys.find(place);
    if (found == theirs_and_nobodys.end() || what.path.find("{id}") == std::string::npos) {
      continue;
    }
    const auto body = schema_of(what) == nullptr ? "" : json::serialize(example_of(what));
    const auto answer_for = [&](const std::string& id) {
      return ask(*mark, what.method, path_with(what.path, {{"id", id}, {"profile_id", "5"}}, "tada"), body);
    };
    const auto theirs = answer_for(found->second.first);
    const auto nobodys = answer_for(found->second.second);
    EXPECT_EQ(theirs.status, 404) << what.method << " " << what.path << ": " << theirs.body;
    EXPECT_EQ(theirs.body, nobodys.body) << what.method << " " << what.path;
    EXPECT_EQ(theirs.header("Meridian-Region"), nobodys.header("Meridian-Region")) << what.path;
  }
  EXPECT_EQ(world->sql("asia", "SELECT sum(change_seq) FROM Channel_Asia"), before);
}

TEST_F(bad_input_systest, ids_of_another_workspace_in_a_body_are_refused) {
  const auto before = everything();
  const auto refused = [&](const std::string& method, const std::string& target, const json::object& body) {
    const auto answer = ask(*mark, method, target, json::serialize(body));
    EXPECT_THAT(answer.status, AnyOf(400, 404, 409)) << target << json::serialize(body) << ": " << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("Prachi")));
    EXPECT_THAT(answer.body, Not(HasSubstr("on_call")));
  };
  refused("POST", "/v1/channels/1/messages", {{"text", "a"}, {"thread_root_id", their_message}});
  refused("POST", "/v1/workspaces/1/channels", {{"name", "a"}, {"member_ids", json::array{"10"}}});
  refused("POST", "/v1/workspaces/1/channels", {{"profile_ids", json::array{"10"}}});
  refused("PUT", "/v1/workspaces/1/members/10", {{"role", "admin"}});
  refused("PUT", "/v1/channels/1/members/10", {});
  refused("POST", "/v1/sessions", {{"profile_id", "10"}});
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, without_a_session_nothing_is_done_or_told) {
  const auto before = everything();
  http_client stranger("127.0.0.1", world->serve_port("americas"));
  const auto& token = mark->token();
  const auto secret = token.substr(token.rfind('.'));
  for (const auto& forged :
       {std::string(), std::string("x"), "m1.3" + secret, "m1.0" + secret, "m1.31" + secret, "m1.99999999999" + secret,
        token + "a", token.substr(0, token.size() - 1), std::string(8000, 'm'), std::string("m1.1.\xFF\xFE")}) {
    stranger.set_token(forged);
    for (const auto& what : served()) {
      if (!what.needs_session()) {
        continue;
      }
      const auto body = schema_of(what) == nullptr ? "" : json::serialize(example_of(what));
      const auto answer = ask(stranger, what.method, own_path(what), body);
      if (what.path.starts_with("/v1/lab/")) {  // a token of its own
        EXPECT_THAT(answer.status, AnyOf(401, 403)) << what.path << ": " << answer.body;
        continue;
      }
      EXPECT_EQ(answer.status, 401) << what.method << " " << what.path << " with " << forged << ": " << answer.body;
      EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
    }
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(bad_input_systest, headers_about_regions_and_addresses_move_nothing) {
  const header_fields forged{{"Meridian-Region", "asia"},          {"Meridian-Served-By", "asia/forged"},
                             {"X-Forwarded-Host", "asia.example"}, {"X-Forwarded-For", "203.0.113.9"},
                             {"Forwarded", "for=203.0.113.9"},     {"X-Original-URL", "/v1/channels/8"},
                             {"X-HTTP-Method-Override", "DELETE"}, {"Meridian-Missing-Regions", "europe"}};
  const auto answer = ask(*mark, "POST", "/v1/channels/1/messages", R"({"text":"here","region":"asia"})", forged);
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(text_in(answer.json(), "region"), "americas");
  EXPECT_EQ(answer.header("Meridian-Region"), "americas");
  EXPECT_THAT(answer.header("Meridian-Served-By"), testing::StartsWith("americas/"));
  const auto id = text_in(answer.json(), "id");
  EXPECT_EQ(world->sql("asia", "SELECT count(*) FROM Message_Americas WHERE id = " + id), "1");
  EXPECT_EQ(world->sql("asia", "SELECT count(*) FROM Message_Asia WHERE id = " + id), "0");
}

TEST_F(bad_input_systest, a_request_id_of_the_clients_is_taken_only_when_it_is_harmless) {
  for (const auto& id : {std::string(300, 'x'), std::string("a b"), std::string("a\"b"), std::string("\xC3\xA9")}) {
    const auto answer = ask(*mark, "GET", "/livez", "", {{"X-Request-Id", id}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.header("X-Request-Id"), id);
  }
}

// Last, as it looks back on all of the above.
TEST_F(bad_input_systest, the_process_went_on_and_its_log_holds_nothing_personal) {
  ASSERT_GT(server_pid, 0);
  EXPECT_EQ(serving_pid(*world, "americas"), server_pid);
  const auto metrics = ask(*mark, "GET", "/metrics").body;
  EXPECT_THAT(metrics, Not(HasSubstr("status=\"5xx\""))) << metrics;
  std::string logs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world->state_directory())) {
    if (entry.path().extension() == ".log") {
      logs += read_text(entry.path());
    }
  }
  EXPECT_THAT(logs, HasSubstr("serving americas"));
  for (const auto& secret :
       {std::string(personal_text), std::string(password), mark->token(), std::string("msmith@apache.org"),
        std::string("Anja")}) {
    EXPECT_THAT(logs, Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace meridian::test
