#include "support/live_follower.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;

constexpr auto poll = std::chrono::milliseconds(500);
constexpr std::string_view stamp = " at ";

std::int64_t id_in(const json::object& from, std::string_view name) {
  return std::stoll(std::string(from.at(name).as_string()));
}

std::int64_t now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

std::string live_follower::stamped(const std::string& text) {
  return fmt::format("{}{}{}", text, stamp, now_us());
}

live_follower::live_follower(std::string token, std::vector<std::uint16_t> doors, std::size_t first_door)
    : token_(std::move(token)), doors_(std::move(doors)), door_(first_door), thread_([this] { run(); }) {}

live_follower::~live_follower() {
  stop();
}

void live_follower::stop() {
  is_stopped_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool live_follower::has(std::int64_t channel_id, std::int64_t change_seq) const {
  const auto found = std::ranges::find(reached_, channel_id, [](const reached& one) { return one.channel_id.load(); });
  return change_seq <= (found == reached_.end() ? 0 : found->change_seq.load());
}

const std::map<std::int64_t, held_message>& live_follower::messages_of(std::int64_t channel_id) const {
  static const std::map<std::int64_t, held_message> none;
  const auto found = channels_.find(channel_id);
  return found == channels_.end() ? none : found->second.messages;
}

void live_follower::run() {
  while (!is_stopped_) {
    live_once(doors_[door_++ % doors_.size()]);
    // As the server said, and never at once.
    const auto pause = std::max(pause_, std::chrono::milliseconds(100));
    wait_until([this] { return is_stopped_.load(); }, pause);
    pause_ = std::chrono::milliseconds(0);
  }
}

void live_follower::live_once(std::uint16_t door) {
  http_client asking("127.0.0.1", door);
  asking.set_token(token_);
  asking.set_checking(false);
  asking.set_patience(std::chrono::seconds(8));
  http_ = &asking;
  for (auto& [id, its] : channels_) {
    its.later.clear();
    its.framed = 0;
  }
  http::live_client live("127.0.0.1", door, "/v1/events", "Authorization: Bearer " + token_ + "\r\n");
  if (live.status() != 101) {
    return;
  }
  const auto is_behind = [](const auto& one) { return one.second.mine < one.second.missed_to; };
  while (!is_stopped_ && !live.is_over()) {
    const bool has_to_ask = std::ranges::any_of(channels_, is_behind);
    if (const auto text = live.hear(has_to_ask ? std::chrono::milliseconds(1) : poll)) {
      on_frame(*text);
    }
    catch_up();
  }
}

void live_follower::on_frame(const std::string& text) {
  const auto frame = json::parse(text).as_object();
  const auto& type = frame.at("type").as_string();
  const auto miss = [this](std::int64_t id, std::int64_t change_seq) {
    auto& its = channels_[id];
    its.framed = std::max(its.framed, change_seq);
    its.missed_to = std::max(its.missed_to, change_seq);
  };
  if (type == "hello") {
    for (const auto& one : frame.at("channels").as_array()) {
      miss(id_in(one.as_object(), "id"), one.at("change_seq").as_int64());
    }
    ++hellos_;
  } else if (type == "followed") {
    miss(id_in(frame, "id"), frame.at("change_seq").as_int64());
  } else if (type == "gap") {
    miss(id_in(frame, "channel_id"), frame.at("change_seq").as_int64());
  } else if (type == "reconnect") {
    pause_ = std::chrono::milliseconds(frame.at("after_ms").as_int64());
  } else if (type == "message" || type == "change") {
    const auto id = id_in(frame, "channel_id");
    auto& its = channels_[id];
    const auto change_seq = frame.at("change_seq").as_int64();
    if (change_seq <= its.framed) {
      faults_.push_back(fmt::format("channel {}: {} came behind {}", id, change_seq, its.framed));
    }
    its.framed = change_seq;
    const auto& message = frame.at("message").as_object();
    held_message one{change_seq, std::string(message.at("text").as_string())};
    note_delay(one.text);
    if (its.mine < its.missed_to) {
      its.later.emplace_back(id_in(message, "id"), std::move(one));
    } else {
      apply(id, its, id_in(message, "id"), std::move(one));
    }
  }
}

// One page a channel and call, so that frames are read meanwhile.
void live_follower::catch_up() {
  for (auto& [id, its] : channels_) {
    if (its.mine >= its.missed_to) {
      continue;
    }
    constexpr int page_size = 200;
    const auto answer = http_->get(fmt::format("/v1/channels/{}/changes?after={}&limit={}", id, its.mine, page_size));
    if (answer.status != 200) {
      continue;
    }
    const auto page = answer.json();
    for (const auto& item : page.at("items").as_array()) {
      const auto& message = item.as_object();
      apply(
          id, its, id_in(message, "id"),
          {message.at("change_seq").as_int64(), std::string(message.at("text").as_string())}
      );
    }
    its.mine = std::max(its.mine, page.at("change_seq").as_int64());
    while (its.mine >= its.missed_to && !its.later.empty()) {
      auto [message_id, one] = std::move(its.later.front());
      its.later.pop_front();
      apply(id, its, message_id, std::move(one));
    }
    note_reached(id, its.mine);
  }
}

void live_follower::apply(std::int64_t channel_id, channel& its, std::int64_t message_id, held_message one) {
  if (one.change_seq <= its.mine) {
    return;
  }
  its.mine = one.change_seq;
  its.messages[message_id] = std::move(one);
  note_reached(channel_id, its.mine);
}

void live_follower::note_reached(std::int64_t channel_id, std::int64_t change_seq) {
  const auto place = std::ranges::find_if(reached_, [channel_id](const reached& one) {
    return one.channel_id == channel_id || one.channel_id == 0;
  });
  if (place == reached_.end()) {
    throw std::length_error("a follower of more channels than a test has");
  }
  place->change_seq = change_seq;
  place->channel_id = channel_id;
}

void live_follower::note_delay(const std::string& text) {
  const auto at = text.rfind(stamp);
  if (notes_delays && at != std::string::npos) {
    constexpr double millisecond_us = 1000;
    delays_.push_back(static_cast<double>(now_us() - std::stoll(text.substr(at + stamp.size()))) / millisecond_us);
  }
}

}  // namespace meridian::test
