// Kill -9 under load: a serving process, then a region's node. Clients repeat what was not answered with the same
// client_msg_id; afterwards every acknowledged message is there once, no channel has a gap, and whoever had nothing to
// do with what was killed noticed nothing.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/bench_data.hpp"
#include "lab/load_client.hpp"
#include "lab/post_workload.hpp"
#include "support/http_get.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"
#include "topology/topology_file.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t people_per_region = 6;
constexpr std::size_t channels_per_region = 3;
constexpr std::size_t clients_per_load = 4;
constexpr double posts_per_second_of_load = 50;
constexpr auto load_duration = 18s;
constexpr int server_kills = 3;
constexpr auto patience = 60s;
constexpr auto noticed_nothing_max = 3s;  // on a machine that does other things too

const std::array regions{std::string("americas"), std::string("europe"), std::string("asia")};

// People who come in at one region's door and post into the channels of one region.
struct load {
  std::size_t door = 0;
  std::size_t target = 0;
  std::unique_ptr<lab::post_workload> work;
  result<lab::load_outcome> outcome = lab::load_outcome();
};

class crash_systest : public testing::Test {
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

  pg::endpoint owner_of(std::size_t region) const {
    return world_.endpoint("geo-" + regions[region], "meridian_admin", world_.password_of("meridian_admin"));
  }

  void make_people(std::size_t region) {
    const lab::data_wish wish{people_per_region, channels_per_region, 0};
    const auto& where = topology_->region_named(regions[region]);
    const auto country = std::ranges::find(topology_->countries, regions[region], &topology::country::region)->name;
    auto made = lab::prepare_data(owner_of(region), where, country, wish, [](std::int64_t) {});
    ASSERT_TRUE(made) << made.error().message;
    data_.push_back(std::move(*made));
  }

  // The people of the other regions join the workspace and its channels.
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
        wait_until([&] { return http_get("127.0.0.1", ports_[region], "/readyz").status == 200; }, 20s);
    if (!answers) {
      servers_[region]->kill_group();
      FAIL() << regions[region] << ": " << servers_[region]->wait().said();
    }
  }

  void begin_loads() {
    for (std::size_t door = 0; door < regions.size(); ++door) {
      for (std::size_t target = 0; target < regions.size(); ++target) {
        lab::post_workload::plan plan;
        for (std::size_t i = 0; i < people_per_region; ++i) {
          plan.people.push_back({data_[door].first_person_id + static_cast<std::int64_t>(i), data_[door].tokens[i]});
        }
        for (std::size_t i = 0; i < channels_per_region; ++i) {
          plan.channel_ids.push_back(data_[target].first_channel_id + static_cast<std::int64_t>(i));
        }
        plan.clients = clients_per_load;
        plan.name = fmt::format("d{}", door);
        plan.seed = door * 10 + target;
        loads_.push_back({door, target, std::make_unique<lab::post_workload>(std::move(plan)), lab::load_outcome()});
      }
    }
    for (auto& one : loads_) {
      threads_.emplace_back([this, &one] {
        lab::load_settings settings;
        settings.doors = {{"127.0.0.1", ports_[one.door]}};
        settings.clients = clients_per_load;
        settings.arrivals_per_second = posts_per_second_of_load;
        settings.duration = load_duration;
        settings.patience = patience;
        settings.seed = one.door * 10 + one.target;
        one.outcome = lab::run_load(settings, *one.work, interrupted_);
      });
    }
  }

  void end_loads() {
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  std::string name_of(const load& one) const { return regions[one.door] + " to " + regions[one.target]; }

  // What all of them were told against what the nodes have.
  std::vector<std::string> damage() const {
    lab::evidence all;
    for (const auto& one : loads_) {
      for (auto post : one.work->acknowledged()) {
        post.digest = lab::digest_of(lab::bench_text(post.client_msg_id));
        all.posts.push_back(std::move(post));
      }
    }
    for (std::size_t region = 0; region < regions.size(); ++region) {
      std::vector<std::int64_t> channel_ids;
      for (std::size_t i = 0; i < channels_per_region; ++i) {
        channel_ids.push_back(data_[region].first_channel_id + static_cast<std::int64_t>(i));
      }
      const auto read = lab::read_stored(owner_of(region), regions[region], channel_ids, {}, all);
      EXPECT_TRUE(read) << read.error().message;
    }
    EXPECT_GT(all.posts.size(), 1000U);
    std::vector<std::string> said;
    for (const auto& one : lab::find_damage(all)) {
      said.push_back(fmt::format("{}: {}", to_string(one.kind), one.what));
    }
    return said;
  }

  local_topology world_{{"geo"}};
  std::unique_ptr<topology::topology> topology_;
  std::vector<lab::bench_data> data_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<child>> servers_;
  std::vector<load> loads_;
  std::vector<std::thread> threads_;
  std::atomic<bool> interrupted_ = false;
};

void let_pass(std::chrono::milliseconds time) {
  wait_until([] { return false; }, time);
}

TEST_F(crash_systest, kill_minus_nine_of_a_server_and_of_a_node_loses_nothing) {
  constexpr std::size_t americas = 0;
  constexpr std::size_t europe = 1;
  constexpr std::size_t asia = 2;
  begin_loads();
  let_pass(3s);
  for (int times = 0; times < server_kills; ++times) {
    servers_[europe]->send(SIGSTOP);  // so that requests are surely at hand
    let_pass(100ms);
    servers_[europe]->send(SIGKILL);
    servers_[europe]->wait();
    let_pass(500ms);
    start_server(europe);
    let_pass(1s);
  }
  world_.kill_node("geo-asia");
  let_pass(2s);
  const auto started = world_.pg_ctl("geo-asia", {"start", "--wait", "--silent", "-l", "/dev/null"});
  EXPECT_EQ(started.exit_code, 0) << started.said();
  end_loads();
  std::uint64_t repeats_at_europe = 0;
  std::uint64_t repeats_for_asia = 0;
  for (const auto& one : loads_) {
    ASSERT_TRUE(one.outcome) << name_of(one) << ": " << one.outcome.error().message;
    EXPECT_EQ(one.outcome->failures, 0U) << name_of(one) << ": " << one.outcome->first_failure;
    EXPECT_EQ(one.outcome->unanswered, 0U) << name_of(one);
    repeats_at_europe += one.door == europe && one.target != asia ? one.outcome->repeats : 0;
    repeats_for_asia += one.door == americas && one.target == asia ? one.outcome->repeats : 0;
  }
  for (const auto& one : loads_) {
    // Asia's people are known by asia's node alone: while it is dead, nobody can confirm their sessions.
    if (one.door == americas && one.target != asia) {
      EXPECT_EQ(one.outcome->repeats, 0U) << name_of(one);
      EXPECT_LT(one.outcome->latencies.max(), noticed_nothing_max) << name_of(one);
    }
  }
  // The kills did hit somebody.
  EXPECT_GT(repeats_at_europe, 0U);
  EXPECT_GT(repeats_for_asia, 0U);
  EXPECT_THAT(damage(), testing::IsEmpty());
}

}  // namespace
}  // namespace meridian::test
