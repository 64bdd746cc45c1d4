// What the hub does by the clock: compare counters, confirm sessions and rights, keep presence.
#include <algorithm>
#include <map>
#include <set>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "realtime/hub.hpp"
#include "realtime/server_frame.hpp"

namespace meridian::realtime {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto house_interval = 1s;

}  // namespace

task<void> hub::run() {
  std::vector<task<void>> rounds;
  for (auto& [number, its] : comparisons_) {
    rounds.push_back(compare_always(its));
  }
  rounds.push_back(check_sessions_always());
  rounds.push_back(keep_house());
  co_return co_await all(std::move(rounds));
}

void hub::stop() {
  is_stopped_ = true;
  catch_up_.stop();
  for (auto& [number, its] : comparisons_) {
    its.pause.cancel();
  }
  session_pause_.cancel();
  house_pause_.cancel();
}

task<void> hub::rest(asio::steady_timer& timer, std::chrono::milliseconds duration) const {
  if (!is_stopped_) {
    timer.expires_after(duration);
    boost::system::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return result<void>();
}

// A region that does not answer keeps up nobody but its own.
task<void> hub::compare_always(comparison& with) {
  with.due = clock::now() + settings_.compare_interval;
  while (!is_stopped_) {
    const auto now = clock::now();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min(with.due, with.new_due) - now);
    if (wait > 0ms) {
      MERIDIAN_CO_CHECK(co_await rest(with.pause, wait));
      continue;  // the moment may have been brought forward
    }
    const bool all_of_them = with.due <= now;
    if (all_of_them) {
      with.due = now + settings_.compare_interval;
    }
    MERIDIAN_CO_CHECK(co_await compare(with, all_of_them));
    MERIDIAN_CO_CHECK(co_await check_doubted(with));
  }
  co_return result<void>();
}

void hub::compare_soon(comparison& with) {
  if (with.new_due == clock::time_point::max()) {
    with.new_due = clock::now() + settings_.compare_delay_new;
    with.pause.cancel();
  }
}

task<void> hub::compare(comparison& with, bool all_of_them) {
  std::vector<counter> known;
  const auto add = [&known](const followed_channel& channel) {
    counter one;
    one.channel_id = channel.where.channel_id;
    one.change_seq = channel.order.known();
    one.version = channel.version;
    known.push_back(one);
  };
  const auto new_ids = std::exchange(with.new_ids, {});
  with.new_due = clock::time_point::max();
  if (all_of_them) {
    board_.each([&](const followed_channel& channel) {
      if (channel.where.home == with.home) {
        add(channel);
      }
    });
  } else {
    for (const auto id : new_ids) {
      if (const auto* channel = board_.find(id)) {
        add(*channel);
      }
    }
  }
  while (!known.empty()) {
    const auto count = std::min(known.size(), settings_.compared_max);
    std::vector<counter> some(known.end() - static_cast<std::ptrdiff_t>(count), known.end());
    known.resize(known.size() - count);
    MERIDIAN_CO_CHECK(co_await compare_some(with, std::move(some)));
  }
  co_return result<void>();
}

// Always succeeds: what is not told now is told by the next round.
task<void> hub::compare_some(comparison& with, std::vector<counter> known) {
  const auto moved = co_await places_.compare(*with.home, std::move(known), deadline::in(settings_.compare_time_max));
  if (!moved) {
    co_return result<void>();
  }
  for (const auto& one : *moved) {
    board_.on_counter(one.channel_id, one.change_seq, clock::now());
    auto* channel = board_.find(one.channel_id);
    if (channel != nullptr && channel->version != one.version) {
      channel->version = one.version;
      with.doubted.insert(one.channel_id);
    }
  }
  catch_up_.look();
  co_return result<void>();
}

void hub::doubt(std::int64_t channel_id) {
  if (const auto* channel = board_.find(channel_id)) {
    auto& its = comparisons_.at(channel->where.home->number);
    its.doubted.insert(channel_id);
    compare_soon(its);
  }
}

