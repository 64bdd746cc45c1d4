// 300 clients at three regions' doors while people write: a serving process is killed, one is frozen, a region's node
// is cut off for 20 s. Clients go on at another door. Afterwards everybody has every channel as the database has it,
// and nobody was told anything twice or out of order.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lab/bench_data.hpp"
#include "support/http_client.hpp"
#include "support/http_get.hpp"
#include "support/live_follower.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"
#include "topology/topology_file.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t people_per_region = 100;
constexpr std::size_t channels_per_region = 2;
constexpr auto post_pause = 250ms;  // of each of three writers: every post goes to 300 people
constexpr auto cut = 20s;

const std::array regions{std::string("americas"), std::string("europe"), std::string("asia")};

void let_pass(std::chrono::milliseconds time) {
  wait_until([] { return false; }, time);
}

class realtime_crash_systest : public testing::Test {
 protected:
  void SetUp() override {
    world_.up({"--empty"});
    auto parsed = topology::read_topology(world_.file());
    ASSERT_TRUE(parsed) << parsed.error().message;
    topology_ = std::make_unique<topology::topology>(std::move(*parsed));
    for (std::size_t region = 0; region < regions.size(); ++region) {
      make_people(region);
      ports_.push_back(free_ports().first);
      servers_.emplace_back();
      start_server(region);
      if (HasFatalFailure()) {
        return;
      }
    }
    let_everybody_in();
  }

  void TearDown() override {
    is_over_ = true;
    for (auto& writer : writers_) {
      if (writer.joinable()) {
        writer.join();
      }
    }
    followers_.clear();
    for (auto& server : servers_) {
      if (server) {
        server->send(SIGCONT);
        server->kill_group();
        server->wait();
      }
    }
  }

  void make_people(std::size_t region) {
    const lab::data_wish wish{people_per_region, channels_per_region, 0};
    const auto& where = topology_->region_named(regions[region]);
    const auto country = std::ranges::find(topology_->countries, regions[region], &topology::country::region)->name;
    const auto owner =
        world_.endpoint("geo-" + regions[region], "meridian_admin", world_.password_of("meridian_admin"));
    auto made = lab::prepare_data(owner, where, country, wish, [](std::int64_t) {});
    ASSERT_TRUE(made) << made.error().message;
    data_.push_back(std::move(*made));
  }

  void let_everybody_in() {
    for (std::size_t here = 0; here < regions.size(); ++here) {
      auto node = world_.connect("geo-" + regions[here]);
      for (std::size_t there = 0; there < regions.size(); ++there) {
        if (here != there) {
          node.text(fmt::format(
              "WITH joined AS (INSERT INTO workspaceprofile_{0} (workspace_id, profile_id, workspace_country) "
              "SELECT {1}, {2} + i, '{3}' FROM generate_series(0, {4}) AS i) "
              "INSERT INTO channel_member_{0} (channel_id, profile_id, country) "
              "SELECT {5} + c, {2} + i, '{3}' FROM generate_series(0, {4}) AS i, generate_series(0, {6}) AS c",
              regions[here], data_[here].workspace_id, data_[there].first_person_id, data_[here].country,
              people_per_region - 1, data_[here].first_channel_id, channels_per_region - 1
          ));
        }
      }
    }
  }

  void start_server(std::size_t region) {
    servers_[region] = std::make_unique<child>(world_.command(
        {"serve", "--region", regions[region], "--listen", "127.0.0.1", "--port", std::to_string(ports_[region]),
         "--rate-limit", "0"}
    ));
    const bool answers =
        wait_until([&] { return http_get("127.0.0.1", ports_[region], "/readyz").status == 200; }, 30s);
    if (!answers) {
      servers_[region]->kill_group();
      FAIL() << regions[region] << ": " << servers_[region]->wait().said();
    }
  }

  // Of the region's nats-server; 0 for none.
  pid_t bus_pid(const std::string& region) const {
    const auto status = boost::json::parse(world_.run({"status", "--json"}).output);
    for (const auto& server : status.at("bus").as_array()) {
      if (server.at("region").as_string() == region) {
        const auto* pid = server.as_object().if_contains("pid");
        return pid == nullptr ? 0 : static_cast<pid_t>(pid->as_int64());
      }
    }
    return 0;
  }

  void begin_following() {
    for (std::size_t region = 0; region < regions.size(); ++region) {
      for (const auto& token : data_[region].tokens) {
        followers_.push_back(std::make_unique<live_follower>(token, ports_, region));
      }
    }
    const auto has_hello = [](const auto& one) { return one->has_hello(); };
    ASSERT_TRUE(wait_until([&] { return std::ranges::all_of(followers_, has_hello); }, 60s));
  }

  void begin_writing() {
    for (std::size_t region = 0; region < regions.size(); ++region) {
      writers_.emplace_back([this, region] { write(region); });
    }
  }

  // Into the channels of all regions in turn; now and then he corrects himself.
  void write(std::size_t region) {
    http_client door("127.0.0.1", ports_[region]);
    door.set_token(data_[region].tokens.front());
    door.set_checking(false);
    door.set_patience(5s);
    for (std::size_t count = 0; !is_over_; ++count) {
      const auto& target = data_[count % regions.size()];
      const auto channel_id = target.first_channel_id + static_cast<std::int64_t>(count % channels_per_region);
      const auto said = door.post(
          fmt::format("/v1/channels/{}/messages", channel_id),
          {{"text", live_follower::stamped(fmt::format("{} {}", region, count))},
           {"client_msg_id", fmt::format("{}-{}", region, count)}}
      );
      posts_ += said.status == 201 ? 1 : 0;
      if (said.status == 201 && count % 5 == 0) {
        const auto id = std::string(said.json().at("id").as_string());
        door.patch("/v1/messages/" + id, {{"text", fmt::format("{} {}, corrected", region, count)}});
      }
      wait_until([this] { return is_over_.load(); }, post_pause);
    }
  }

