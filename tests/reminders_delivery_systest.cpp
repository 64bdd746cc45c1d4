// What is due reaches every device of its person: at least once, whoever dies on the way, and so told that a device
// which shows each (id, notify_at) once shows each reminder once.
#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/live_person.hpp"
#include "support/local_topology.hpp"
#include "support/serving.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto password = "a password for the sample company";
constexpr auto jonas = "jonas_fischer@gmail.com";
constexpr auto primary = "reminders-americas";
const std::string regions[] = {"americas", "europe", "asia"};

std::string text_in(const json::value& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

std::string in(std::chrono::milliseconds duration) {
  const auto at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() + duration);
  return fmt::format("{:%FT%TZ}", at);
}

// A client as docs/api.md tells people to write it: connected, it shows what it hears, and on each connection what is
// due already. It goes to the next door when its own ends, and every `patience` if it is a restless one.
class device {
 public:
  // What it was told of one reminder: each of the times is shown, the first time that it is told.
  struct shown {
    std::set<std::string> times;  // notify_at
    int frames = 0;
    bool is_late = false;
  };

  device(std::string token, std::vector<std::uint16_t> doors, std::chrono::milliseconds patience)
      : token_(std::move(token)), doors_(std::move(doors)), patience_(patience), thread_([this] { run(); }) {}
  ~device() { stop(); }
  device(const device&) = delete;
  device& operator=(const device&) = delete;

  void stop() {
    is_stopped_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // By the reminder's id.
  std::map<std::string, shown> all() const { return *published_.load(); }
  int connections() const { return connections_; }

 private:
  void run() {
    for (std::size_t turn = 0; !is_stopped_; ++turn) {
      const auto door = doors_[turn % doors_.size()];
      http::live_client live("127.0.0.1", door, "/v1/events", "Authorization: Bearer " + token_ + "\r\n");
      if (live.status() != 101) {
        wait_until([this] { return is_stopped_.load(); }, 50ms);
        continue;
      }
      ++connections_;
      catch_up(door);
      const auto end = std::chrono::steady_clock::now() + patience_;
      while (!is_stopped_ && !live.is_over() && std::chrono::steady_clock::now() < end) {
        if (const auto text = live.hear(100ms)) {
          const auto frame = json::parse(*text);
          if (text_in(frame, "type") == "reminder") {
            EXPECT_EQ(frame.at("is_late"), frame.at("reminder").at("is_late"));
            show(frame.at("reminder"), 1);
          }
        }
      }
    }
  }

  void catch_up(std::uint16_t door) {
    http_client asking("127.0.0.1", door);
    asking.set_token(token_);
    const auto answer = asking.get("/v1/reminders?state=due&limit=200");
    if (answer.status == 200) {
      const auto page = answer.json();
      for (const auto& one : page.at("items").as_array()) {
        show(one, 0);
      }
    }
  }

  void show(const json::value& one, int frames) {
    auto& its = shown_[text_in(one, "id")];
    its.times.insert(text_in(one, "notify_at"));
    its.frames += frames;
    its.is_late = its.is_late || one.at("is_late").as_bool();
    published_ = std::make_shared<const std::map<std::string, shown>>(shown_);
  }

  std::string token_;
  std::vector<std::uint16_t> doors_;
  std::chrono::milliseconds patience_;
  std::map<std::string, shown> shown_;  // of its thread, and a copy for the others
  std::atomic<std::shared_ptr<const std::map<std::string, shown>>> published_ =
      std::make_shared<const std::map<std::string, shown>>();
  std::atomic<int> connections_ = 0;
  std::atomic<bool> is_stopped_ = false;
  std::thread thread_;
};

class reminders_delivery_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo", "reminders"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }
  static void TearDownTestSuite() { world.reset(); }

  void SetUp() override {
    person_ = std::make_unique<http_client>("127.0.0.1", world->serve_port("europe"));
    person_->sign_in(jonas, password);
    // One that stays as long as it is let, one that never stays, each beginning at another door.
    calm_ = std::make_unique<device>(person_->token(), doors_from(2), 1h);
    restless_ = std::make_unique<device>(person_->token(), doors_from(1), 300ms);
    ASSERT_TRUE(wait_until([&] { return calm_->connections() > 0 && restless_->connections() > 1; }));
  }

  static std::vector<std::uint16_t> doors_from(std::size_t first) {
    std::vector<std::uint16_t> doors;
    for (std::size_t n = 0; n < std::size(regions); ++n) {
      doors.push_back(world->serve_port(regions[(first + n) % std::size(regions)]));
    }
    return doors;
  }

  // Its notify_at, by its id, goes to what is expected.
  void remind(const std::string& at) {
    const auto made = person_->post("/v1/reminders", json::object{{"text", "tea"}, {"at", at}});
    ASSERT_EQ(made.status, 201) << made.body;
    expected_.emplace(text_in(made.json(), "id"), text_in(made.json(), "notify_at"));
  }

  static std::vector<pid_t> all_that_serve() {
    std::vector<pid_t> found;
    for (const auto& region : regions) {
      found.push_back(serving_pid(*world, region));
      EXPECT_GT(found.back(), 0);
    }
    return found;
  }

  static void kill(const std::vector<pid_t>& processes) {
    for (const auto process : processes) {
      ::kill(process, SIGKILL);
    }
  }

