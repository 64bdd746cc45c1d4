// Workspaces and channels on a lane, in a test; and the suite that shares one running topology. Whoever uses it links
// messaging.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "messaging/channel_api.hpp"
#include "messaging/workspace_api.hpp"
#include "support/lane.hpp"
#include "support/recording_publisher.hpp"

namespace meridian::test {

// Believes what it is told: "Bearer 5" is profile 5.
class trusting_guard : public identity::guard {
 public:
  http::handler signed_in(identity::handler handle) override {
    return [handle](http::request received) {
      const auto told = received.headers.find("Authorization").value();
      identity::principal who;
      who.profile_id = std::stoll(std::string(told.substr(told.find(' ') + 1)));
      return handle(std::move(received), who);
    };
  }
};

class organisation_lane : public lane {
 public:
  organisation_lane(const local_topology& running, const std::string& region)
      : lane(running, region),
        workspaces(regions(), events, settings()),
        members(regions(), events),
        invitations(regions(), events, settings()),
        channels(regions(), members, events),
        workspace_routes_(workspaces, members, invitations, guard_),
        channel_routes_(channels, guard_) {
    workspace_routes_.add_routes(routes_);
    channel_routes_.add_routes(routes_);
  }

  static messaging::settings settings() { return {.digest_key = "a key of the tests", .public_url = "https://chat"}; }

  http::response send(
      std::int64_t profile_id, http::verb method, const std::string& target, const std::string& body = "",
      const std::vector<std::pair<std::string, std::string>>& headers = {}
  ) {
    http::request made;
    made.method = method;
    const auto question = target.find('?');
    made.path = target.substr(0, question);
    for (auto rest = question == std::string::npos ? "" : target.substr(question + 1); !rest.empty();) {
      const auto pair = rest.substr(0, rest.find('&'));
      made.query.add(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      rest.erase(0, pair.size() + 1);
    }
    made.headers.add("Authorization", fmt::format("Bearer {}", profile_id));
    for (const auto& [name, value] : headers) {
      made.headers.add(name, value);
    }
    made.body = body;
    made.until = deadline::in(std::chrono::seconds(8));
    return answer(routes_, std::move(made));
  }

  recording_publisher events;

  // The services, for what is not asked over HTTP.
  messaging::workspace_service workspaces;
  messaging::member_service members;
  messaging::invitation_service invitations;
  messaging::channel_service channels;

 private:
  trusting_guard guard_;
  messaging::workspace_api workspace_routes_;
  messaging::channel_api channel_routes_;
  http::router routes_;
};

// A test failure when it is no failure.
template <class T>
errc code_of(const result<T>& outcome) {
  EXPECT_FALSE(outcome);
  return outcome ? errc::internal : outcome.error().code;
}

// Runs the work of each side by side and keeps the outcomes; for `meridian::all`.
template <class T>
task<void> keep(task<T> work, result<T>& outcome) {
  outcome = co_await std::move(work);
  co_return result<void>();
}

// One topology with the sample company for all tests; each has a lane in americas of its own.
class organisation_suite : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  organisation_suite() : lane(*world, "americas") {}

  static deadline soon() { return deadline::in(std::chrono::seconds(8)); }

  static identity::principal as(std::int64_t profile_id) {
    identity::principal who;
    who.profile_id = profile_id;
    return who;
  }

  static std::string sql(const std::string& region, const std::string& statement) {
    return world->connect("geo-" + region).text(statement);
  }

  // A new workspace of profile 1.
  messaging::workspace found_workspace(const std::string& country = "USA") {
    static int made = 0;
    const auto outcome = create(1, fmt::format("https://test-{}.example.org", ++made), country);
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? outcome->row : messaging::workspace();
  }

