// A message as services know it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "topology/topology.hpp"

namespace meridian::messaging {

struct message {
  std::int64_t id = 0;
  std::int64_t channel_id = 0;
  std::int64_t sender_id = 0;
  std::int64_t seq = 0;         // 1, 2, 3, ... in its channel
  std::int64_t change_seq = 0;  // the channel's when it last changed
  std::string text;             // "" once it is deleted
  timestamp sent_at;
  std::optional<timestamp> edited_at;
  std::optional<timestamp> deleted_at;
  std::optional<std::int64_t> thread_root_id;
  std::optional<std::string> client_msg_id;
  std::int32_t reply_count = 0;
  std::optional<std::string> reactions;  // JSON: a list of {emoji, count, profile_ids}; none without any
};

// What somebody wants to post.
struct draft {
  std::int64_t channel_id = 0;
  std::int64_t sender_id = 0;
  std::string text;  // 1 to 40,000 characters
  std::optional<std::string> client_msg_id;
  std::optional<std::int64_t> thread_root_id;
};

// A post that is durable.
struct posted {
  message sent;
  const topology::region* home = nullptr;
  bool is_repeat = false;  // it was there before: an earlier try came through
  std::string json;        // the message as append_json writes it, where it was written already
};

// A part of a channel, in the order that was asked for, with how far the channel had come when it was read.
struct message_page {
  std::vector<message> messages;
  std::int64_t channel_change_seq = 0;
  std::int64_t channel_last_seq = 0;
  const topology::region* home = nullptr;
};

// One with its place.
struct found_message {
  message it;
  const topology::region* home = nullptr;
};

// A change that is durable.
struct changed {
  std::int64_t change_seq = 0;
  const topology::region* home = nullptr;
};

// What a message said before an edit.
struct revision {
  std::int64_t change_seq = 0;
  std::string text;
  timestamp replaced_at;
};

struct read_cursor {
  std::int64_t read_seq = 0;
  std::int64_t last_seq = 0;
  const topology::region* home = nullptr;
};

}  // namespace meridian::messaging
