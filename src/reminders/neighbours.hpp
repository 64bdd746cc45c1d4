// What reminders ask of the other services, which this room does not know: serve/ wires it.
#pragma once

#include <string>

#include "identity/principal.hpp"
#include "reminders/reminder.hpp"
#include "runtime/deadline.hpp"

namespace meridian::reminders {

// One for each lane. not_found is said of what the person may not know of.
class neighbours {
 public:
  neighbours() = default;
  neighbours(const neighbours&) = delete;
  neighbours& operator=(const neighbours&) = delete;
  virtual ~neighbours() = default;

  // Where a message is that this profile may see.
  virtual task<message_place> find_message(std::int64_t message_id, std::int64_t reader_id, deadline until) = 0;

  // Whether the two share a workspace.
  virtual task<void> check_colleague(identity::principal who, std::int64_t profile_id, deadline until) = 0;

  // Whether he may post there. forbidden when he only reads it, conflict when nobody may.
  virtual task<void> check_channel(identity::principal who, std::int64_t channel_id, deadline until) = 0;

  // Posts; a repeat by the key does nothing. not_found, forbidden, conflict: never again.
  virtual task<void> post(
      std::int64_t channel_id, std::int64_t sender_id, std::string text, std::string key, deadline until
  ) = 0;

  // By IANA's name.
  virtual task<std::string> time_zone_of(identity::principal who, deadline until) = 0;
};

}  // namespace meridian::reminders
