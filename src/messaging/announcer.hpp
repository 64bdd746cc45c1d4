// What the services made durable, as the bus tells it to those who follow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bus/event.hpp"
#include "messaging/message.hpp"

namespace meridian::messaging {

// Encodes nothing that nobody hears. One for each service, on its lane; `to` outlives it.
class announcer {
 public:
  explicit announcer(bus::publisher& to) : to_(to) {}

  // Answers with the message as append_json writes it, where it had to be written; else with "".
  std::string tell_posted(const message& it, const topology::region& home) const;

  // The message as it is now, which moved its channel to `change_seq`.
  void tell_changed(std::int64_t change_seq, const message& it, const topology::region& home) const;

  void tell_read(std::int64_t channel_id, std::int64_t profile_id, std::int64_t read_seq, std::int64_t last_seq) const;

  // `change` is created, updated, archived or members.
  void tell_channel(std::int64_t channel_id, std::int64_t workspace_id, std::string_view change) const;

  // Without a channel (0) it is about the workspace itself.
  void tell_membership(std::int64_t channel_id, std::int64_t workspace_id, std::int64_t profile_id, bool is_member)
      const;

 private:
  bus::publisher& to_;
};

}  // namespace meridian::messaging
