// Who gets something: a few live connections of one lane.
#pragma once

#include <cstddef>
#include <vector>

namespace meridian::realtime {

// One end: a live connection.
class follower {
 protected:
  follower() = default;
  ~follower() = default;
};

// Each once, in one allocation.
class follower_set {
 public:
  bool add(follower& who);     // false when it was there
  bool remove(follower& who);  // false when it was not
  bool has(const follower& who) const;
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  const std::vector<follower*>& members() const { return members_; }

 private:
  std::vector<follower*> members_;  // by address
};

}  // namespace meridian::realtime
