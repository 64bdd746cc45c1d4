#include "reminders/reminder.hpp"

namespace meridian::reminders {

std::string_view to_string(reminder_state state) {
  switch (state) {
    case reminder_state::scheduled:
      return "scheduled";
    case reminder_state::due:
      return "due";
    case reminder_state::completed:
      return "completed";
    case reminder_state::deleted:
      return "deleted";
  }
  return "";
}

std::optional<reminder_state> find_state(std::string_view name) {
  for (const auto each :
       {reminder_state::scheduled, reminder_state::due, reminder_state::completed, reminder_state::deleted}) {
    if (to_string(each) == name) {
      return each;
    }
  }
  return std::nullopt;
}

}  // namespace meridian::reminders
