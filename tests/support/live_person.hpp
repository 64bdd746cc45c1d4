// Somebody with a live connection: hears frames, and waits for the one that is meant.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/live_client.hpp"

namespace meridian::test {

// Blocking; for one thread.
class live_person {
 public:
  live_person(std::uint16_t port, const std::string& token, const std::string& more_fields = "")
      : live_(
            "127.0.0.1", port, "/v1/events",
            (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + more_fields
        ) {}

  int status() const { return live_.status(); }
  http::live_client& raw() { return live_; }
  bool say(const boost::json::object& frame) { return live_.say(boost::json::serialize(frame)); }

  // The next frame that fits, kept ones first; none in vain. What comes before it is kept.
  std::optional<boost::json::object> hear(
      std::string_view type, const std::function<bool(const boost::json::object&)>& fits = {},
      std::chrono::milliseconds patience = std::chrono::seconds(10)
  ) {
    const auto is_meant = [&](const boost::json::object& one) {
      return one.at("type").as_string() == type && (!fits || fits(one));
    };
    for (auto at = heard_.begin(); at != heard_.end(); ++at) {
      if (is_meant(*at)) {
        auto found = std::move(*at);
        heard_.erase(at);
        return found;
      }
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      const auto text = live_.hear(std::max(left, std::chrono::milliseconds(1)));
      if (!text) {
        return std::nullopt;
      }
      auto frame = boost::json::parse(*text).as_object();
      if (is_meant(frame)) {
        return frame;
      }
      heard_.push_back(std::move(frame));
      if (std::chrono::steady_clock::now() >= end) {
        return std::nullopt;
      }
    }
  }

  // A frame of the channel with that change_seq.
  std::optional<boost::json::object> hear_of(
      std::string_view type, std::int64_t channel_id, std::chrono::milliseconds patience = std::chrono::seconds(10)
  ) {
    const auto id = std::to_string(channel_id);
    return hear(type, [&](const auto& one) { return one.at("channel_id").as_string() == id; }, patience);
  }

  // How many frames of the type are there, or come within that time.
  std::size_t count(std::string_view type, std::chrono::milliseconds patience) {
    hear("nothing", {}, patience);
    std::size_t count = 0;
    for (const auto& one : heard_) {
      count += one.at("type").as_string() == type ? 1 : 0;
    }
    return count;
  }

 private:
  http::live_client live_;
  std::vector<boost::json::object> heard_;
};

}  // namespace meridian::test
