#include "realtime/sequencer.hpp"

#include <algorithm>

namespace meridian::realtime {
namespace {

std::int64_t change_seq_of(const bus::shared_event& what) {
  return what->change_seq;
}

}  // namespace

void sequencer::on_event(bus::shared_event what, clock::time_point now, const order_settings& rules, event_sink& out) {
  if (what->change_seq <= known_) {
    return;
  }
  wanted_ = std::max(wanted_, what->change_seq);
  if (what->change_seq > known_ + 1) {
    keep(std::move(what), rules.kept_max);
    if (due_ == clock::time_point::max()) {
      due_ = now + rules.patience;
    }
    return;
  }
  pass(what, out);
  if (due_ != clock::time_point::max() || ahead_) {
    go_on(now, rules, out);
  }
}

void sequencer::on_counter(std::int64_t change_seq, clock::time_point now, const order_settings& rules) {
  if (change_seq <= known_) {
    return;
  }
  wanted_ = std::max(wanted_, change_seq);
  if (due_ == clock::time_point::max()) {
    due_ = now + rules.patience;
  }
}

std::optional<sequencer::clock::time_point> sequencer::due() const {
  if (is_asking_ || due_ == clock::time_point::max()) {
    return std::nullopt;
  }
  return due_;
}

std::int64_t sequencer::begin_question() {
  is_asking_ = true;
  asked_wanted_ = wanted_;
  return known_;
}

void sequencer::on_changes(const changes& answer, clock::time_point now, const order_settings& rules, event_sink& out) {
  is_asking_ = false;
  tries_ = 0;
  for (const auto& one : answer.events) {
    if (one->change_seq > known_) {
      pass(one, out);
    }
  }
  const auto left = answer.change_seq - known_;
  if (answer.is_complete || left <= 0) {
    // Numbers without a message: of changes that others have overtaken.
    known_ = std::max(known_, answer.change_seq);
    last_seq_ = std::max(last_seq_, answer.last_seq);
    base_last_seq_ = last_seq_;
    // What was said to be there when the question was asked, and is not, never was.
    skip_to(std::max(known_, asked_wanted_));
    if (wanted_ <= asked_wanted_) {
      wanted_ = ahead_ ? ahead_->back()->change_seq : known_;
    }
  } else if (left > rules.behind_max) {
    known_ = answer.change_seq;
    last_seq_ = std::max(last_seq_, answer.last_seq);
    base_last_seq_ = last_seq_;
    out.give_up(known_);
  } else {
    wanted_ = std::max(wanted_, answer.change_seq);
    due_ = now;
    return;
  }
  go_on(now, rules, out);
}

void sequencer::on_failure(clock::time_point now, const order_settings& rules, event_sink& out) {
  is_asking_ = false;
  if (known_ >= wanted_) {
    tries_ = 0;
    go_on(now, rules, out);
    return;
  }
  if (++tries_ < rules.tries_max) {
    due_ = now + rules.retry_pause * (1 << (tries_ - 1));
    return;
  }
  tries_ = 0;
  known_ = wanted_;
  out.give_up(known_);
  go_on(now, rules, out);
}

void sequencer::pass(const bus::shared_event& what, event_sink& out) {
  known_ = what->change_seq;
  last_seq_ = std::max(last_seq_, what->seq);
  if (!is_asking_ && due_ == clock::time_point::max()) {
    base_last_seq_ = last_seq_;
  }
  out.deliver(what);
}

void sequencer::keep(bus::shared_event what, std::size_t kept_max) {
  if (!ahead_) {
    ahead_ = std::make_unique<std::vector<bus::shared_event>>();
  }
  const auto place = std::ranges::lower_bound(*ahead_, what->change_seq, {}, change_seq_of);
  if (place != ahead_->end() && (*place)->change_seq == what->change_seq) {
    return;
  }
  if (ahead_->size() >= kept_max) {
    if (place == ahead_->end()) {
      return;
    }
    // The nearest are of most use.
    const auto index = place - ahead_->begin();
    ahead_->pop_back();
    ahead_->insert(ahead_->begin() + index, std::move(what));
    return;
  }
  ahead_->insert(place, std::move(what));
}

// After progress: delivers what waited for it, and begins to wait for what is missing still.
void sequencer::go_on(clock::time_point now, const order_settings& rules, event_sink& out) {
  if (ahead_) {
    auto next = ahead_->begin();
    while (next != ahead_->end() && (*next)->change_seq <= known_ + 1) {
      if ((*next)->change_seq == known_ + 1) {
        pass(*next, out);
      }
      ++next;
    }
    ahead_->erase(ahead_->begin(), next);
    if (ahead_->empty()) {
      ahead_.reset();
    }
  }
  if (known_ >= wanted_) {
    wanted_ = known_;
    due_ = clock::time_point::max();
    if (!is_asking_) {
      base_last_seq_ = last_seq_;
    }
    return;
  }
  due_ = now + rules.patience;
}

void sequencer::skip_to(std::int64_t change_seq) {
  if (!ahead_) {
    return;
  }
  const auto end = std::ranges::upper_bound(*ahead_, change_seq, {}, change_seq_of);
  ahead_->erase(ahead_->begin(), end);
  if (ahead_->empty()) {
    ahead_.reset();
  }
}

}  // namespace meridian::realtime
