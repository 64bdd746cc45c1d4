#include "pg/breaker.hpp"

#include <algorithm>

namespace meridian::pg {

breaker::breaker(int failures_max, clock::duration pause_min, clock::duration pause_max)
    : failures_max_(failures_max), pause_min_(pause_min), pause_max_(pause_max), pause_(pause_min) {}

bool breaker::admit(clock::time_point now) {
  if (state_ == state::open && now >= next_try_) {
    state_ = state::probing;
    // A prober that never tells is given up after the longest pause.
    next_try_ = now + pause_max_;
    return true;
  }
  if (state_ == state::probing && now >= next_try_) {
    next_try_ = now + pause_max_;
    return true;
  }
  return state_ == state::closed;
}

void breaker::succeeded() {
  state_ = state::closed;
  failures_ = 0;
  pause_ = pause_min_;
}

void breaker::failed(clock::time_point now) {
  ++failures_;
  if (state_ == state::closed && failures_ < failures_max_) {
    return;
  }
  if (state_ == state::probing) {
    pause_ = std::min(pause_ * 2, pause_max_);
  }
  // A failure of something begun before it opened does not prolong the pause.
  if (state_ != state::open) {
    next_try_ = now + pause_;
  }
  state_ = state::open;
}

}  // namespace meridian::pg
