// Reminders as plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace meridian::reminders {

// In characters.
inline constexpr std::size_t text_size_max = 2000;
inline constexpr std::size_t recurrence_size_max = 500;
inline constexpr std::size_t time_zone_size_max = 64;

// scheduled until its time, due until its person has seen it. A series (one that recurs) stays scheduled, and leaves an
// occurrence of its own each time.
enum class reminder_state { scheduled, due, completed, deleted };

std::string_view to_string(reminder_state state);
std::optional<reminder_state> find_state(std::string_view name);

struct reminder {
  std::int64_t id = 0;
  std::int64_t profile_id = 0;                     // whom it is for
  std::int64_t created_by = 0;                     // the same, unless somebody else wants it
  std::optional<std::int64_t> message_id;          // what it is about
  std::optional<std::int64_t> message_channel_id;  // where that was when the reminder was made
  std::optional<std::string> message_region;
  std::optional<std::int64_t> channel_id;  // it goes into this channel, as its maker's message
  std::string text;
  timestamp notify_at;
  std::optional<std::string> time_zone;
  std::optional<std::string> recurrence;  // an RRULE (RFC 5545, section 3.3.10)
  std::optional<timestamp> recurs_from;   // its DTSTART: what the zone's clocks show then, as if it were UTC
  std::optional<std::int64_t> series_id;  // of an occurrence
  std::optional<timestamp> occurs_at;
  reminder_state state = reminder_state::scheduled;
  bool is_late = false;  // it was found to be due long after its time
  std::int64_t version = 1;
  timestamp created_at;
  std::optional<timestamp> due_at;
  std::optional<timestamp> completed_at;
};

// Where a message is.
struct message_place {
  std::int64_t channel_id = 0;
  std::string region;
};

struct new_reminder {
  std::int64_t profile_id = 0;
  std::int64_t created_by = 0;
  std::string creation_key;  // of the request; a repeat makes nothing
  std::optional<std::int64_t> message_id;
  std::optional<message_place> place;
  std::optional<std::int64_t> channel_id;
  std::string text;
  timestamp notify_at;
  std::optional<std::string> time_zone;
  std::optional<std::string> recurrence;
  std::optional<timestamp> recurs_from;
};

// What is to change; none: stays.
struct reminder_change {
  std::optional<std::string> text;
  std::optional<timestamp> notify_at;
  std::optional<std::string> time_zone;
  std::optional<std::string> recurrence;  // "": it recurs no more
  std::optional<timestamp> recurs_from;
  std::optional<std::int64_t> expected_version;

  bool is_empty() const { return !text && !notify_at && !time_zone && !recurrence; }
};

// Part of a list, by time and id.
struct list_part {
  std::vector<reminder_state> states;
  bool made_for_others = false;  // else those for the caller
  std::optional<timestamp> behind_at;
  std::int64_t behind_id = 0;
  std::size_t limit = 50;
};

struct reminder_page {
  std::vector<reminder> items;
  bool has_more = false;
};

// A place in the log of the primary, as a number of octets: a node that has come that far holds every change before it.
using log_position = std::int64_t;

// Which node a read came from, and how old what it says may be.
struct read_origin {
  std::string node;
  log_position position = 0;
  std::chrono::milliseconds staleness{0};
};

template <class T>
struct read_result {
  T value;
  read_origin from;
};

// A change that is durable, and the place in the log behind it.
template <class T>
struct written {
  T value;
  log_position position = 0;
};

}  // namespace meridian::reminders
