// What happened, with everything that a client needs to show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::bus {

enum class event_kind : std::uint8_t {
  message,     // posted
  change,      // edited, deleted, reacted to, answered
  channel,     // made, renamed, archived, or its members changed
  membership,  // the profile joined, left or was removed
  read,        // the profile's read cursor moved, on one of its devices
  typing,      // ephemeral
  presence,    // ephemeral
  status,      // the profile's
  reminder,    // due, for the profile
};
inline constexpr std::size_t event_kind_count = 9;

// As clients read it in a frame's "type".
std::string_view to_string(event_kind what);

// Whom an event concerns: those who follow the channel, the profile's own devices, or those who look at the profile.
enum class audience : std::uint8_t { channel, profile, watchers };

audience audience_of(event_kind what);

// What can be followed: the events of one channel, of one profile's devices, ...
struct topic {
  audience to = audience::channel;
  std::int64_t id = 0;

  friend bool operator==(const topic&, const topic&) = default;
};

struct topic_hash {
  std::size_t operator()(const topic& of) const;
};

// A hint: the database is the truth. Immutable once it is published, so that lanes and sockets share it.
struct event {
  event_kind what = event_kind::message;
  std::int64_t channel_id = 0;  // 0 where there is none
  std::int64_t profile_id = 0;  // whose membership, cursor, typing, presence, status or reminder; 0 else
  std::int64_t seq = 0;         // of a message; 0 else
  std::int64_t change_seq = 0;  // of the channel, for message and change: 1, 2, 3, ... without a gap; 0 else

  // Of channel and membership. A membership without a channel is that in the workspace, and all its channels with it.
  std::int64_t workspace_id = 0;
  bool is_member = false;  // of membership: whether the profile is in now

  // The frame as clients get it: one JSON object, {"type":"message", ...}. Encoded once, by whoever publishes.
  std::string frame;
};

topic topic_of(const event& what);

// "channel.8", "profile.9", "watchers.9": who subscribes to it gets the event.
std::string to_string(const topic& which);
std::string subject_of(const event& what);

// None for what to_string does not write.
std::optional<topic> parse_topic(std::string_view subject);

using shared_event = std::shared_ptr<const event>;

// Where services say what they did, after it is durable. One for each lane.
class publisher {
 public:
  publisher() = default;
  publisher(const publisher&) = delete;
  publisher& operator=(const publisher&) = delete;
  virtual ~publisher() = default;

  // Never waits and never fails: a hint that is lost is found by comparing counters.
  virtual void publish(event what) = 0;

  // Whether somebody may follow the topic: else there is no need to encode a frame for it.
  virtual bool is_heard(const topic& /*which*/) const { return true; }
};

// For processes and tests without anybody who listens.
class no_publisher final : public publisher {
 public:
  void publish(event /*what*/) override {}
  bool is_heard(const topic& /*which*/) const override { return false; }
};

}  // namespace meridian::bus
