// Stops asking a server that fails again and again, and finds out when it is back. Pure: the caller brings the time.
#pragma once

#include <chrono>

namespace meridian::pg {

// closed: work goes on, failures in a row are counted · open: nothing is tried until the pause is over · probing: one
// try is under way; its success closes the breaker, its failure opens it for twice as long.
class breaker {
 public:
  using clock = std::chrono::steady_clock;

  // Failures in a row that open it (from 1), and how long it stays open at first and at most.
  breaker(int failures_max, clock::duration pause_min, clock::duration pause_max);

  // While it is open or probing, everybody but the prober is to be turned away.
  bool is_open() const { return state_ != state::closed; }

  // Whether the caller may try now. While the breaker is open that makes the caller the one prober: it must tell
  // `succeeded` or `failed`.
  bool admit(clock::time_point now);

  // When admit is worth another try; a time gone by when it is now.
  clock::time_point next_try() const { return state_ == state::closed ? clock::time_point::min() : next_try_; }

  void succeeded();
  void failed(clock::time_point now);

 private:
  enum class state { closed, open, probing };

  const int failures_max_;
  const clock::duration pause_min_;
  const clock::duration pause_max_;
  state state_ = state::closed;
  int failures_ = 0;
  clock::duration pause_;
  clock::time_point next_try_;
};

}  // namespace meridian::pg