// Whoever came or went moved the version of the channel: may all its followers still see it?
task<void> hub::check_doubted(comparison& with) {
  std::vector<pair_of_ids> asked;
  for (const auto id : std::exchange(with.doubted, {})) {
    if (const auto* channel = board_.find(id)) {
      std::set<std::int64_t> profiles;
      for (const auto* who : channel->followers.members()) {
        profiles.insert(static_cast<const live_client*>(who)->profile_id);
      }
      for (const auto profile_id : profiles) {
        asked.emplace_back(id, profile_id);
      }
    }
  }
  while (!asked.empty()) {
    const auto count = std::min(asked.size(), settings_.compared_max);
    std::vector<pair_of_ids> some(asked.end() - static_cast<std::ptrdiff_t>(count), asked.end());
    asked.resize(asked.size() - count);
    auto again = some;
    const auto checked = co_await check_rights(*with.home, std::move(some));
    if (!checked && !is_stopped_) {
      for (const auto& [id, profile_id] : again) {
        with.doubted.insert(id);
      }
      with.new_due = std::min(with.new_due, clock::now() + settings_.compare_interval);
    }
  }
  co_return result<void>();
}

task<void> hub::check_rights(const topology::region& home, std::vector<pair_of_ids> asked) {
  MERIDIAN_CO_TRY(
      const auto unseen, co_await places_.list_unseen(home, std::move(asked), deadline::in(settings_.compare_time_max))
  );
  for (const auto& [channel_id, profile_id] : unseen) {
    const auto found = devices_.find(profile_id);
    const auto* channel = board_.find(channel_id);
    if (found == devices_.end() || channel == nullptr) {
      continue;
    }
    const auto text = membership_json(channel_id, channel->where.workspace_id, profile_id, false);
    for (auto* one : found->second.members()) {
      auto& who = *static_cast<live_client*>(one);
      if (who.channels.has(channel_id)) {
        unfollow(who, channel_id);
        say(who, text);
      }
    }
  }
  co_return result<void>();
}

task<void> hub::check_sessions_always() {
  while (!is_stopped_) {
    MERIDIAN_CO_CHECK(co_await rest(session_pause_, settings_.session_interval));
    if (!is_stopped_) {
      MERIDIAN_CO_CHECK(co_await check_sessions());
    }
  }
  co_return result<void>();
}

// One statement a region, however many connections there are.
task<void> hub::check_sessions() {
  std::map<const topology::region*, std::set<std::string>> asked;
  each_client([&](live_client& who) {
    if (who.is_admitted()) {
      asked[who.home].insert(who.session_hash());
    }
  });
  auto checks = checks_of_visits();
  if (const auto now = clock::now(); now - watches_checked_at_ >= settings_.watch_interval) {
    watches_checked_at_ = now;
    checks.push_back(check_watches());
  }
  for (const auto& [home, hashes] : asked) {
    checks.push_back(check_sessions_of(*home, {hashes.begin(), hashes.end()}));
  }
  co_return co_await all(std::move(checks));
}

// Always succeeds: connections whose session is not confirmed for long are closed elsewhere.
task<void> hub::check_sessions_of(const topology::region& home, std::vector<std::string> hashes) {
  const auto asked_at = clock::now();
  std::set<std::string> ended(hashes.begin(), hashes.end());
  const auto holding = co_await guard_.list_holding(home, std::move(hashes), deadline::in(settings_.session_time_max));
  if (!holding) {
    co_return result<void>();
  }
  for (const auto& hash : *holding) {
    ended.erase(hash);
  }
  each_client([&](live_client& who) {
    if (who.home != &home) {
      return;
    }
    if (!ended.empty() && ended.contains(who.session_hash())) {
      numbers_.sessions_ended.add();
      dismiss(who, {errc::unauthenticated, "the session has ended", "Sign in again."});
    } else {
      who.confirmed_at = std::max(who.confirmed_at, asked_at);
    }
  });
  co_return result<void>();
}

