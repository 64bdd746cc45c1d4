#include "realtime/follower_set.hpp"

#include <algorithm>
#include <functional>

namespace meridian::realtime {

bool follower_set::add(follower& who) {
  const auto at = std::ranges::lower_bound(members_, &who, std::less<>());
  if (at != members_.end() && *at == &who) {
    return false;
  }
  members_.insert(at, &who);
  return true;
}

bool follower_set::remove(follower& who) {
  const auto at = std::ranges::lower_bound(members_, &who, std::less<>());
  if (at == members_.end() || *at != &who) {
    return false;
  }
  members_.erase(at);
  return true;
}

bool follower_set::has(const follower& who) const {
  const auto at = std::ranges::lower_bound(members_, &who, std::less<>());
  return at != members_.end() && *at == &who;
}

}  // namespace meridian::realtime