  // What is wrong with what the followers hold, against the rows.
  std::vector<std::string> damage() {
    std::vector<std::string> said;
    for (std::size_t region = 0; region < regions.size(); ++region) {
      auto node = world_.connect("geo-" + regions[region]);
      for (std::size_t index = 0; index < channels_per_region; ++index) {
        const auto channel_id = data_[region].first_channel_id + static_cast<std::int64_t>(index);
        const auto rows = node.query(fmt::format(
            "SELECT id, change_seq, message FROM message_{} WHERE channel_id = {}", regions[region], channel_id
        ));
        EXPECT_TRUE(rows) << rows.error().message;
        std::map<std::int64_t, held_message> stored;
        for (const auto row : *rows) {
          stored[row.number<std::int64_t>(0)] = {row.number<std::int64_t>(1), std::string(row.text(2))};
        }
        EXPECT_GT(stored.size(), 10U);
        compare(channel_id, stored, said);
      }
    }
    for (const auto& one : followers_) {
      said.insert(said.end(), one->faults().begin(), one->faults().end());
    }
    return said;
  }

  void compare(
      std::int64_t channel_id, const std::map<std::int64_t, held_message>& stored, std::vector<std::string>& said
  ) {
    for (std::size_t number = 0; number < followers_.size(); ++number) {
      const auto& held = followers_[number]->messages_of(channel_id);
      if (held.size() != stored.size()) {
        said.push_back(fmt::format(
            "follower {} holds {} messages of channel {} instead of {}", number, held.size(), channel_id, stored.size()
        ));
      }
      for (const auto& [id, row] : stored) {
        const auto found = held.find(id);
        if (found != held.end() && (found->second.change_seq != row.change_seq || found->second.text != row.text)) {
          said.push_back(fmt::format("follower {} holds message {} as it was", number, id));
        }
      }
    }
  }

  bool has_everything(std::size_t region) {
    auto node = world_.connect("geo-" + regions[region]);
    for (std::size_t index = 0; index < channels_per_region; ++index) {
      const auto channel_id = data_[region].first_channel_id + static_cast<std::int64_t>(index);
      const auto change_seq = std::stoll(
          node.text(fmt::format("SELECT change_seq FROM channel_{} WHERE id = {}", regions[region], channel_id))
      );
      const auto has = [&](const auto& one) { return one->has(channel_id, change_seq); };
      if (!std::ranges::all_of(followers_, has)) {
        return false;
      }
    }
    return true;
  }

  local_topology world_{{"geo"}};
  std::unique_ptr<topology::topology> topology_;
  std::vector<lab::bench_data> data_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<child>> servers_;
  std::vector<std::unique_ptr<live_follower>> followers_;
  std::vector<std::thread> writers_;
  std::atomic<std::size_t> posts_ = 0;
  std::atomic<bool> is_over_ = false;
};

TEST_F(realtime_crash_systest, nothing_is_lost_repeated_or_out_of_order) {
  begin_following();
  begin_writing();
  let_pass(10s);  // nothing is broken yet
  live_follower::notes_delays = false;

  servers_[1]->send(SIGKILL);
  servers_[1]->wait();
  let_pass(4s);
  start_server(1);
  let_pass(4s);

  const auto asia_bus = bus_pid(regions[2]);
  ASSERT_GT(asia_bus, 0);
  ::kill(asia_bus, SIGSTOP);  // the link: nothing of the others comes here, nothing from here goes out
  let_pass(cut);
  ::kill(asia_bus, SIGCONT);
  let_pass(3s);

  const auto americas_bus = bus_pid(regions[0]);
  ASSERT_GT(americas_bus, 0);
  ::kill(americas_bus, SIGKILL);
  let_pass(3s);
  world_.up({"--empty"});
  let_pass(3s);

  servers_[2]->send(SIGSTOP);  // a server that nobody hears any more: its clients wait, and lose nothing
  let_pass(8s);
  servers_[2]->send(SIGCONT);
  let_pass(3s);

  is_over_ = true;
  for (auto& writer : writers_) {
    writer.join();
  }
  for (std::size_t region = 0; region < regions.size(); ++region) {
    EXPECT_TRUE(wait_until([&] { return has_everything(region); }, 60s)) << regions[region];
  }
  std::vector<double> delays;
  for (auto& one : followers_) {
    one->stop();
  }
  std::size_t hellos = 0;
  for (const auto& one : followers_) {
    hellos += one->hellos();
    delays.insert(delays.end(), one->delays().begin(), one->delays().end());
  }
  EXPECT_GT(hellos, followers_.size());  // somebody did go elsewhere
  EXPECT_GT(posts_, 50U);
  const auto said = damage();
  EXPECT_TRUE(said.empty()) << said.size() << " faults; the first: " << said.front();
  std::ranges::sort(delays);
  ASSERT_FALSE(delays.empty());
  const auto at = [&](double share) {
    return delays[static_cast<std::size_t>(static_cast<double>(delays.size() - 1) * share)];
  };
  fmt::print(
      "while nothing was broken: {} deliveries to {} clients, from post to client p50 {:.1f} ms, p99 {:.1f} ms\n",
      delays.size(), followers_.size(), at(0.5), at(0.99)
  );
}

}  // namespace
}  // namespace meridian::test
