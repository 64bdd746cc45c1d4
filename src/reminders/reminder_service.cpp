#include "reminders/reminder_service.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace meridian::reminders {
namespace {

constexpr int id_tries = 3;
constexpr int stale_tries = 3;

timestamp now() {
  return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

// What the caller may see and the other person may not.
error of_other(error why) {
  if (why.code == errc::not_found) {
    return {
        errc::invalid_argument, "the person can't see that message",
        "Remind of a message of a channel that both are in.", "message_id"
    };
  }
  return why;
}

result<void> check_wish(const reminder_wish& wish, bool is_for_himself) {
  if (wish.text.empty() && !wish.message_id) {
    return error{errc::invalid_argument, "text is missing", "Give a text, a message_id or both.", "text"};
  }
  if (wish.channel_id && !is_for_himself) {
    return error{
        errc::invalid_argument, "profile_id and channel_id exclude each other", "Send one of them.", "channel_id"
    };
  }
  return {};
}

made_reminder made_of(written<reminder> changed, std::optional<understanding> understood) {
  return {std::move(changed.value), std::move(understood), false, changed.position};
}

}  // namespace

log_position reminder_service::least_of(const identity::principal& who, log_position told) const {
  return std::max(told, seen_.of(who.profile_id));
}

template <class T>
result<written<T>> reminder_service::remembered(const identity::principal& who, result<written<T>> done) {
  if (done) {
    seen_.keep(who.profile_id, done->position);
  }
  return done;
}

result<void> reminder_service::check_time(timestamp at, const char* field) const {
  const auto today = now();
  if (at <= today) {
    return error{
        errc::invalid_argument, fmt::format("{} is past", field), "Accepted: a time to come, within five years.", field
    };
  }
  if (at > today + settings_.horizon) {
    return error{
        errc::invalid_argument, fmt::format("{} is too far away", field), "Accepted: a time within five years.", field
    };
  }
  return {};
}

// A time zone that was chosen must be known; the person's own may be one that this machine does not know.
task<std::string> reminder_service::zone_of(
    identity::principal who, const std::optional<std::string>& chosen, deadline until
) {
  if (chosen) {
    MERIDIAN_CO_CHECK(check_time_zone(*chosen));
    co_return *chosen;
  }
  MERIDIAN_CO_TRY(auto own, co_await others_.time_zone_of(who, until));
  co_return check_time_zone(own) ? own : std::string("UTC");
}

result<planned_time> reminder_service::planned(const time_wish& wish, const std::string& time_zone) const {
  MERIDIAN_TRY(auto time, plan_time(wish, time_zone, now()));
  MERIDIAN_CHECK(check_time(time.at, wish.when ? "when" : "at"));
  return time;
}

task<void> reminder_service::check_others(
    identity::principal who, const reminder_wish& wish, new_reminder& made, deadline until
) {
  if (made.profile_id != who.profile_id) {
    MERIDIAN_CO_CHECK(co_await others_.check_colleague(who, made.profile_id, until));
  }
  if (wish.channel_id) {
    MERIDIAN_CO_CHECK(co_await others_.check_channel(who, *wish.channel_id, until));
  }
  if (wish.message_id) {
    MERIDIAN_CO_TRY(made.place, co_await others_.find_message(*wish.message_id, who.profile_id, until));
    if (made.profile_id != who.profile_id) {
      const auto seen = co_await others_.find_message(*wish.message_id, made.profile_id, until);
      if (!seen) {
        co_return of_other(seen.error());
      }
    }
  }
  co_return result<void>();
}

task<made_reminder> reminder_service::create(identity::principal who, reminder_wish wish, deadline until) {
  new_reminder made;
  made.created_by = who.profile_id;
  made.profile_id = wish.profile_id.value_or(who.profile_id);
  MERIDIAN_CO_CHECK(check_wish(wish, made.profile_id == who.profile_id));
  if (wish.time.when || wish.time.recurrence || wish.time_zone) {
    MERIDIAN_CO_TRY(made.time_zone, co_await zone_of(who, wish.time_zone, until));
  }
  MERIDIAN_CO_TRY(auto time, plan_time(wish.time, made.time_zone.value_or("UTC"), now()));
  // A repeat may come when the time has passed: it makes nothing new, but is answered.
  const auto timely = check_time(time.at, wish.time.when ? "when" : "at");
  if (!timely && !wish.creation_key) {
    co_return timely.error();
  }
  MERIDIAN_CO_CHECK(co_await check_others(who, wish, made, until));
  made.message_id = wish.message_id;
  made.channel_id = wish.channel_id;
  made.text = std::move(wish.text);
  made.notify_at = time.at;
  made.recurrence = std::move(time.recurrence);
  made.recurs_from = time.recurs_from;
  for (int tried = 1;; ++tried) {
    const auto id = ids_.next(settings_.region_number);
    // Without a key of the client's, one that no client can send: so that a statement whose answer was lost can be sent
    // again.
    made.creation_key = wish.creation_key ? *wish.creation_key : fmt::format(" {}", id);
    auto done = co_await store_.create(id, made, timely ? settings_.open_max : 0, until);
    if (!done && done.error().code == errc::conflict && tried < id_tries) {
      continue;  // another process made the same id in the same millisecond
    }
    MERIDIAN_CO_TRY(auto stored, remembered(who, std::move(done)));
    if (!stored.value && !timely) {
      co_return timely.error();
    }
    if (!stored.value) {
      co_return error{
          errc::conflict, fmt::format("you have {} open reminders", settings_.open_max),
          "Complete or delete some of them."
      };
    }
    const bool is_repeat = stored.value->id != id;
    co_return made_reminder{std::move(*stored.value), std::move(time.understood), is_repeat, stored.position};
  }
}

task<read_result<reminder>> reminder_service::get(
    identity::principal who, std::int64_t id, log_position least, deadline until
) {
  MERIDIAN_CO_TRY(auto found, co_await store_.find(id, who.profile_id, least_of(who, least), until));
  if (!found.value) {
    co_return not_found();
  }
  co_return read_result<reminder>{std::move(*found.value), std::move(found.from)};
}

task<read_result<reminder_page>> reminder_service::list(
    identity::principal who, list_part part, log_position least, deadline until
) {
  return store_.list(who.profile_id, std::move(part), least_of(who, least), until);
}

task<made_reminder> reminder_service::update(
    identity::principal who, std::int64_t id, reminder_edit wish, deadline until
) {
  if (wish.time.has_time() || wish.time.recurrence || wish.time_zone) {
    // Without a version of the client's, somebody else's change in between is no reason to refuse.
    for (int tried = 1;; ++tried) {
      auto changed = co_await reschedule(who, id, wish, until);
      if (changed || changed.error().code != errc::stale || wish.expected_version || tried == stale_tries) {
        co_return changed;
      }
    }
  }
  reminder_change change;
  change.text = std::move(wish.text);
  change.expected_version = wish.expected_version;
  MERIDIAN_CO_TRY(auto changed, remembered(who, co_await store_.update(id, who.profile_id, std::move(change), until)));
  co_return made_of(std::move(changed), std::nullopt);
}

// Time, zone and rule depend on each other, so the new ones are made out of those that it has.
task<made_reminder> reminder_service::reschedule(
    identity::principal who, std::int64_t id, reminder_edit wish, deadline until
) {
  MERIDIAN_CO_TRY(const auto found, co_await get(who, id, 0, until));
  const auto& now_is = found.value;
  reminder_change change;
  const auto& zone = wish.time_zone ? wish.time_zone : now_is.time_zone;
  MERIDIAN_CO_TRY(change.time_zone, co_await zone_of(who, zone, until));
  auto time = wish.time;
  const bool ends = time.recurrence && time.recurrence->empty();
  if (ends) {
    time.recurrence.reset();
  } else if (!time.recurrence && !time.when) {  // a phrase says it all
    time.recurrence = now_is.recurrence;
  }
  if (time.recurrence && now_is.series_id) {
    co_return error{
        errc::invalid_argument, "an occurrence of a series does not recur itself", "Change the series.", "recurrence"
    };
  }
  std::optional<understanding> understood;
  if (time.has_time() || time.recurrence) {
    if (!time.has_time()) {
      time.at = now_is.notify_at;
    }
    MERIDIAN_CO_TRY(auto planned_one, planned(time, *change.time_zone));
    change.notify_at = planned_one.at;
    change.recurrence = planned_one.recurrence.value_or("");
    change.recurs_from = planned_one.recurs_from;
    understood = std::move(planned_one.understood);
  } else if (ends) {
    change.recurrence = "";
  }
  change.text = std::move(wish.text);
  change.expected_version = wish.expected_version ? wish.expected_version : std::optional(now_is.version);
  MERIDIAN_CO_TRY(auto changed, remembered(who, co_await store_.update(id, who.profile_id, std::move(change), until)));
  co_return made_of(std::move(changed), std::move(understood));
}

task<written<std::int64_t>> reminder_service::remove(identity::principal who, std::int64_t id, deadline until) {
  co_return remembered(who, co_await store_.remove(id, who.profile_id, until));
}

task<made_reminder> reminder_service::snooze(
    identity::principal who, std::int64_t id, snooze_wish wish, deadline until
) {
  planned_time time;
  if (wish.at) {
    time.at = *wish.at;
  } else {
    MERIDIAN_CO_TRY(const auto zone, co_await zone_of(who, std::nullopt, until));
    MERIDIAN_CO_TRY(time, plan_snooze(wish.choice, zone, now()));
  }
  MERIDIAN_CO_CHECK(check_time(time.at, wish.at ? "at" : "until"));
  MERIDIAN_CO_TRY(auto changed, remembered(who, co_await store_.snooze(id, who.profile_id, time.at, until)));
  co_return made_of(std::move(changed), std::move(time.understood));
}

task<written<reminder>> reminder_service::complete(identity::principal who, std::int64_t id, deadline until) {
  co_return remembered(who, co_await store_.complete(id, who.profile_id, until));
}

}  // namespace meridian::reminders
