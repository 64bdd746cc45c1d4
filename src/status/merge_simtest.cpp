// Two clusters in simulated time, thousands of seeds: clocks that are wrong and jump, cuts, delays of any length,
// changes that come twice, and whole copies of rows as setting up a direction anew makes them. Each cluster's changes
// arrive in order, as its log has them, or in none at all.
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "status/merge.hpp"

namespace meridian::status {
namespace {

using std::chrono::milliseconds;
using held = version<int>;  // the content tells the write: no two are alike

struct change {
  int person;
  held row;
};

// What a cluster acknowledged, for the reckoning at the end.
struct written {
  int person;
  held row;
};

class cluster_here {
 public:
  explicit cluster_here(int number) : number_(number) {}

  void write(int person, int content, milliseconds now, std::vector<written>& all) {
    const std::chrono::sys_time<milliseconds> shown{now + skew};
    const auto found = rows_.find(person);
    const auto before = found == rows_.end() ? std::nullopt : std::optional(found->second);
    const auto made = write_over(before, number_, shown, content);
    if (before) {
      EXPECT_GT(made.written, before->written) << "a write is later than all that its writer saw";
    }
    rows_[person] = made;
    all.push_back({person, made});
    log.push_back({person, made});
  }

  void receive(const change& arrived) {
    const auto [place, is_new] = rows_.emplace(arrived.person, arrived.row);
    if (is_new) {
      return;
    }
    const auto before = place->second;
    place->second = merge(before, arrived.row);
    if (is_conflict(before, arrived.row)) {
      const auto& loser = place->second == before ? arrived.row : before;
      conflicts.insert({arrived.person, loser.content});
    }
  }

  const std::map<int, held>& rows() const { return rows_; }

  milliseconds skew{};
  std::vector<change> log;                  // in the order of commits; what others read
  std::set<std::pair<int, int>> conflicts;  // person, the content that lost

 private:
  int number_;
  std::map<int, held> rows_;
};

class world {
 public:
  world(unsigned seed, bool in_order) : random_(seed), in_order_(in_order) {}

  void run() {
    for (int step = 0; step < 200; ++step) {
      now_ += milliseconds(any(0, 3));
      switch (any(0, 9)) {
        case 0:
          sides_[any(0, 1)].skew = milliseconds(any(-300'000, 300'000));
          break;
        case 1:
          is_cut_ = !is_cut_;
          break;
        case 2:
        case 3:
        case 4:
        case 5:
          sides_[any(0, 1)].write(any(1, people), next_content_++, now_, all_);
          break;
        case 6:
          if (!in_order_) {
            copy_rows(any(0, 1));
          }
          break;
        default:
          deliver(any(0, 1));
      }
    }
    is_cut_ = false;
    while (deliver(0) || deliver(1)) {
    }
  }

  void expect_agreement(unsigned seed) const {
    ASSERT_EQ(sides_[0].rows(), sides_[1].rows()) << "seed " << seed;
    for (const auto& one : all_) {
      ASSERT_GE(sides_[0].rows().at(one.person).written, one.row.written)
          << "seed " << seed << ": an acknowledged write is there, or a later one is";
    }
  }

  // Every write that is gone was replaced by somebody who saw it, or is told as having lost.
  void expect_losers_to_be_told(unsigned seed) const {
    std::set<std::pair<int, std::int64_t>> replaced;
    for (const auto& one : all_) {
      replaced.insert({one.person, one.row.replaced_hlc});
    }
    for (const auto& one : all_) {
      const bool stays = sides_[0].rows().at(one.person) == one.row;
      const std::pair loss(one.person, one.row.content);
      const bool is_told = sides_[0].conflicts.contains(loss) || sides_[1].conflicts.contains(loss);
      ASSERT_TRUE(stays || is_told || replaced.contains({one.person, one.row.written.hlc}))
          << "seed " << seed << ": a write vanished";
    }
  }

  std::size_t conflict_count() const { return sides_[0].conflicts.size() + sides_[1].conflicts.size(); }

 private:
  static constexpr int people = 3;

  int any(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }

  // The next change of one direction; without order, any of those that were not delivered yet, and some of them twice.
  bool deliver(int from) {
    auto& log = sides_[from].log;
    if (is_cut_ || log.empty()) {
      return false;
    }
    const auto index = in_order_ ? 0 : any(0, static_cast<int>(log.size()) - 1);
    const auto next = log[static_cast<std::size_t>(index)];
    if (in_order_ || any(0, 4) != 0) {
      log.erase(log.begin() + index);
    }
    sides_[1 - from].receive(next);
    return true;
  }

  void copy_rows(int from) {
    for (const auto& [person, row] : sides_[from].rows()) {
      sides_[1 - from].receive({person, row});
    }
  }

  std::minstd_rand random_;
  bool in_order_;
  bool is_cut_ = false;
  milliseconds now_{1'000'000'000};
  int next_content_ = 1;
  cluster_here sides_[2]{cluster_here(1), cluster_here(2)};
  std::vector<written> all_;
};

TEST(merge_simulation, both_clusters_agree_and_every_loser_is_told) {
  std::size_t conflicts = 0;
  for (unsigned seed = 1; seed <= 5'000 && !testing::Test::HasFatalFailure(); ++seed) {
    world run(seed, true);
    run.run();
    run.expect_agreement(seed);
    run.expect_losers_to_be_told(seed);
    conflicts += run.conflict_count();
  }
  EXPECT_GT(conflicts, 10'000U) << "the seeds don't make them quarrel";
}

TEST(merge_simulation, both_clusters_agree_when_changes_come_in_any_order_and_twice) {
  for (unsigned seed = 1; seed <= 5'000 && !testing::Test::HasFatalFailure(); ++seed) {
    world run(seed, false);
    run.run();
    run.expect_agreement(seed);
  }
}

}  // namespace
}  // namespace meridian::status
