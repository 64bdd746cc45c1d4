// What a person is up to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace meridian::status {

inline constexpr std::string_view words[] = {"Active", "Busy", "In a Meeting", "Vacationing", "Out Sick"};

inline constexpr std::size_t text_size_max = 100;  // letters; plain SQL may write twice as many
inline constexpr std::size_t emoji_size_max = 100;
inline constexpr std::chrono::seconds duration_max = std::chrono::days(366);

// Everything of one profile, as it is stored or as people see it. No status is a value: no word, no text, no emoji.
struct setting {
  std::int64_t profile_id = 0;
  std::optional<std::string> word;  // one of `words`
  std::string text;
  std::string emoji;
  std::optional<timestamp> set_at;  // none when nobody ever set it
  std::optional<timestamp> expires_at;
  std::optional<timestamp> paused_until;  // no notifications until then
};

// As people see it at that time: what has expired is no status, since it expired, and a pause that is over is none.
setting seen_at(setting stored, timestamp now);

// When something ends: at a time, after a duration, or when clocks next show a time of day. None of them: never.
struct ending {
  std::optional<timestamp> at;
  std::optional<std::int64_t> in_s;
  std::optional<std::string> time_of_day;  // "17:00"
  std::string time_zone = "UTC";           // of the time of day, by its IANA name
};

struct wish {
  std::optional<std::string> word;
  std::string text;
  std::string emoji;
  ending until;
  std::string key;  // a repeat with the same one finds what the first one set; "" for none
};

// One side of a conflict.
struct contender {
  std::string cluster;  // where it was set
  std::optional<std::string> word;
  std::string text;
  std::string emoji;
  timestamp set_at;
};

// Two settings that did not know of each other, as one cluster learnt of it.
struct conflict {
  std::int64_t id = 0;
  std::int64_t profile_id = 0;
  timestamp detected_at;
  contender winner;
  contender loser;
};

}  // namespace meridian::status
