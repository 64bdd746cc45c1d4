#include "realtime/hub.hpp"

#include <algorithm>
#include <limits>

#include <boost/asio/co_spawn.hpp>

#include "realtime/server_frame.hpp"

namespace meridian::realtime {

namespace asio = boost::asio;

namespace {

// Then a run leaves, though more may come.
constexpr std::size_t run_bytes_max = 64 << 10;

std::int64_t make_lane_key() {
  std::random_device entropy;
  return std::uniform_int_distribution<std::int64_t>(1, std::numeric_limits<std::int64_t>::max())(entropy);
}

}  // namespace

hub::hub(asio::any_io_executor lane, hub_parts parts, hub_settings settings, hub_numbers numbers, std::string served_by)
    : lane_(lane),
      events_(parts.events),
      guard_(parts.guard),
      here_(parts.regions.here()),
      settings_(settings),
      numbers_(numbers),
      served_by_(std::move(served_by)),
      lane_key_(make_lane_key()),
      places_(parts.regions),
      board_(*this, settings.order),
      catch_up_(
          lane, board_, parts.messages, settings_, numbers_, [this](std::int64_t channel_id) { doubt(channel_id); }
      ),
      presence_(settings.online),
      session_pause_(lane),
      house_pause_(lane),
      random_(std::random_device()()) {
  for (const auto* home : parts.regions.all()) {
    comparisons_.try_emplace(home->number, *home, lane);
  }
  events_.listen(
      [this](const bus::shared_event& what) { on_event(what); }, [this] { on_loss(); }, [this] { on_turn_end(); }
  );
}

std::unique_ptr<http::websocket_listener> hub::make_client(const std::optional<admission>& admitted) {
  if (admitted) {
    return std::make_unique<live_client>(*this, *admitted);
  }
  if (anonymous_count_ >= settings_.anonymous_max) {
    return nullptr;
  }
  return std::make_unique<live_client>(*this);
}

void hub::begin(live_client& who) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  who.slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[who.slot].who = &who;
  ++open_count_;
  numbers_.connections.add(1);
  if (who.is_admitted()) {
    admit(who);
  } else {
    ++anonymous_count_;
    who.confirmed_at = clock::now();
  }
}

void hub::end(live_client& who) noexcept {
  auto& place = slots_[who.slot];
  if (place.who != &who) {
    return;
  }
  for (const auto id : who.channels) {
    board_.unfollow(id, who);
  }
  for (const auto id : who.watched.take()) {
    end_watch(who, id);
  }
  if (const auto found = devices_.find(who.profile_id); found != devices_.end()) {
    found->second.remove(who);
    if (found->second.empty()) {
      devices_.erase(found);
      events_.unfollow(bus::topic{bus::audience::profile, who.profile_id});
      events_.unfollow(bus::topic{bus::audience::watchers, who.profile_id});
      presence_.leave(who.profile_id, clock::now());
    }
  }
  place.who = nullptr;
  ++place.generation;
  free_slots_.push_back(who.slot);
  anonymous_count_ -= who.is_admitted() ? 0 : 1;
  --open_count_;
  numbers_.connections.add(-1);
}

hub::client_ref hub::ref_of(const live_client& who) const {
  return {who.slot, slots_[who.slot].generation};
}

live_client* hub::find(client_ref which) const {
  const auto& place = slots_[which.slot];
  return place.generation == which.generation ? place.who : nullptr;
}

void hub::spawn(task<void> work) {
  asio::co_spawn(lane_, std::move(work), [](const std::exception_ptr& thrown, const result<void>&) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
}

void hub::say(live_client& who, const std::string& text) {
  who.socket->send(http::make_text_frame(text));
}

void hub::refuse(live_client& who, const error& why) {
  say(who, error_json(why));
}

// For good: the same again would be refused again.
void hub::dismiss(live_client& who, const error& why) {
  refuse(who, why);
  who.socket->close(http::close_code::policy, why.message);
}

void hub::send_away(live_client& who, std::string_view reason) {
  say(who, reconnect_json(pause_of_reconnect(), reason));
  who.socket->close(http::close_code::try_again_later, reason);
}

http::shared_frame hub::farewell(http::close_code code) {
  const auto* reason = code == http::close_code::going_away ? "the server stops" : "too slow to keep up";
  return http::make_text_frame(reconnect_json(pause_of_reconnect(), reason));
}

// Thousands who come back at once would all wait; a few need not be spread.
std::chrono::milliseconds hub::spread_of_clients() const {
  return std::clamp(std::chrono::milliseconds(open_count_), settings_.reconnect_time_min, settings_.reconnect_time_max);
}

std::chrono::milliseconds hub::pause_of_reconnect() {
  const auto spread = spread_of_clients().count();
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(100, 100 + spread)(random_));
}

void hub::begin(const followed_channel& channel) {
  events_.follow(bus::topic{bus::audience::channel, channel.where.channel_id});
  numbers_.followed_channels.add(1);
  auto& its = comparisons_.at(channel.where.home->number);
  its.new_ids.push_back(channel.where.channel_id);
  compare_soon(its);
}

void hub::end(const followed_channel& channel) {
  events_.unfollow(bus::topic{bus::audience::channel, channel.where.channel_id});
  numbers_.followed_channels.add(-1);
}

void hub::deliver(const followed_channel& channel, const bus::shared_event& what) {
  run_.channel = &channel;
  run_.frames.push_back(http::make_text_frame(what->frame));
  run_.bytes += what->frame.size();
  if (!is_in_turn_ || run_.bytes >= run_bytes_max) {
    send_run();
  }
}

// It leaves with this call.
void hub::send_run() {
  receivers_.clear();
  if (run_.channel != nullptr) {
    for (auto* who : run_.channel->followers.members()) {
      receivers_.push_back(static_cast<live_client*>(who)->socket);
    }
  }
  if (!receivers_.empty()) {
    receivers_.front()->group().send_now(receivers_, run_.frames);
  }
  end_run();
}

// Before anything else is said to anybody, and before the channel's followers change. It leaves with what the turn
// still brings: in a mixed turn each connection is written to once, not once for each run.
void hub::queue_run() {
  if (run_.channel == nullptr) {
    return;
  }
  for (const auto& frame : run_.frames) {
    for (auto* who : run_.channel->followers.members()) {
      static_cast<live_client*>(who)->socket->send(frame);
    }
  }
  end_run();
}

void hub::end_run() {
  if (run_.channel != nullptr) {
    numbers_.deliveries.add(static_cast<double>(run_.channel->followers.size() * run_.frames.size()));
  }
  const auto now = std::chrono::system_clock::now();
  for (const auto sent_at : run_.sent_at) {
    const std::chrono::duration<double> delay = now - sent_at;
    numbers_.delivery_seconds.observe(std::max(delay.count(), 0.0));
  }
  run_.channel = nullptr;
  run_.frames.clear();
  run_.bytes = 0;
  run_.sent_at.clear();
}

void hub::give_up(const followed_channel& channel, std::int64_t change_seq) {
  queue_run();
  const auto frame = http::make_text_frame(gap_json(channel.where.channel_id, change_seq));
  for (auto* who : channel.followers.members()) {
    static_cast<live_client*>(who)->socket->send(frame);
  }
  numbers_.gaps.add();
}

}  // namespace meridian::realtime
