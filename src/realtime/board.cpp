#include "realtime/board.hpp"

namespace meridian::realtime {

place followed_channel::now() const {
  auto told = where;
  told.change_seq = order.known();
  told.last_seq = order.last_seq();
  told.version = version;
  return told;
}

class board::sink final : public event_sink {
 public:
  sink(board_listener& listener, const followed_channel& channel) : listener_(listener), channel_(channel) {}

  void deliver(const bus::shared_event& what) override { listener_.deliver(channel_, what); }
  void give_up(std::int64_t change_seq) override { listener_.give_up(channel_, change_seq); }

 private:
  board_listener& listener_;
  const followed_channel& channel_;
};

place board::follow(const place& there, follower& who, clock::time_point now) {
  auto& channel = channels_[there.channel_id];
  if (!channel) {
    channel = std::make_unique<followed_channel>(there);
    channel->incarnation = ++incarnations_;
    channel->followers.add(who);
    listener_.begin(*channel);
  } else {
    channel->followers.add(who);
    channel->order.on_counter(there.change_seq, now, rules_);
    watch(*channel);
  }
  auto told = channel->now();
  told.read_seq = there.read_seq;
  told.is_member = there.is_member;
  return told;
}

void board::unfollow(std::int64_t channel_id, follower& who) {
  const auto found = channels_.find(channel_id);
  if (found == channels_.end() || !found->second->followers.remove(who)) {
    return;
  }
  auto& channel = *found->second;
  channel.lookers.remove(who);
  if (!channel.followers.empty()) {
    return;
  }
  listener_.end(channel);
  if (channel.is_waiting) {
    std::erase(waiting_, &channel);
  }
  channels_.erase(found);
}

followed_channel* board::find(std::int64_t channel_id) {
  const auto found = channels_.find(channel_id);
  return found == channels_.end() ? nullptr : found->second.get();
}

void board::on_event(const bus::shared_event& what, clock::time_point now) {
  if (auto* channel = find(what->channel_id)) {
    sink out(listener_, *channel);
    channel->order.on_event(what, now, rules_, out);
    watch(*channel);
  }
}

void board::on_counter(std::int64_t channel_id, std::int64_t change_seq, clock::time_point now) {
  if (auto* channel = find(channel_id)) {
    channel->order.on_counter(change_seq, now, rules_);
    watch(*channel);
  }
}

// The list is cleaned where questions are begun: what got in order by itself is taken out there.
void board::watch(followed_channel& channel) {
  if (!channel.is_waiting && channel.order.due()) {
    channel.is_waiting = true;
    waiting_.push_back(&channel);
  }
}

std::optional<board::clock::time_point> board::due() const {
  std::optional<clock::time_point> soonest;
  for (const auto* channel : waiting_) {
    const auto due = channel->order.due();
    if (due && (!soonest || *due < *soonest)) {
      soonest = due;
    }
  }
  return soonest;
}

std::vector<question> board::begin_questions(clock::time_point now, std::size_t count_max) {
  std::vector<question> begun;
  std::erase_if(waiting_, [&](followed_channel* channel) {
    const auto due = channel->order.due();
    if (due && (*due > now || begun.size() >= count_max)) {
      return false;
    }
    channel->is_waiting = false;
    if (due) {
      question asked;
      asked.channel_id = channel->where.channel_id;
      asked.incarnation = channel->incarnation;
      asked.after_change_seq = channel->order.begin_question();
      begun.push_back(asked);
    }
    return true;
  });
  return begun;
}

followed_channel* board::asked_channel(const question& asked) {
  auto* channel = find(asked.channel_id);
  return channel == nullptr || channel->incarnation != asked.incarnation ? nullptr : channel;
}

std::optional<std::int64_t> board::new_behind_seq(const question& asked) {
  const auto* channel = asked_channel(asked);
  return channel == nullptr ? std::nullopt : std::optional(channel->order.new_behind_seq());
}

void board::on_changes(const question& asked, const changes& answer, clock::time_point now) {
  if (auto* channel = asked_channel(asked)) {
    sink out(listener_, *channel);
    channel->order.on_changes(answer, now, rules_, out);
    watch(*channel);
  }
}

void board::on_failure(const question& asked, clock::time_point now) {
  if (auto* channel = asked_channel(asked)) {
    sink out(listener_, *channel);
    channel->order.on_failure(now, rules_, out);
    watch(*channel);
  }
}

}  // namespace meridian::realtime
