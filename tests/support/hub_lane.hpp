// A lane with a hub, its bus and people on sockets that only record, in a test.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "bus/process_bus.hpp"
#include "realtime/hub.hpp"
#include "support/identity_lane.hpp"

namespace meridian::realtime {

// Of all recording sockets: notes how many frames went to how many of them in one call.
class recording_group final : public http::websocket_group {
 public:
  void send_now(std::span<http::websocket* const> receivers, std::span<const http::shared_frame> frames) override {
    calls.push_back({receivers.size(), frames.size()});
    websocket_group::send_now(receivers, frames);
  }

  std::vector<std::pair<std::size_t, std::size_t>> calls;
};

// What a client would see.
class recording_socket final : public http::websocket {
 public:
  void send(http::shared_frame frame) override { record(frame); }
  void send_ephemeral(http::shared_frame frame) override { record(frame); }
  void close(http::close_code code, std::string_view reason) override {
    if (!is_closed) {
      is_closed = true;
      closed_as = code;
      close_reason = reason;
    }
  }
  std::size_t queued_bytes() const override { return 0; }
  http::websocket_group& group() override { return everybody; }

  static inline recording_group everybody;

  std::vector<boost::json::object> frames;
  bool is_closed = false;
  http::close_code closed_as = http::close_code::normal;
  std::string close_reason;

 private:
  void record(const http::shared_frame& frame) {
    if (!is_closed) {
      frames.push_back(boost::json::parse(frame->substr(frame->find('{'))).as_object());
    }
  }
};

// One device of somebody. Goes when it ends, as a broken connection does.
class device {
 public:
  device(hub& all, const std::optional<admission>& who) : listener_(all.make_client(who)) {
    if (listener_) {
      listener_->begin(socket_);
    }
  }
  ~device() { drop(); }
  device(const device&) = delete;
  device& operator=(const device&) = delete;

  void drop() {
    if (const auto gone = std::move(listener_)) {
      gone->ended();
    }
  }
  void say(const std::string& text) { listener_->on_text(text); }
  bool is_let_in() const { return listener_ != nullptr; }
  const recording_socket& socket() const { return socket_; }

  std::vector<boost::json::object> frames(std::string_view type) const {
    std::vector<boost::json::object> some;
    for (const auto& one : socket_.frames) {
      if (one.at("type").as_string() == type) {
        some.push_back(one);
      }
    }
    return some;
  }
  std::size_t count(std::string_view type) const { return frames(type).size(); }

  // The change_seqs of messages and changes of a channel, as they came.
  std::vector<std::int64_t> changes(std::int64_t channel_id) const {
    std::vector<std::int64_t> all;
    for (const auto& one : socket_.frames) {
      const auto& type = one.at("type").as_string();
      if ((type == "message" || type == "change") && one.at("channel_id").as_string() == std::to_string(channel_id)) {
        all.push_back(one.at("change_seq").as_int64());
      }
    }
    return all;
  }

 private:
  recording_socket socket_;
  std::unique_ptr<http::websocket_listener> listener_;
};

class hub_lane : public test::identity_lane {
 public:
  hub_lane(
      const test::local_topology& running, const std::string& region, bus::process_bus& process,
      const hub_settings& settings = {}
  )
      : identity_lane(running, region, settings_of(running)),
        events(process.add_lane(loop().get_executor())),
        messages(regions(), events),
        live(loop().get_executor(), {regions(), events, guard(), messages}, settings, {}, region + "/test") {
    boost::asio::co_spawn(loop(), live.run(), [](std::exception_ptr, result<void>) {});
  }
  ~hub_lane() {
    live.stop();
    run_for(std::chrono::milliseconds(50));
  }

  std::unique_ptr<device> connect(const std::string& token) {
    admission admitted;
    const auto who = run(guard().principal_of(token, deadline::in(std::chrono::seconds(5))));
    EXPECT_TRUE(who) << to_string(who.error());
    admitted.who = *who;
    admitted.token_hash = identity::parse_token(token)->hash;
    return std::make_unique<device>(live, admitted);
  }

  // The sample people's accounts were made under the topology's own key.
  static test::lane_settings settings_of(const test::local_topology& running) {
    test::lane_settings made;
    made.accounts.digest_key = test::read_text(running.state_directory() / "secrets" / "digest.key");
    while (made.accounts.digest_key.ends_with('\n')) {
      made.accounts.digest_key.pop_back();
    }
    return made;
  }

  bus::lane_bus& events;
  messaging::message_service messages;
  hub live;
};

}  // namespace meridian::realtime
