// Who is online, as far as somebody on this lane wants to know.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "realtime/follower_set.hpp"

namespace meridian::realtime {

struct presence_rules {
  // Somebody who reloads the page was not away.
  std::chrono::milliseconds grace{4'000};

  // For which a lane's word that a profile is there counts, and how often those who watch ask for it again.
  std::chrono::milliseconds lease{50'000};
  std::chrono::milliseconds ask_interval{20'000};
};

// A profile is online while a lane of some process says that it has one of its devices. Words are leases: a process
// that died says nothing any more. Pure: time is handed in. One for each lane; bounded by its connections' caps.
class presence {
 public:
  using clock = std::chrono::steady_clock;

  explicit presence(presence_rules rules = {}) : rules_(rules) {}

  // The profile's first device here came, or its last one left. True when others are to be told that it is here: not
  // when it was away for a moment only.
  bool arrive(std::int64_t profile_id);
  void leave(std::int64_t profile_id, clock::time_point now);
  bool is_here(std::int64_t profile_id) const { return here_.contains(profile_id); }

  // Those whose grace is over: others are to be told that they left.
  std::vector<std::int64_t> take_gone(clock::time_point now);

  // True for the profile's first watcher, or its last.
  bool watch(std::int64_t profile_id, follower& who);
  bool unwatch(std::int64_t profile_id, follower& who);
  const follower_set* watchers_of(std::int64_t profile_id) const;

  // Whether the frame about the profile is another one than the last. None of nobody's watched.
  bool is_news(std::int64_t profile_id, std::string_view frame);

  // A lane's word. True when the profile is now online and was not, or the other way about.
  bool on_word(std::int64_t profile_id, std::int64_t lane, bool is_here, clock::time_point now);
  bool is_online(std::int64_t profile_id) const;

  // Those that are not online any more, because nobody has said so for too long.
  std::vector<std::int64_t> take_lapsed(clock::time_point now);

  // Those for whom it is time to ask; each once in an interval, spread over it.
  std::vector<std::int64_t> take_to_ask(clock::time_point now);

  std::size_t watched_count() const { return watched_.size(); }

 private:
  struct watched {
    follower_set watchers;
    std::vector<std::pair<std::int64_t, clock::time_point>> leases;  // the lane, and until when its word counts
    clock::time_point ask_at;
    std::size_t told = 0;  // the last frame's hash
  };

  presence_rules rules_;
  std::unordered_map<std::int64_t, clock::time_point> here_;  // since when it has no device any more; max: it has
  std::unordered_map<std::int64_t, watched> watched_;
};

}  // namespace meridian::realtime
