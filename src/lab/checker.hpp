// Proves that nothing that was acknowledged is lost: compares what clients were told with what the nodes have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::lab {

// The first 8 bytes of the text's SHA-256.
std::int64_t digest_of(std::string_view text);

// What a client was told: 201, or 200 for a repeat. A client that repeats a post until it hears of it notes it once.
struct acknowledged_post {
  std::int64_t channel_id = 0;
  std::int64_t sender_id = 0;
  std::string client_msg_id;
  std::int64_t id = 0;
  std::int64_t seq = 0;
  std::int64_t digest = 0;  // of the text that was sent, or of that of the last acknowledged edit
};

struct stored_message {
  std::int64_t id = 0;
  std::int64_t channel_id = 0;
  std::int64_t sender_id = 0;
  std::string client_msg_id;  // "" for none
  std::int64_t seq = 0;
  std::int64_t change_seq = 0;
  std::int64_t digest = 0;
  std::int64_t sent_at_us = 0;  // since any moment
};

struct stored_channel {
  std::int64_t id = 0;
  std::int64_t last_seq = 0;
  std::int64_t change_seq = 0;
  std::int64_t seq_before = 0;  // messages up to this one were not read and are not looked at
};

struct evidence {
  std::vector<acknowledged_post> posts;
  std::vector<stored_channel> channels;
  std::vector<stored_message> messages;  // all of these channels beyond seq_before, in any order
};

enum class damage_kind {
  lost,               // acknowledged and not there
  doubled,            // one client_msg_id of one sender, several messages
  altered,            // another id, seq or text than was acknowledged
  gap,                // a number that no message has
  repeat,             // a number that two messages have
  counter_wrong,      // the channel's last_seq is not the last message's
  change_repeat,      // two messages changed last with one change_seq
  change_beyond,      // a message changed later than its channel
  time_backwards,     // sent_at does not grow with seq
  channel_unknown,    // a post or a message of a channel that was not read
  twice_acknowledged  // two posts were told the same number of one channel
};

struct damage {
  damage_kind kind;
  std::string what;  // in words, with the ids
};

std::string_view to_string(damage_kind kind);

// Every difference, at most `count_max`; empty when all is well. Pure.
std::vector<damage> find_damage(const evidence& all, std::size_t count_max = 100);

}  // namespace meridian::lab
