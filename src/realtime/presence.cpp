#include "realtime/presence.hpp"

#include <algorithm>

namespace meridian::realtime {

bool presence::arrive(std::int64_t profile_id) {
  const auto [place, is_new] = here_.emplace(profile_id, clock::time_point::max());
  place->second = clock::time_point::max();
  return is_new;
}

void presence::leave(std::int64_t profile_id, clock::time_point now) {
  if (const auto found = here_.find(profile_id); found != here_.end()) {
    found->second = now;
  }
}

std::vector<std::int64_t> presence::take_gone(clock::time_point now) {
  std::vector<std::int64_t> gone;
  std::erase_if(here_, [&](const auto& one) {
    if (one.second == clock::time_point::max() || now - one.second < rules_.grace) {
      return false;
    }
    gone.push_back(one.first);
    return true;
  });
  return gone;
}

bool presence::watch(std::int64_t profile_id, follower& who) {
  auto& one = watched_[profile_id];
  one.watchers.add(who);
  return one.watchers.size() == 1;
}

bool presence::unwatch(std::int64_t profile_id, follower& who) {
  const auto found = watched_.find(profile_id);
  if (found == watched_.end() || !found->second.watchers.remove(who) || !found->second.watchers.empty()) {
    return false;
  }
  watched_.erase(found);
  return true;
}

const follower_set* presence::watchers_of(std::int64_t profile_id) const {
  const auto found = watched_.find(profile_id);
  return found == watched_.end() ? nullptr : &found->second.watchers;
}

bool presence::is_news(std::int64_t profile_id, std::string_view frame) {
  const auto found = watched_.find(profile_id);
  if (found == watched_.end()) {
    return false;
  }
  const auto hash = std::hash<std::string_view>()(frame);
  return std::exchange(found->second.told, hash) != hash;
}

bool presence::on_word(std::int64_t profile_id, std::int64_t lane, bool is_here, clock::time_point now) {
  const auto found = watched_.find(profile_id);
  if (found == watched_.end()) {
    return false;
  }
  auto& leases = found->second.leases;
  const bool was_online = !leases.empty();
  const auto its = std::ranges::find(leases, lane, &std::pair<std::int64_t, clock::time_point>::first);
  if (!is_here && its != leases.end()) {
    leases.erase(its);
  } else if (is_here && its != leases.end()) {
    its->second = now + rules_.lease;
  } else if (is_here) {
    leases.emplace_back(lane, now + rules_.lease);
  }
  return was_online == leases.empty();
}

bool presence::is_online(std::int64_t profile_id) const {
  const auto found = watched_.find(profile_id);
  return found != watched_.end() && !found->second.leases.empty();
}

std::vector<std::int64_t> presence::take_lapsed(clock::time_point now) {
  std::vector<std::int64_t> lapsed;
  for (auto& [profile_id, one] : watched_) {
    const auto count = std::erase_if(one.leases, [now](const auto& lease) { return lease.second <= now; });
    if (count > 0 && one.leases.empty()) {
      lapsed.push_back(profile_id);
    }
  }
  return lapsed;
}

std::vector<std::int64_t> presence::take_to_ask(clock::time_point now) {
  std::vector<std::int64_t> due;
  for (auto& [profile_id, one] : watched_) {
    if (one.ask_at > now) {
      continue;
    }
    // The first time at once; then each keeps to a moment of its own in the interval.
    const bool is_first = one.ask_at == clock::time_point();
    const auto shift = rules_.ask_interval * (profile_id % 16) / 32;
    one.ask_at = now + rules_.ask_interval - (is_first ? shift : std::chrono::milliseconds(0));
    due.push_back(profile_id);
  }
  return due;
}

}  // namespace meridian::realtime
