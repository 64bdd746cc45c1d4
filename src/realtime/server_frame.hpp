// What the hub itself says on live connections, as JSON texts. Events bring their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "messaging/message.hpp"
#include "realtime/place.hpp"

namespace meridian::realtime {

struct hello {
  std::int64_t profile_id = 0;
  std::string_view region;     // of the process
  std::string_view served_by;  // the process
  std::chrono::seconds heartbeat{};
  std::vector<place> channels;
  std::vector<const topology::region*> missing;
  bool is_cut = false;
};

std::string to_json(const hello& told);

// A channel that is followed from now on, as in hello.
std::string followed_json(const place& now);

std::string gap_json(std::int64_t channel_id, std::int64_t change_seq);
std::string membership_json(
    std::int64_t channel_id, std::int64_t workspace_id, std::int64_t profile_id, bool is_member
);
std::string typing_json(std::int64_t channel_id, std::int64_t profile_id);
std::string presence_json(std::int64_t profile_id, bool is_online);
std::string reconnect_json(std::chrono::milliseconds after, std::string_view reason);
std::string topology_json(const topology::region& region, bool is_reachable);

// Something that happened was perhaps not told; the client asks for what it shows, at a moment within that time.
std::string lost_json(std::chrono::milliseconds within);
std::string error_json(const error& why);
std::string pong_json();

// A message as it is now: `message` for one that is new to the reader, else `change`.
std::string message_json(const messaging::message& it, const topology::region& home, bool is_new);

// When the message of such a frame was sent; none where it does not say.
std::optional<timestamp> sent_at_of(std::string_view frame);

}  // namespace meridian::realtime