  // Both devices have shown all of them, each under its one time: so once. Answers how often they were told again.
  int expect_each_shown_once() {
    for (auto* one : {calm_.get(), restless_.get()}) {
      EXPECT_TRUE(wait_until([&] { return has_all(*one); }, 40s)) << (one == calm_.get() ? "calm" : "restless");
    }
    EXPECT_TRUE(wait_until([] { return open_leases() == "0"; }, 40s)) << "told, and nobody says so";
    wait_until([] { return false; }, 1s);  // for what might come too often
    int repeats = 0;
    for (auto* one : {calm_.get(), restless_.get()}) {
      one->stop();
      const auto all = one->all();
      for (const auto& [id, notify_at] : expected_) {
        const auto& shown = all.at(id);
        EXPECT_EQ(shown.times, std::set{notify_at}) << id << " is shown under another time, or several";
        repeats += one == calm_.get() ? std::max(shown.frames - 1, 0) : 0;
      }
    }
    fmt::print(
        "{} reminders; {} told again to the calm device; connections: calm {}, restless {}\n", expected_.size(),
        repeats, calm_->connections(), restless_->connections()
    );
    return repeats;
  }

  bool has_all(const device& one) const {
    const auto all = one.all();
    return std::ranges::all_of(expected_, [&](const auto& wanted) { return all.contains(wanted.first); });
  }

  int count_late(const device& one) const {
    const auto all = one.all();
    return static_cast<int>(std::ranges::count_if(expected_, [&](const auto& wanted) {
      return all.contains(wanted.first) && all.at(wanted.first).is_late;
    }));
  }

  // Those that came by a frame: what is due already is also found by who connects.
  int count_told(const device& one) const {
    const auto all = one.all();
    return static_cast<int>(std::ranges::count_if(expected_, [&](const auto& wanted) {
      return all.contains(wanted.first) && all.at(wanted.first).frames > 0;
    }));
  }

  static std::string open_leases() {
    return world->connect(primary).text("SELECT count(*) FROM reminder WHERE lease_until IS NOT NULL");
  }

  static inline std::unique_ptr<local_topology> world;
  std::unique_ptr<http_client> person_;
  std::unique_ptr<device> calm_;
  std::unique_ptr<device> restless_;
  std::map<std::string, std::string> expected_;
};

// Three processes look for what is due; nobody dies, so nothing is told twice to who stays.
TEST_F(reminders_delivery_systest, several_schedulers_tell_each_once) {
  for (int n = 0; n < 60; ++n) {
    remind(in(1500ms + n * 50ms));
  }
  EXPECT_EQ(expect_each_shown_once(), 0);
  EXPECT_EQ(count_late(*calm_), 0);
}

// The claim is durable, and its answer never came: the replicas that confirm it are frozen, and who claimed is killed.
TEST_F(reminders_delivery_systest, who_dies_between_lease_and_delivery_loses_nothing) {
  const auto serving = all_that_serve();
  const auto due = in(8s);  // one moment, so that one claim takes all; far enough to have frozen the replicas by then
  for (int n = 0; n < 10; ++n) {
    remind(due);
  }
  auto node = world->connect(primary);
  for (const auto* replica : {"reminders-europe", "reminders-asia"}) {
    world->freeze_node(replica);
  }
  const auto is_claiming = [&] {
    return node.text(
               "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%AS due_id%'"
           ) == "t";
  };
  EXPECT_TRUE(wait_until(is_claiming)) << "nobody has claimed";
  kill(serving);
  for (const auto* replica : {"reminders-europe", "reminders-asia"}) {
    world->thaw_node(replica);
  }
  EXPECT_TRUE(wait_until([&] { return open_leases() == "10"; })) << "the claim did not last: " << open_leases();
  EXPECT_EQ(count_told(*calm_), 0) << "somebody has told of them before he died";
  EXPECT_EQ(expect_each_shown_once(), 0);
  EXPECT_EQ(count_told(*calm_), 10);
  EXPECT_EQ(count_late(*calm_), 10) << "a lease is longer than what is on time";
}

// Told, and killed before that could be written down: it is told again when the lease ends.
TEST_F(reminders_delivery_systest, who_dies_between_delivery_and_confirmation_is_followed_by_a_repeat) {
  const auto serving = all_that_serve();
  auto node = world->connect(primary);
  node.text(
      "CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
  );
  node.text(
      "CREATE TRIGGER hold_back BEFORE UPDATE ON reminder FOR EACH ROW "
      "WHEN (OLD.lease_until IS NOT NULL AND NEW.lease_until IS NULL) EXECUTE FUNCTION hold_back()"
  );
  for (int n = 0; n < 10; ++n) {
    remind(in(2s));
  }
  EXPECT_TRUE(wait_until([&] { return has_all(*calm_); }));
  EXPECT_EQ(open_leases(), "10") << "one was confirmed all the same";
  kill(serving);
  // Its connections may wait for the trigger still.
  node.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  node.text("DROP TRIGGER hold_back ON reminder");
  node.text("DROP FUNCTION hold_back()");
  EXPECT_TRUE(wait_until([&] { return open_leases() == "0"; }, 40s));
  EXPECT_GT(expect_each_shown_once(), 0) << "nothing was repeated, so nothing was tried";
}

TEST_F(reminders_delivery_systest, what_was_due_in_an_outage_comes_late_and_says_so) {
  const auto due = in(6s);  // when the node is gone
  for (int n = 0; n < 10; ++n) {
    remind(due);
  }
  for (int n = 0; n < 5; ++n) {
    remind(in(50s));
  }
  world->kill_node(primary);
  wait_until([] { return false; }, 17s);  // late is what comes more than 10 s behind its time
  EXPECT_FALSE(has_all(*calm_));
  world->up();
  expect_each_shown_once();
  for (const auto* one : {calm_.get(), restless_.get()}) {
    EXPECT_EQ(count_late(*one), 10) << "those of the outage, and not those after it";
  }
}

}  // namespace
}  // namespace meridian::test
