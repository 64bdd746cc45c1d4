// What an asynchronous primary of the reminders takes along when it dies, beside what a synchronous one does: a drill
// that measures the window. MERIDIAN_OCEAN_MS chooses the way to each replica, one way (70: California to Ireland).
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lab/wan_proxy.hpp"
#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using clock = std::chrono::steady_clock;

constexpr auto password = "a password for the sample company";
constexpr auto primary = "reminders-americas";
const std::string replicas[] = {"reminders-europe", "reminders-asia"};
const std::string people[] = {
    "msmith@apache.org", "jonas_fischer@gmail.com", "shoimingli@apache.org", "vsharma@techmahindra.com"
};

std::chrono::milliseconds ocean() {
  const char* chosen = std::getenv("MERIDIAN_OCEAN_MS");
  return std::chrono::milliseconds(chosen == nullptr ? 70 : std::atoi(chosen));
}

struct acknowledgement {
  std::string key;
  clock::time_point at;
};

// One that makes reminders, each once, until it is told to stop.
struct writer {
  std::thread thread;
  std::vector<acknowledgement> heard;
  std::string refusal;  // the last one

  void write_until(const std::atomic<bool>& over, http_client& door, const std::string& name) {
    for (int n = 0; !over; ++n) {
      const auto key = fmt::format("{}-{}", name, n);
      const json::object wish{{"text", key}, {"at", "2030-01-01T00:00:00Z"}};
      const auto answer = door.post("/v1/reminders", wish, {{"Idempotency-Key", key}});
      if (answer.status == 201) {
        heard.push_back({key, clock::now()});
      } else if (answer.status != 0) {
        refusal = answer.body;
      }
    }
  }
};

struct loss {
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  std::chrono::duration<double, std::milli> window{};  // from the last one kept to the last one acknowledged
};

