// What clients ask for.
#include <algorithm>

#include "realtime/hub.hpp"
#include "realtime/server_frame.hpp"

namespace meridian::realtime {
namespace {

error not_followed() {
  return {errc::not_found, "this connection does not follow such a channel", "Follow it first.", "channel_id"};
}

error too_many(std::string_view what, std::string field) {
  return {errc::too_large, std::string(what), "Give some up first.", std::move(field)};
}

}  // namespace

void hub::on_text(live_client& who, std::string_view text) {
  auto asked = parse_client_frame(text);
  if (!asked) {
    numbers_.refused_frames.add();
    refuse(who, asked.error());
    return;
  }
  if (asked->what == request_kind::ping) {
    who.socket->send_ephemeral(http::make_text_frame(pong_json()));
    return;
  }
  if (asked->what == request_kind::authenticate) {
    if (who.is_admitted()) {
      refuse(who, {errc::conflict, "this connection is signed in already", ""});
    } else if (begin_operation(who)) {
      spawn(sign_in(ref_of(who), std::move(asked->token)));
    }
    return;
  }
  if (!who.is_admitted()) {
    dismiss(who, {errc::unauthenticated, "the first frame has to be authenticate", ""});
    return;
  }
  on_request(who, *asked);
}

task<void> hub::sign_in(client_ref which, std::string token) {
  const auto known = identity::parse_token(token);
  const auto admitted = co_await guard_.principal_of(std::move(token), deadline::in(settings_.authenticate_time_max));
  auto* who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  --who->operations;
  if (!admitted && admitted.error().code == errc::unauthenticated) {
    dismiss(*who, admitted.error());
  } else if (!admitted) {
    refuse(*who, admitted.error());
    send_away(*who, "the session can't be checked now");
  } else if (!who->is_admitted()) {
    --anonymous_count_;
    who->admit({*admitted, known->hash});
    admit(*who);
  }
  co_return result<void>();
}

void hub::on_request(live_client& who, const client_frame& asked) {
  switch (asked.what) {
    case request_kind::follow:
      follow_asked(who, asked.channel_id);
      break;
    case request_kind::unfollow:
      unfollow_asked(who, asked.channel_id);
      break;
    case request_kind::watch:
      watch_asked(who, asked.profile_ids);
      break;
    case request_kind::unwatch:
      unwatch_asked(who, asked.profile_ids);
      break;
    case request_kind::look:
      look_asked(who, asked.channel_id);
      break;
    case request_kind::away:
      away_asked(who, asked.channel_id);
      break;
    case request_kind::typing:
      typing_asked(who, asked.channel_id);
      break;
    case request_kind::authenticate:
    case request_kind::ping:
      break;
  }
}

bool hub::begin_operation(live_client& who) {
  if (who.operations >= settings_.operations_max || (who.is_admitted() && !guard_.may_request(who.profile_id))) {
    numbers_.refused_frames.add();
    refuse(who, {errc::rate_limited, "too much is under way on this connection", "Wait for the answers."});
    return false;
  }
  ++who.operations;
  return true;
}

void hub::follow_asked(live_client& who, std::int64_t channel_id) {
  if (const auto* channel = board_.find(channel_id); channel != nullptr && who.channels.has(channel_id)) {
    auto now = channel->now();
    now.is_member = !who.visits.has(channel_id);
    say(who, followed_json(now));
  } else if (who.visits.size() >= settings_.visits_max) {
    refuse(who, too_many("this connection follows as many channels as it may", "channel_id"));
  } else if (begin_operation(who)) {
    who.wanted_channels.add(channel_id);
    spawn(visit(ref_of(who), channel_id));
  }
}

task<void> hub::visit(client_ref which, std::int64_t channel_id) {
  auto* who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  const auto found = co_await places_.find(channel_id, who->profile_id, deadline::in(settings_.greeting_time_max));
  who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  --who->operations;
  if (!who->wanted_channels.remove(channel_id)) {
    co_return result<void>();  // not wanted any more
  }
  if (!found) {
    auto why = found.error();
    why.field = "channel_id";
    refuse(*who, why);
  } else if (const auto begun = follow(*who, *found)) {
    say(*who, followed_json(*begun));
    catch_up_.look();
  } else {
    refuse(*who, too_many("this connection follows as many channels as it may", "channel_id"));
  }
  co_return result<void>();
}

void hub::unfollow_asked(live_client& who, std::int64_t channel_id) {
  who.wanted_channels.remove(channel_id);
  if (who.visits.has(channel_id)) {
    unfollow(who, channel_id);
  } else if (who.channels.has(channel_id)) {
    refuse(who, {errc::conflict, "the profile is in this channel", "Leave it to hear no more of it.", "channel_id"});
  }
}

void hub::watch_asked(live_client& who, std::vector<std::int64_t> profile_ids) {
  std::erase_if(profile_ids, [&who](std::int64_t id) { return who.watched.has(id); });
  if (who.watched.size() + profile_ids.size() > settings_.watched_max) {
    refuse(who, too_many("this connection watches as many profiles as it may", "profile_ids"));
  } else if (!profile_ids.empty() && begin_operation(who)) {
    --who.operations;
    begin_watching(who, std::move(profile_ids));
  }
}

void hub::begin_watching(live_client& who, std::vector<std::int64_t> profile_ids) {
  ++who.operations;
  for (const auto id : profile_ids) {
    who.wanted_profiles.add(id);
  }
  spawn(watch(ref_of(who), std::move(profile_ids)));
}

void hub::unwatch_asked(live_client& who, const std::vector<std::int64_t>& profile_ids) {
  for (const auto id : profile_ids) {
    who.wanted_profiles.remove(id);
    if (who.watched.remove(id)) {
      end_watch(who, id);
    }
  }
}

task<void> hub::watch(client_ref which, std::vector<std::int64_t> profile_ids) {
  auto* who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  const auto shared =
      co_await places_.list_shared(who->profile_id, profile_ids, deadline::in(settings_.greeting_time_max));
  who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  --who->operations;
  std::erase_if(profile_ids, [who](std::int64_t id) { return !who->wanted_profiles.remove(id); });
  if (!shared) {
    refuse(*who, shared.error());
    co_return result<void>();
  }
  std::size_t strangers = 0;
  for (const auto id : profile_ids) {
    const bool may_watch = id == who->profile_id || std::ranges::binary_search(shared->ids, id);
    if (may_watch && who->watched.size() < settings_.watched_max) {
      begin_watch(*who, id);
    } else {
      ++strangers;
    }
  }
  if (strangers > 0 && shared->is_complete) {
    refuse(*who, {errc::not_found, "some of these profiles are not yours to see", "", "profile_ids"});
  } else if (strangers > 0) {
    refuse(
        *who, {errc::unavailable, "a region that may know some of these profiles does not answer", "Try again.",
               "profile_ids"}
    );
  }
  look_after_presence(clock::now());
  co_return result<void>();
}

void hub::begin_watch(live_client& who, std::int64_t profile_id) {
  if (!who.watched.add(profile_id)) {
    return;
  }
  if (presence_.watch(profile_id, who)) {
    events_.follow(bus::topic{bus::audience::watchers, profile_id});
  } else if (presence_.is_online(profile_id)) {
    say(who, presence_json(profile_id, true));
  }
}

void hub::end_watch(live_client& who, std::int64_t profile_id) {
  if (presence_.unwatch(profile_id, who)) {
    events_.unfollow(bus::topic{bus::audience::watchers, profile_id});
  }
}

void hub::look_asked(live_client& who, std::int64_t channel_id) {
  auto* channel = board_.find(channel_id);
  if (channel == nullptr || !who.channels.has(channel_id)) {
    refuse(who, not_followed());
  } else if (!who.looks.has(channel_id) && who.looks.size() >= settings_.looks_max) {
    refuse(who, too_many("this connection looks at as many channels as it may", "channel_id"));
  } else {
    who.looks.add(channel_id);
    channel->lookers.add(who);
  }
}

void hub::away_asked(live_client& who, std::int64_t channel_id) {
  auto* channel = board_.find(channel_id);
  if (channel != nullptr && who.looks.remove(channel_id)) {
    channel->lookers.remove(who);
  }
}

// More often than others can use is not an error: what is typed quickly is one state.
void hub::typing_asked(live_client& who, std::int64_t channel_id) {
  if (!who.channels.has(channel_id) || who.visits.has(channel_id)) {
    refuse(who, not_followed());
    return;
  }
  const auto now = clock::now();
  if (now - who.typed_at < settings_.typing_interval) {
    return;
  }
  who.typed_at = now;
  bus::event told;
  told.what = bus::event_kind::typing;
  told.channel_id = channel_id;
  told.profile_id = who.profile_id;
  told.frame = typing_json(channel_id, who.profile_id);
  events_.publish(std::move(told));
}

}  // namespace meridian::realtime
