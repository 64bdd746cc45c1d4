// A channel: where messages are written, open to a workspace, private, or direct between people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "topology/topology.hpp"

namespace meridian::messaging {

// A direct channel has no more people than that.
inline constexpr std::size_t direct_people_max = 20;

// The first members of a new channel.
inline constexpr std::size_t first_members_max = 1000;

// As somebody sees it.
struct channel {
  std::int64_t id = 0;
  std::int64_t workspace_id = 0;
  std::string name;  // "" for a direct one
  std::string topic;
  bool is_private = false;
  bool is_direct = false;
  bool is_archived = false;
  bool is_member = false;  // who looks
  std::int64_t last_seq = 0;
  std::int64_t change_seq = 0;
  std::int64_t read_seq = 0;  // of who looks
  std::vector<std::int64_t> direct_profile_ids;
  std::int64_t version = 0;
  std::optional<std::int64_t> created_by;
  timestamp created_at;
  std::optional<std::int64_t> member_count;          // none in lists
  std::optional<std::int64_t> unread_mention_count;  // of who looks, at most 100; none where it was just changed
  const topology::region* home = nullptr;

  // Messages behind the reader's cursor; 0 for who is not in it.
  std::int64_t unread_count() const { return is_member && last_seq > read_seq ? last_seq - read_seq : 0; }
};

struct new_channel {
  std::string name;
  std::string topic;
  bool is_private = false;
  std::vector<std::int64_t> member_ids;     // besides who makes it
  std::optional<std::string> creation_key;  // a repeat with the same key answers with the first result
};

struct channel_change {
  std::optional<std::string> name;
  std::optional<std::string> topic;
  std::optional<bool> is_archived;
  std::optional<std::int64_t> version;  // that it must still have
};

struct channel_filter {
  std::optional<bool> is_member;
  bool is_archived = false;
};

}  // namespace meridian::messaging
