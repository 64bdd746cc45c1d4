// The sessions that a lane has seen confirmed, so that most requests ask no database.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "identity/principal.hpp"

namespace meridian::identity {

// Pure: time is handed in. At most so many; the one that was not used for longest makes room.
class session_cache {
 public:
  using clock = std::chrono::steady_clock;

  // A session counts for `trusted_time_max` after the moment when its last confirmation was asked for.
  session_cache(std::size_t count_max, clock::duration trusted_time_max)
      : count_max_(count_max), trusted_time_max_(trusted_time_max) {}

  // nullptr when it is not there or its confirmation is too old. Valid until the next call.
  const principal* find(std::string_view hash, clock::time_point now);

  void keep(std::string_view hash, const principal& who, clock::time_point asked_at);
  void confirm(std::string_view hash, clock::time_point asked_at);
  void forget(std::uint64_t session_number);

  // The hashes of those that were used since the last call, by the region where they rest.
  std::map<const topology::region*, std::vector<std::string>> take_used();

  std::size_t size() const { return places_.size(); }

 private:
  struct entry {
    std::string hash;
    principal who;
    clock::time_point asked_at;
    bool is_used;
  };
  entry* look(std::string_view hash);

  std::size_t count_max_;
  clock::duration trusted_time_max_;
  std::list<entry> by_use_;  // the newest first
  std::unordered_map<std::uint64_t, std::list<entry>::iterator> places_;
};

}  // namespace meridian::identity