class reminders_loss_systest : public testing::Test {
 protected:
  // With its replicas an ocean away.
  void bring_up(bool synchronous) {
    if (!synchronous) {
      world_.edit("# synchronous = false", "synchronous = false");
    }
    const auto ended = world_.run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
    ASSERT_EQ(world_.sql(primary, "SHOW synchronous_standby_names").empty(), !synchronous);
    for (const auto& replica : replicas) {
      lab::wan_settings settings;
      settings.target_address = world_.address_of(primary);
      settings.target_port = world_.sql_port();
      settings.latency = ocean();
      oceans_.push_back(lab::wan_proxy::start(settings).value());
      auto slot = replica;
      std::ranges::replace(slot, '-', '_');
      auto node = world_.connect(replica);
      node.text(fmt::format(
          "ALTER SYSTEM SET primary_conninfo = "
          "'host=127.0.0.1 port={} user=meridian_replication password={} application_name={}'",
          oceans_.back()->port(), world_.password_of("meridian_replication"), slot
      ));
      node.text("SELECT pg_reload_conf()");
    }
    auto node = world_.connect(primary);
    const auto are_there = [&] {
      return std::ranges::all_of(oceans_, [](const auto& one) { return one->counts().bytes_received > 0; }) &&
             node.text("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "2";
    };
    ASSERT_TRUE(wait_until(are_there));
  }

  // Writes for a while, lets `die` happen to the primary, fails over, and counts.
  template <class Death>
  loss lose_primary(Death die) {
    std::vector<std::unique_ptr<http_client>> doors;
    for (const auto& person : people) {
      doors.push_back(std::make_unique<http_client>("127.0.0.1", world_.serve_port("americas")));
      doors.back()->sign_in(person, password);
    }
    std::vector<writer> writers(doors.size());
    std::atomic<bool> over = false;
    for (std::size_t n = 0; n < doors.size(); ++n) {
      writers[n].thread = std::thread([&, n] { writers[n].write_until(over, *doors[n], fmt::format("writer-{}", n)); });
    }
    wait_until([] { return false; }, 3s);
    die();
    over = true;
    for (auto& one : writers) {
      one.thread.join();
      EXPECT_FALSE(one.heard.empty()) << one.refusal;
    }
    const auto ended = world_.run({"failover", "reminders"});
    EXPECT_EQ(ended.exit_code, 0) << ended.said();
    said_ = ended.output;
    return compare(writers);
  }

  loss compare(const std::vector<writer>& writers) {
    std::set<std::string> kept;
    for (const auto& key : sorted_lines(world_.connect(primary_now()).text("SELECT creation_key FROM reminder"))) {
      kept.insert(key);
    }
    loss found;
    clock::time_point last_kept{};
    clock::time_point last{};
    for (const auto& one : writers) {
      for (const auto& [key, at] : one.heard) {
        ++found.acknowledged;
        last = std::max(last, at);
        if (kept.contains(key)) {
          last_kept = std::max(last_kept, at);
        } else {
          ++found.lost;
        }
      }
    }
    found.window = last - last_kept;
    return found;
  }

  std::string primary_now() const {
    return world_.sql(replicas[0], "SELECT pg_is_in_recovery()") == "f" ? replicas[0] : replicas[1];
  }

  static void tell(std::string_view what, const loss& found) {
    fmt::print(
        "{}, {} ms each way: {} of {} acknowledged lost, window {:.1f} ms\n", what, ocean() / 1ms, found.lost,
        found.acknowledged, found.window.count()
    );
  }

  // Frozen first: finding all of its processes takes a while, in which it would acknowledge more.
  void lose_machine() {
    world_.freeze_node(primary);
    for (const auto& one : oceans_) {
      one->cut();
    }
    world_.kill_node(primary);
  }

  local_topology world_{{"geo", "reminders"}};
  std::vector<std::unique_ptr<lab::wan_proxy>> oceans_;
  std::string said_;  // by the failover
};

// The machine is gone with all that it had not sent and all that was on its way.
TEST_F(reminders_loss_systest, an_asynchronous_primarys_machine_takes_what_was_on_its_way) {
  bring_up(false);
  const auto found = lose_primary([&] { lose_machine(); });
  tell("asynchronous, machine lost", found);
  EXPECT_THAT(said_, HasSubstr("synchronous = false"));
  EXPECT_GT(found.acknowledged, 100U);
  EXPECT_GT(found.lost, 0U) << "where nothing is lost nothing was measured";
  EXPECT_LT(found.window, ocean() + 500ms);
}

// The process only: the kernel sends what it was given.
TEST_F(reminders_loss_systest, an_asynchronous_primarys_process_takes_what_it_had_not_sent) {
  bring_up(false);
  const auto found = lose_primary([&] {
    world_.freeze_node(primary);
    world_.kill_node(primary);
  });
  tell("asynchronous, process killed", found);
  EXPECT_GT(found.acknowledged, 100U);
  EXPECT_LT(found.window, 500ms);
}

// Nothing bounds the window but the replicas' lag: here they hear nothing for a second before the end.
TEST_F(reminders_loss_systest, an_asynchronous_primary_takes_all_that_its_replicas_lag_behind) {
  bring_up(false);
  const auto found = lose_primary([&] {
    for (const auto& one : oceans_) {
      one->freeze();
    }
    wait_until([] { return false; }, 1s);
    lose_machine();
  });
  tell("asynchronous, replicas cut off for 1 s, then machine lost", found);
  EXPECT_GT(found.lost, 10U);
  EXPECT_GT(found.window, 900ms);
}

TEST_F(reminders_loss_systest, a_synchronous_primary_takes_nothing_along) {
  bring_up(true);
  const auto found = lose_primary([&] { lose_machine(); });
  tell("synchronous, machine lost", found);
  EXPECT_GT(found.acknowledged, 10U);
  EXPECT_EQ(found.lost, 0U);
}

}  // namespace
}  // namespace meridian::test
