// Beginning: subscribe, read how far the channels are, say hello.
#include "realtime/hub.hpp"
#include "realtime/server_frame.hpp"

namespace meridian::realtime {
namespace {

std::uint32_t bits_of(const std::vector<const topology::region*>& missing) {
  std::uint32_t bits = 0;
  for (const auto* region : missing) {
    bits |= 1U << static_cast<unsigned>(region->number);
  }
  return bits;
}

}  // namespace

void hub::admit(live_client& who) {
  auto& devices = devices_[who.profile_id];
  if (devices.empty()) {
    events_.follow(bus::topic{bus::audience::profile, who.profile_id});
    events_.follow(bus::topic{bus::audience::watchers, who.profile_id});  // they ask whether it is here
  }
  devices.add(who);
  if (devices.size() > settings_.devices_max) {
    refuse(who, {errc::rate_limited, "this profile has too many live connections", "Close some."});
    send_away(who, "this profile has too many live connections");
    return;
  }
  if (presence_.arrive(who.profile_id)) {
    publish_presence(who.profile_id, lane_key_, true);
  }
  to_greet_.emplace_back(ref_of(who), clock::now());
  greet_some();
}

void hub::greet_some() {
  while (greetings_ < settings_.greetings_max && !to_greet_.empty()) {
    const auto [which, since] = to_greet_.front();
    to_greet_.pop_front();
    if (find(which) != nullptr) {
      ++greetings_;
      spawn(greet(which, since));
    }
  }
  while (greetings_ < settings_.greetings_max && !to_refresh_.empty()) {
    const auto which = to_refresh_.front();
    to_refresh_.pop_front();
    if (find(which) != nullptr) {
      ++greetings_;
      spawn(refresh(which));
    }
  }
}

task<void> hub::greet(client_ref which, clock::time_point since) {
  if (auto* who = find(which)) {
    const auto found = co_await places_.list(
        who->profile_id, places_.regions(), settings_.channels_max, deadline::in(settings_.greeting_time_max)
    );
    who = find(which);
    if (who != nullptr && found) {
      welcome(*who, *found);
      const std::chrono::duration<double> taken = clock::now() - since;
      numbers_.greeting_seconds.observe(taken.count());
    }
  }
  --greetings_;
  greet_some();
  co_return result<void>();
}

// In one turn of the lane: what the channels say from now on comes behind hello.
void hub::welcome(live_client& who, const places& found) {
  hello told;
  told.profile_id = who.profile_id;
  told.region = here_.name;
  told.served_by = served_by_;
  told.heartbeat = settings_.heartbeat;
  told.missing = found.missing;
  told.is_cut = found.is_cut;
  for (const auto& one : found.found) {
    if (const auto begun = follow(who, one)) {
      told.channels.push_back(*begun);
    } else {
      told.is_cut = true;
    }
  }
  who.channels.shrink();
  who.missing_regions = bits_of(found.missing);
  say(who, to_json(told));
  catch_up_.look();
  const auto waiting = std::move(who.before_hello);
  for (const auto& what : *waiting) {
    tell(who, what, http::make_text_frame(what->frame));
  }
}

// Where it begins; none when the connection has as many as it may have.
std::optional<place> hub::follow(live_client& who, const place& there) {
  if (!who.channels.has(there.channel_id) && who.channels.size() >= settings_.channels_max) {
    return std::nullopt;
  }
  who.channels.add(there.channel_id);
  if (there.is_member) {
    who.visits.remove(there.channel_id);
  } else {
    who.visits.add(there.channel_id);
  }
  const auto begun = board_.follow(there, who, clock::now());
  // Rights were read before others came and went: are they still so?
  if (board_.find(there.channel_id)->version != there.version) {
    doubt(there.channel_id);
  }
  return begun;
}

void hub::unfollow(live_client& who, std::int64_t channel_id) {
  if (who.channels.remove(channel_id)) {
    who.visits.remove(channel_id);
    who.looks.remove(channel_id);
    board_.unfollow(channel_id, who);
  }
}

void hub::refresh_soon(live_client& who) {
  if (who.is_admitted()) {
    for (const auto* region : places_.regions()) {
      who.missing_regions |= 1U << static_cast<unsigned>(region->number);
    }
  }
}

// Looks again in the regions that have not told what the profile is in, or may have told less than there is now.
task<void> hub::refresh(client_ref which) {
  if (auto* who = find(which)) {
    std::vector<const topology::region*> wanted;
    for (const auto* region : places_.regions()) {
      if ((who->missing_regions & 1U << static_cast<unsigned>(region->number)) != 0) {
        wanted.push_back(region);
      }
    }
    who->missing_regions = 0;
    const auto found = co_await places_.list(
        who->profile_id, std::move(wanted), settings_.channels_max, deadline::in(settings_.greeting_time_max)
    );
    who = find(which);
    if (who != nullptr && found) {
      who->is_refreshing = false;
      who->missing_regions |= bits_of(found->missing);
      for (const auto& one : found->found) {
        const bool is_known = who->channels.has(one.channel_id) && !who->visits.has(one.channel_id);
        const auto begun = is_known ? std::nullopt : follow(*who, one);
        if (begun) {
          say(*who, followed_json(*begun));
        }
      }
      catch_up_.look();
    }
  }
  --greetings_;
  greet_some();
  co_return result<void>();
}

// The profile has become a member, most likely.
task<void> hub::join(client_ref which, std::int64_t channel_id) {
  auto* who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  const auto found = co_await places_.find(channel_id, who->profile_id, deadline::in(settings_.greeting_time_max));
  who = find(which);
  if (who == nullptr) {
    co_return result<void>();
  }
  if (found && found->is_member) {
    if (const auto begun = follow(*who, *found)) {
      say(*who, followed_json(*begun));
      catch_up_.look();
    }
  } else if (found) {
    co_return result<void>();
  } else if (found.error().code != errc::not_found) {
    refresh_soon(*who);
  }
  co_return result<void>();
}

}  // namespace meridian::realtime