// Whoever only looks into a channel is in no list that moves its version when he loses the right.
std::vector<task<void>> hub::checks_of_visits() {
  std::map<const topology::region*, std::set<pair_of_ids>> asked;
  each_client([&](live_client& who) {
    for (const auto id : who.visits) {
      if (const auto* channel = board_.find(id)) {
        asked[channel->where.home].emplace(id, who.profile_id);
      }
    }
  });
  std::vector<task<void>> checks;
  for (const auto& [home, pairs] : asked) {
    checks.push_back(check_visits(*home, {pairs.begin(), pairs.end()}));
  }
  return checks;
}

// Always succeeds: what is not told now is told by the next round.
task<void> hub::check_visits(const topology::region& home, std::vector<pair_of_ids> asked) {
  while (!asked.empty()) {
    const auto count = std::min(asked.size(), settings_.compared_max);
    std::vector<pair_of_ids> some(asked.end() - static_cast<std::ptrdiff_t>(count), asked.end());
    asked.resize(asked.size() - count);
    const auto checked = co_await check_rights(home, std::move(some));
    if (!checked) {
      break;
    }
  }
  co_return result<void>();
}

// Workspaces that were shared are left without a word to those who look. Always succeeds: where a region does not
// answer nothing can be said.
task<void> hub::check_watches() {
  std::set<pair_of_ids> asked;
  each_client([&](live_client& who) {
    for (const auto id : who.watched) {
      if (id != who.profile_id) {
        asked.emplace(who.profile_id, id);
      }
    }
  });
  std::vector<pair_of_ids> pairs(asked.begin(), asked.end());
  while (!pairs.empty()) {
    const auto count = std::min(pairs.size(), settings_.compared_max);
    std::vector<pair_of_ids> some(pairs.end() - static_cast<std::ptrdiff_t>(count), pairs.end());
    pairs.resize(pairs.size() - count);
    const auto strangers = co_await places_.list_strangers(std::move(some), deadline::in(settings_.session_time_max));
    if (!strangers) {
      break;
    }
    for (const auto& [watcher, id] : *strangers) {
      const auto found = devices_.find(watcher);
      if (found == devices_.end()) {
        continue;
      }
      for (auto* one : found->second.members()) {
        auto& who = *static_cast<live_client*>(one);
        if (who.watched.remove(id)) {
          end_watch(who, id);
          say(who, presence_json(id, false));
        }
      }
    }
  }
  co_return result<void>();
}

task<void> hub::keep_house() {
  while (!is_stopped_) {
    MERIDIAN_CO_CHECK(co_await rest(house_pause_, house_interval));
    if (!is_stopped_) {
      const auto now = clock::now();
      look_after_clients(now);
      look_after_presence(now);
      refresh_after_loss(now);
    }
  }
  co_return result<void>();
}

void hub::look_after_clients(clock::time_point now) {
  const bool may_refresh = now - refreshed_at_ >= settings_.refresh_interval;
  if (may_refresh) {
    refreshed_at_ = now;
  }
  each_client([&](live_client& who) {
    if (!who.is_admitted()) {
      if (now - who.confirmed_at >= settings_.authenticate_time_max) {
        dismiss(who, {errc::unauthenticated, "nobody has signed in on this connection", ""});
      }
      return;
    }
    if (now - who.confirmed_at >= settings_.unconfirmed_time_max) {
      send_away(who, "the region that knows the session does not answer");
      return;
    }
    if (may_refresh && who.missing_regions != 0 && who.is_greeted() && !who.is_refreshing) {
      who.is_refreshing = true;
      to_refresh_.push_back(ref_of(who));
    }
  });
  greet_some();
}

void hub::look_after_presence(clock::time_point now) {
  for (const auto id : presence_.take_gone(now)) {
    publish_presence(id, lane_key_, false);
  }
  for (const auto id : presence_.take_lapsed(now)) {
    tell_watchers(id, http::make_text_frame(presence_json(id, false)), true);
  }
  for (const auto id : presence_.take_to_ask(now)) {
    constexpr std::int64_t nobody = 0;
    publish_presence(id, nobody, false);
  }
}

}  // namespace meridian::realtime