  static void let_in(const messaging::workspace& where, std::int64_t profile_id, const std::string& role) {
    sql(where.home->name, fmt::format(
                              "INSERT INTO workspaceprofile_{} (workspace_id, profile_id, workspace_country, role) "
                              "VALUES ({}, {}, '{}', '{}')",
                              where.home->name, where.id, profile_id, where.country, role
                          ));
  }

  // A workspace with an owner (1), an admin (3), a member (5) and a guest (4).
  messaging::workspace found_company(const std::string& country = "USA") {
    auto where = found_workspace(country);
    let_in(where, 3, "admin");
    let_in(where, 5, "member");
    let_in(where, 4, "guest");
    return where;
  }

  messaging::channel make_channel(
      const messaging::workspace& where, const std::string& name, bool is_private = false,
      std::vector<std::int64_t> members = {}, std::int64_t maker_id = 1
  ) {
    messaging::new_channel wish;
    wish.name = name;
    wish.is_private = is_private;
    wish.member_ids = std::move(members);
    const auto outcome = lane.run(lane.channels.create(as(maker_id), where.id, wish, soon()));
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? outcome->row : messaging::channel();
  }

  messaging::opened_invitation invite(
      const messaging::workspace& where, std::int64_t uses_max = 1, messaging::role role = messaging::role::member
  ) {
    messaging::new_invitation wish;
    wish.role = role;
    wish.uses_max = uses_max;
    const auto outcome = lane.run(lane.invitations.create(as(1), where.id, wish, soon()));
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? *outcome : messaging::opened_invitation();
  }

  result<messaging::made<messaging::workspace>> create(
      std::int64_t profile_id, const std::string& url, const std::string& country,
      const std::optional<std::string>& key = std::nullopt
  ) {
    return lane.run(lane.workspaces.create(as(profile_id), wish_of(url, country, key), soon()));
  }

  static messaging::new_workspace wish_of(
      const std::string& url, const std::string& country, const std::optional<std::string>& key = std::nullopt
  ) {
    messaging::new_workspace wish;
    wish.name = "Somewhere";
    wish.url = url;
    wish.country = country;
    wish.creation_key = key;
    return wish;
  }

  // "profile:role" of everybody.
  std::vector<std::string> roles_of(const messaging::workspace& where, std::int64_t caller_id = 1) {
    const auto listed = lane.run(lane.members.list(as(caller_id), where.id, std::nullopt, {}, soon()));
    EXPECT_TRUE(listed) << to_string(listed.error());
    std::vector<std::string> roles;
    for (const auto& one : listed->rows) {
      roles.push_back(fmt::format("{}:{}", one.profile_id, to_string(one.role)));
    }
    return roles;
  }

  result<messaging::member> set_role(
      const messaging::workspace& where, std::int64_t caller_id, std::int64_t profile_id, messaging::role wanted
  ) {
    return lane.run(lane.members.set_role(as(caller_id), where.id, profile_id, wanted, soon()));
  }
  result<void> remove(const messaging::workspace& where, std::int64_t caller_id, std::int64_t profile_id) {
    return lane.run(lane.members.remove(as(caller_id), where.id, profile_id, soon()));
  }

  // Runs two pieces of work at the same time: both have begun and wait for the rows that `lock` takes before either
  // goes on.
  template <class T>
  std::vector<result<T>> race(const std::string& region, const std::string& lock, task<T> one, task<T> other) {
    auto holding = world->connect("geo-" + region);
    holding.text("BEGIN");
    holding.text(lock);
    std::thread later([&] {
      holding.text("SELECT pg_sleep(0.5)");
      holding.text("COMMIT");
    });
    std::vector<result<T>> outcomes(2, error{});
    std::vector<task<void>> both;
    both.push_back(keep(std::move(one), outcomes[0]));
    both.push_back(keep(std::move(other), outcomes[1]));
    EXPECT_TRUE(lane.run(all(std::move(both))));
    later.join();
    return outcomes;
  }

  static inline std::unique_ptr<local_topology> world;
  organisation_lane lane;
};

}  // namespace meridian::test
