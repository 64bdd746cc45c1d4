// What comes by the bus, to whom it belongs.
#include <algorithm>

#include "realtime/hub.hpp"
#include "realtime/server_frame.hpp"

namespace meridian::realtime {

void hub::on_event(const bus::shared_event& what) {
  const bool is_of_order = what->what == bus::event_kind::message || what->what == bus::event_kind::change;
  if (run_.channel != nullptr && !(is_of_order && what->channel_id == run_.channel->where.channel_id)) {
    queue_run();
  }
  is_in_turn_ = true;
  switch (what->what) {
    case bus::event_kind::message:
    case bus::event_kind::change:
      // What was caught up with was late anyway: its delay says nothing.
      if (const auto sent_at = what->what == bus::event_kind::message ? sent_at_of(what->frame) : std::nullopt) {
        run_.sent_at.push_back(*sent_at);
      }
      board_.on_event(what, clock::now());
      catch_up_.look();
      break;
    case bus::event_kind::channel:
      on_channel_event(what);
      break;
    case bus::event_kind::typing:
      on_typing(what);
      break;
    case bus::event_kind::membership:
    case bus::event_kind::read:
    case bus::event_kind::reminder:
      on_profile_event(what);
      break;
    case bus::event_kind::presence:
      on_presence(*what);
      break;
    case bus::event_kind::status:
      // Every process tells what its cluster tells.
      if (presence_.is_news(what->profile_id, what->frame)) {
        tell_watchers(what->profile_id, http::make_text_frame(what->frame), false);
      }
      break;
  }
}

void hub::on_turn_end() {
  is_in_turn_ = false;
  send_run();
}

// Whatever was lost: counters tell of messages and rights, the lists of memberships; presence is asked for again by
// itself; the rest the clients ask for.
void hub::on_loss() {
  const auto now = clock::now();
  for (auto& [number, its] : comparisons_) {
    its.due = now;
    its.pause.cancel();
  }
  owes_refresh_ = true;
  refresh_after_loss(now);
}

// What is lost within the interval is made good behind it.
void hub::refresh_after_loss(clock::time_point now) {
  if (!owes_refresh_ || now - refreshed_after_loss_at_ < settings_.loss_refresh_interval) {
    return;
  }
  owes_refresh_ = false;
  refreshed_after_loss_at_ = now;
  tell_all(lost_json(spread_of_clients()));
  each_client([this](live_client& who) { refresh_soon(who); });
}

void hub::tell_reachable(const topology::region& region, bool is_reachable) {
  tell_all(topology_json(region, is_reachable));
}

void hub::tell_all(const std::string& text) {
  const auto frame = http::make_text_frame(text);
  each_client([&](live_client& who) {
    if (who.is_greeted()) {
      who.socket->send(frame);
    }
  });
}

void hub::on_channel_event(const bus::shared_event& what) {
  if (const auto* channel = board_.find(what->channel_id)) {
    const auto frame = http::make_text_frame(what->frame);
    for (auto* who : channel->followers.members()) {
      static_cast<live_client*>(who)->socket->send(frame);
    }
    numbers_.deliveries.add(static_cast<double>(channel->followers.size()));
  }
}

void hub::on_typing(const bus::shared_event& what) {
  const auto* channel = board_.find(what->channel_id);
  if (channel == nullptr || channel->lookers.empty()) {
    return;
  }
  const auto frame = http::make_text_frame(what->frame);
  for (auto* one : channel->lookers.members()) {
    auto& who = *static_cast<live_client*>(one);
    if (who.profile_id != what->profile_id) {
      who.socket->send_ephemeral(frame);
    }
  }
}

void hub::on_profile_event(const bus::shared_event& what) {
  const auto found = devices_.find(what->profile_id);
  if (found == devices_.end()) {
    return;
  }
  const auto frame = http::make_text_frame(what->frame);
  for (auto* one : found->second.members()) {
    tell(*static_cast<live_client*>(one), what, frame);
  }
}

void hub::tell(live_client& who, const bus::shared_event& what, const http::shared_frame& frame) {
  if (who.before_hello) {
    if (who.before_hello->size() < settings_.before_hello_max) {
      who.before_hello->push_back(what);
    } else {
      refresh_soon(who);
    }
    return;
  }
  who.socket->send(frame);
  numbers_.deliveries.add();
  if (what->what == bus::event_kind::membership) {
    on_membership(who, *what);
  }
}

void hub::on_membership(live_client& who, const bus::event& what) {
  if (what.channel_id != 0) {
    if (!what.is_member) {
      unfollow(who, what.channel_id);
    }
    // Also behind an end: it may have been overtaken by a new beginning.
    if (!who.channels.has(what.channel_id) || who.visits.has(what.channel_id)) {
      spawn(join(ref_of(who), what.channel_id));
    }
    return;
  }
  if (what.is_member) {
    refresh_soon(who);
    return;
  }
  std::vector<std::int64_t> left;
  for (const auto id : who.channels) {
    const auto* channel = board_.find(id);
    if (channel != nullptr && channel->where.workspace_id == what.workspace_id) {
      left.push_back(id);
    }
  }
  for (const auto id : left) {
    unfollow(who, id);
  }
  // Those whom he may still watch he watches again.
  auto watched = who.watched.take();
  for (const auto id : watched) {
    end_watch(who, id);
  }
  if (!watched.empty()) {
    begin_watching(who, std::move(watched));
  }
}

// A word of a lane, or a question for such words.
void hub::on_presence(const bus::event& what) {
  if (what.seq == 0) {
    if (presence_.is_here(what.profile_id)) {
      publish_presence(what.profile_id, lane_key_, true);
    }
  } else if (presence_.on_word(what.profile_id, what.seq, what.is_member, clock::now())) {
    const auto text = presence_json(what.profile_id, presence_.is_online(what.profile_id));
    tell_watchers(what.profile_id, http::make_text_frame(text), true);
  }
}

void hub::tell_watchers(std::int64_t profile_id, const http::shared_frame& frame, bool is_ephemeral) {
  const auto* watchers = presence_.watchers_of(profile_id);
  if (watchers == nullptr) {
    return;
  }
  for (auto* one : watchers->members()) {
    auto& socket = *static_cast<live_client*>(one)->socket;
    is_ephemeral ? socket.send_ephemeral(frame) : socket.send(frame);
  }
  numbers_.deliveries.add(static_cast<double>(watchers->size()));
}

// The lane that says it stands where a message has its seq; lane 0 asks.
void hub::publish_presence(std::int64_t profile_id, std::int64_t lane, bool is_here) {
  if (!events_.is_heard(bus::topic{bus::audience::watchers, profile_id})) {
    return;
  }
  bus::event word;
  word.what = bus::event_kind::presence;
  word.profile_id = profile_id;
  word.seq = lane;
  word.is_member = is_here;
  word.frame = presence_json(profile_id, is_here);
  events_.publish(std::move(word));
}

}  // namespace meridian::realtime
