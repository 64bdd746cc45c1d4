// The rules about reminders: what may be made, for whom, and who may touch it.
#pragma once

#include "base/id_source.hpp"
#include "identity/principal.hpp"
#include "reminders/neighbours.hpp"
#include "reminders/reminder_store.hpp"
#include "reminders/reminder_times.hpp"
#include "reminders/seen_positions.hpp"

namespace meridian::reminders {

struct reminder_settings {
  int writer_number = 1;        // 1 to 31: this lane's part of the ids
  int region_number = 0;        // likewise: the process's region
  std::size_t open_max = 1000;  // that one profile has made and that are not completed
  std::chrono::days horizon{5 * 366};
};

// What somebody wants to be reminded of.
struct reminder_wish {
  std::optional<std::int64_t> profile_id;  // none: himself
  std::optional<std::int64_t> message_id;
  std::optional<std::int64_t> channel_id;
  std::string text;
  time_wish time;
  std::optional<std::string> time_zone;  // none: the person's
  std::optional<std::string> creation_key;
};

// What of it is to be otherwise.
struct reminder_edit {
  std::optional<std::string> text;
  time_wish time;  // its recurrence "": it recurs no more
  std::optional<std::string> time_zone;
  std::optional<std::int64_t> expected_version;
};

struct snooze_wish {
  std::optional<timestamp> at;
  std::string choice;  // "20m", "tomorrow", or a phrase; "" with `at`
};

struct made_reminder {
  reminder it;
  std::optional<understanding> understood;
  bool is_repeat = false;
  log_position position = 0;
};

// One for each lane; what it is made of outlives it. `least` is what the request's token says: a read holds at least
// that, and all that this person changed through this process. not_found is said of what is not for the caller nor made
// by him.
class reminder_service {
 public:
  reminder_service(
      reminder_store& store, neighbours& others, seen_positions& seen, const reminder_settings& settings = {}
  )
      : store_(store), others_(others), seen_(seen), settings_(settings), ids_(settings.writer_number) {}

  // invalid_argument with the field, not_found for a message, person or channel that one may not know, conflict beyond
  // open_max.
  task<made_reminder> create(identity::principal who, reminder_wish wish, deadline until);

  task<read_result<reminder>> get(identity::principal who, std::int64_t id, log_position least, deadline until);
  task<read_result<reminder_page>> list(identity::principal who, list_part part, log_position least, deadline until);

  // stale when it is not at the expected version any more.
  task<made_reminder> update(identity::principal who, std::int64_t id, reminder_edit wish, deadline until);
  task<written<std::int64_t>> remove(identity::principal who, std::int64_t id, deadline until);

  // By whom it is for.
  task<made_reminder> snooze(identity::principal who, std::int64_t id, snooze_wish wish, deadline until);
  task<written<reminder>> complete(identity::principal who, std::int64_t id, deadline until);

 private:
  task<void> check_others(identity::principal who, const reminder_wish& wish, new_reminder& made, deadline until);
  task<std::string> zone_of(identity::principal who, const std::optional<std::string>& chosen, deadline until);
  result<planned_time> planned(const time_wish& wish, const std::string& time_zone) const;
  task<made_reminder> reschedule(identity::principal who, std::int64_t id, reminder_edit wish, deadline until);
  result<void> check_time(timestamp at, const char* field) const;
  log_position least_of(const identity::principal& who, log_position told) const;

  template <class T>
  result<written<T>> remembered(const identity::principal& who, result<written<T>> done);

  reminder_store& store_;
  neighbours& others_;
  seen_positions& seen_;
  const reminder_settings settings_;
  id_source ids_;
};

}  // namespace meridian::reminders
