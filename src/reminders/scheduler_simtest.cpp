// Many schedulers, one queue, virtual time: whoever crashes wherever, everything is announced, and shown once.
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "reminders/scheduler.hpp"

namespace meridian::reminders {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int seeds = 500;
constexpr auto day = std::chrono::microseconds(24h);
const claim_terms terms{.count_max = 3, .lease = 15s, .late_after = 10s};

// The database: transactions that happen whole or not at all, and a clock.
struct model {
  explicit model(unsigned seed) : random(seed) {}

  bool chance(int percent) { return std::uniform_int_distribution(1, 100)(random) <= percent; }
  int number(int least, int most) { return std::uniform_int_distribution(least, most)(random); }

  struct row {
    reminder it;
    std::optional<timestamp> lease;
  };

  std::minstd_rand random;
  timestamp now{std::chrono::hours(24 * 365 * 57)};
  std::map<std::int64_t, row> rows;
  std::set<std::pair<std::int64_t, timestamp>> occurrences;  // unique in the schema
  int announcements = 0;
  int repeats = 0;
  std::set<std::pair<std::int64_t, timestamp>> shown;  // a client's: by id and time
  std::set<std::pair<std::int64_t, timestamp>> posted;
};

// One process's view of it. After a crash nothing of it happens any more.
class sim_process final : public delivery_queue, public neighbours, public bus::publisher {
 public:
  sim_process(model& world, asio::io_context& loop) : world_(world), loop_(loop) {}

  bool is_dead() const { return is_dead_; }

  task<std::vector<claimed>> claim(claim_terms wanted, deadline /*until*/) override {
    MERIDIAN_CO_CHECK(co_await step());
    std::vector<claimed> taken;
    for (auto& [id, row] : world_.rows) {
      const bool is_open = row.it.state == reminder_state::scheduled || row.lease;
      const auto wakes = row.lease ? std::max(*row.lease, row.it.notify_at) : row.it.notify_at;
      if (is_open && wakes <= world_.now && taken.size() < wanted.count_max) {
        row.lease = world_.now + wanted.lease;
        row.it.is_late = world_.now - row.it.notify_at > wanted.late_after;
        row.it.state = row.it.recurrence ? row.it.state : reminder_state::due;
        taken.push_back({row.it, *row.lease});
      }
    }
    MERIDIAN_CO_CHECK(co_await step());
    co_return taken;
  }

  task<std::vector<claimed>> fire(std::vector<firing> series, timestamp lease, deadline /*until*/) override {
    MERIDIAN_CO_CHECK(co_await step());
    std::vector<claimed> left;
    for (const auto& one : series) {
      auto& row = world_.rows.at(one.series_id);
      if (row.it.state != reminder_state::scheduled || row.lease != lease) {
        continue;
      }
      model::row occurrence{row.it, lease};
      occurrence.it.id = one.occurrence_id;
      occurrence.it.series_id = one.series_id;
      occurrence.it.recurrence.reset();
      occurrence.it.state = reminder_state::due;
      EXPECT_TRUE(world_.occurrences.insert({one.series_id, row.it.notify_at}).second) << "an occurrence twice";
      row.it.notify_at = one.next_at.value_or(row.it.notify_at);
      row.it.state = one.next_at ? reminder_state::scheduled : reminder_state::completed;
      row.lease.reset();
      left.push_back({occurrence.it, lease});
      world_.rows.emplace(one.occurrence_id, occurrence);
    }
    MERIDIAN_CO_CHECK(co_await step());
    co_return left;
  }

  task<void> confirm(std::vector<confirmation> announced, timestamp lease, deadline /*until*/) override {
    MERIDIAN_CO_CHECK(co_await step());
    for (const auto& one : announced) {
      auto& row = world_.rows.at(one.id);
      if (row.it.state == reminder_state::due && row.lease == lease) {
        row.lease.reset();
        row.it.state = one.is_over ? reminder_state::completed : row.it.state;
      }
    }
    MERIDIAN_CO_CHECK(co_await step());
    co_return result<void>();
  }

  task<std::string> beat(deadline /*until*/) override { co_return std::string(); }
  task<void> forget(deadline /*until*/) override { co_return result<void>(); }

  task<message_place> find_message(std::int64_t, std::int64_t, deadline) override { co_return message_place{}; }
  task<void> check_colleague(identity::principal, std::int64_t, deadline) override { co_return result<void>(); }
  task<void> check_channel(identity::principal, std::int64_t, deadline) override { co_return result<void>(); }
  task<std::string> time_zone_of(identity::principal, deadline) override { co_return std::string("UTC"); }

  // Idempotent by its key, as messaging is. Now and then the other region is away.
  task<void> post(std::int64_t, std::int64_t, std::string, std::string key, deadline) override {
    MERIDIAN_CO_CHECK(co_await step());
    if (world_.chance(10)) {
      co_return error{errc::unavailable, "the region is away", ""};
    }
    const auto id = std::stoll(key.substr(key.find(' ') + 1));
    const auto at = timestamp(std::chrono::microseconds(std::stoll(key.substr(key.rfind(' ') + 1))));
    world_.posted.insert({id, at});
    MERIDIAN_CO_CHECK(co_await step());
    co_return result<void>();
  }

