// In which region a row rests, by its id.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

#include "residency/regions.hpp"

namespace meridian::residency {

// The newest answers, at most so many; the one that was not used for longest makes room.
class home_cache {
 public:
  explicit home_cache(std::size_t count_max) : count_max_(count_max) {}

  const topology::region* find(std::int64_t id);
  void keep(std::int64_t id, const topology::region* home);
  std::size_t size() const { return places_.size(); }

 private:
  using entry = std::pair<std::int64_t, const topology::region*>;

  std::size_t count_max_;
  std::list<entry> by_use_;  // the newest first
  std::unordered_map<std::int64_t, std::list<entry>::iterator> places_;
};

// Of one kind of row. One for each lane; `where` must outlive it.
class homes {
 public:
  // `look` has one parameter, an id, and answers a row where that one rests.
  homes(regions& where, const pg::query& look, std::size_t cached_max = 100'000)
      : regions_(where), look_(look), cache_(cached_max) {}

  // Where to ask first: what was learnt before, or what the id says, or else what all regions say (one round trip over
  // an ocean, side by side). not_found, and unavailable when a region is missing that could have it.
  task<const topology::region*> of(std::int64_t id, deadline until);

  // Asks all regions, whatever was known: the row moved, or never was.
  task<const topology::region*> look_again(std::int64_t id, deadline until);

  // Runs work(const topology::region&), which returns a task, where the row rests. When that region does not have it,
  // the row is looked for once in all regions. `work` may run twice and must not have done anything when it answers
  // not_found; it is called in this coroutine and outlives its tasks.
  template <class Work>
  auto at(std::int64_t id, deadline until, Work work) -> decltype(work(std::declval<const topology::region&>())) {
    const auto first = co_await of(id, until);
    if (!first) {
      co_return first.error();
    }
    auto outcome = co_await work(**first);
    if (outcome || outcome.error().code != errc::not_found) {
      co_return outcome;
    }
    const auto second = co_await look_again(id, until);
    if (!second) {
      co_return second.error().code == errc::not_found ? outcome.error() : second.error();
    }
    if (*second == *first) {
      co_return outcome;
    }
    co_return co_await work(**second);
  }

 private:
  regions& regions_;
  const pg::query& look_;
  home_cache cache_;
};

}  // namespace meridian::residency