  // The client shows what it has not shown yet.
  void publish(bus::event what) override {
    if (is_dead_) {
      return;
    }
    ++world_.announcements;
    const auto id_at = what.frame.find("\"id\":\"") + 6;
    const auto id = std::stoll(what.frame.substr(id_at));
    if (!world_.shown.insert({id, world_.rows.at(id).it.notify_at}).second) {
      ++world_.repeats;
    }
    is_dead_ = world_.chance(2);
  }

 private:
  // Others go first, for a while; and the process may die here.
  task<void> step() {
    for (int turns = world_.number(0, 5); turns > 0; --turns) {
      co_await asio::post(loop_, asio::use_awaitable);
    }
    is_dead_ = is_dead_ || world_.chance(3);
    if (is_dead_) {
      co_return error{errc::cancelled, "crashed", ""};
    }
    co_return result<void>();
  }

  model& world_;
  asio::io_context& loop_;
  bool is_dead_ = false;
};

void fill(model& world) {
  for (std::int64_t id = 1; id <= 12; ++id) {
    reminder it;
    it.id = id;
    it.profile_id = 5;
    it.notify_at = world.now + std::chrono::seconds(world.number(0, 60));
    if (id > 8) {
      it.recurrence = "FREQ=DAILY";
    }
    if (id == 7 || id == 8) {
      it.channel_id = 3;
    }
    world.rows.emplace(id, model::row{it, {}});
  }
}

scheduler_settings settings_of(int writer) {
  scheduler_settings made;
  made.terms = terms;
  made.writer_number = writer;
  made.next_time = [writer](const reminder& it, timestamp after) -> result<std::optional<timestamp>> {
    if (writer % 4 == 1) {
      return error{errc::invalid_argument, "a time zone of tomorrow", ""};
    }
    auto next = it.notify_at;
    while (next <= after) {
      next += day;
    }
    return std::optional(next);
  };
  return made;
}

// Three processes work side by side for a while, each dies now and then and is started anew.
void run_for(model& world, std::chrono::seconds duration) {
  const auto end = world.now + duration;
  int writer = 0;
  while (world.now < end) {
    asio::io_context loop(1);
    const auto seen = std::make_unique<seen_positions>();
    std::vector<std::unique_ptr<sim_process>> processes;
    std::vector<std::unique_ptr<scheduler>> schedulers;
    for (int n = 0; n < 3; ++n) {
      processes.push_back(std::make_unique<sim_process>(world, loop));
      auto& one = *processes.back();
      writer = writer % 31 + 1;
      schedulers.push_back(std::make_unique<scheduler>(loop.get_executor(), one, one, one, *seen, settings_of(writer)));
      for (int rounds = 0; rounds < 3; ++rounds) {
        asio::co_spawn(
            loop, schedulers.back()->round(deadline::in(1h)),
            [](const std::exception_ptr& thrown, const result<std::size_t>&) {
              if (thrown) {
                std::rethrow_exception(thrown);
              }
            }
        );
      }
    }
    loop.run();
    world.now += std::chrono::seconds(world.number(1, 10));
  }
}

TEST(scheduler_simtest, everything_is_shown_once_whoever_crashes) {
  int repeats = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    model world(seed);
    fill(world);
    run_for(world, 400s);
    for (std::int64_t id = 1; id <= 6; ++id) {
      const auto& row = world.rows.at(id);
      EXPECT_EQ(row.it.state, reminder_state::due);
      EXPECT_FALSE(row.lease) << "announced, and nobody said so";
      EXPECT_TRUE(world.shown.contains({id, row.it.notify_at})) << id << " is lost";
    }
    for (std::int64_t id = 7; id <= 8; ++id) {
      EXPECT_EQ(world.rows.at(id).it.state, reminder_state::completed);
      EXPECT_EQ(world.posted.count({id, world.rows.at(id).it.notify_at}), 1U);
    }
    EXPECT_EQ(world.occurrences.size(), 4U) << "each series left one occurrence";
    EXPECT_EQ(world.shown.size(), 6U + 4U);
    repeats += world.repeats;
    if (testing::Test::HasFailure()) {
      return;
    }
  }
  EXPECT_GT(repeats, seeds / 10) << "crashes between the announcement and its confirmation were not tried";
}

TEST(scheduler_simtest, an_outage_leaves_one_late_occurrence_of_each_series) {
  for (unsigned seed = 1; seed <= seeds / 10; ++seed) {
    SCOPED_TRACE(seed);
    model world(seed);
    fill(world);
    world.now += 5 * day + 12h;  // so that no series comes again while the test looks
    run_for(world, 400s);
    EXPECT_EQ(world.occurrences.size(), 4U);
    for (const auto& [id, row] : world.rows) {
      if (row.it.recurrence) {
        EXPECT_GT(row.it.notify_at, world.now);
      } else {
        EXPECT_TRUE(row.it.is_late);
      }
    }
  }
}

}  // namespace
}  // namespace meridian::reminders
