#include "reminders/reminder_store.hpp"

#include "reminders/queries.hpp"

namespace meridian::reminders {
namespace {

constexpr int columns = 20;  // of a reminder
constexpr std::int64_t forgotten_max = 1000;

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

reminder reminder_of(const pg::row& row) {
  reminder made;
  made.id = row.get<std::int64_t>(0);
  made.profile_id = row.get<std::int64_t>(1);
  made.created_by = row.get<std::optional<std::int64_t>>(2).value_or(made.profile_id);
  made.message_id = row.get<std::optional<std::int64_t>>(3);
  made.message_channel_id = row.get<std::optional<std::int64_t>>(4);
  made.message_region = row.get<std::optional<std::string>>(5);
  made.channel_id = row.get<std::optional<std::int64_t>>(6);
  made.text = row.get<std::string>(7);
  made.notify_at = row.get<timestamp>(8);
  made.time_zone = row.get<std::optional<std::string>>(9);
  made.recurrence = row.get<std::optional<std::string>>(10);
  made.recurs_from = row.get<std::optional<timestamp>>(11);
  made.series_id = row.get<std::optional<std::int64_t>>(12);
  made.occurs_at = row.get<std::optional<timestamp>>(13);
  made.state = find_state(row.get<std::string_view>(14)).value_or(reminder_state::scheduled);
  made.is_late = row.get<bool>(15);
  made.version = row.get<std::int64_t>(16);
  made.created_at = row.get<timestamp>(17);
  made.due_at = row.get<std::optional<timestamp>>(18);
  made.completed_at = row.get<std::optional<timestamp>>(19);
  return made;
}

double seconds_of(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::vector<claimed> claimed_of(const written<pg::rows>& found) {
  std::vector<claimed> all;
  for (const auto row : found.value) {
    all.push_back({reminder_of(row), row.get<timestamp>(columns), found.position});
  }
  return all;
}

}  // namespace

task<written<std::optional<reminder>>> reminder_store::create(
    std::int64_t id, new_reminder wish, std::size_t open_max, deadline until
) {
  std::optional<std::int64_t> channel;
  std::optional<std::string> region;
  if (wish.place) {
    channel = wish.place->channel_id;
    region = wish.place->region;
  }
  pg::arguments with(
      id, wish.profile_id, wish.created_by, wish.creation_key, wish.message_id, channel, region, wish.channel_id,
      wish.text, wish.notify_at, wish.time_zone, wish.recurrence, wish.recurs_from, static_cast<std::int64_t>(open_max)
  );
  MERIDIAN_CO_TRY(auto made, co_await nodes_.write(queries::create_reminder, std::move(with), until));
  written<std::optional<reminder>> answer{std::nullopt, made.position};
  if (!made.value.empty()) {
    answer.value = reminder_of(made.value[0]);
  }
  co_return answer;
}

task<read_result<std::optional<reminder>>> reminder_store::find(
    std::int64_t id, std::int64_t reader_id, log_position least, deadline until
) {
  pg::arguments with(id, reader_id);
  MERIDIAN_CO_TRY(auto found, co_await nodes_.read(queries::get_reminder, std::move(with), least, until));
  read_result<std::optional<reminder>> answer{std::nullopt, std::move(found.from)};
  if (!found.value.empty()) {
    answer.value = reminder_of(found.value[0]);
  }
  co_return answer;
}

task<read_result<reminder_page>> reminder_store::list(
    std::int64_t reader_id, list_part part, log_position least, deadline until
) {
  std::vector<std::string_view> states;
  for (const auto state : part.states) {
    states.push_back(to_string(state));
  }
  // One more tells whether there are more.
  pg::arguments with(reader_id, states, part.behind_at, part.behind_id, static_cast<std::int64_t>(part.limit) + 1);
  const auto& which = part.made_for_others ? queries::list_made_reminders : queries::list_reminders;
  MERIDIAN_CO_TRY(auto found, co_await nodes_.read(which, std::move(with), least, until));
  read_result<reminder_page> answer{{}, std::move(found.from)};
  for (const auto row : found.value) {
    answer.value.items.push_back(reminder_of(row));
  }
  answer.value.has_more = answer.value.items.size() > part.limit;
  if (answer.value.has_more) {
    answer.value.items.pop_back();
  }
  co_return answer;
}

// The last column tells whether the row was left as it is.
task<written<reminder>> reminder_store::one_changed(
    const pg::query& what, pg::arguments with, error when_refused, deadline until
) {
  MERIDIAN_CO_TRY(auto changed, co_await nodes_.write(what, std::move(with), until));
  if (changed.value.empty()) {
    co_return not_found();
  }
  if (changed.value.columns() > columns) {
    const bool is_refused = changed.value[0].get<bool>(columns);
    if (is_refused) {
      co_return when_refused;
    }
  }
  co_return written<reminder>{reminder_of(changed.value[0]), changed.position};
}

task<written<reminder>> reminder_store::update(
    std::int64_t id, std::int64_t who, reminder_change change, deadline until
) {
  error stale{errc::stale, "the reminder has changed since you read it", "Read it again and look at the change."};
  return changed_by(id, who, std::move(change), false, std::move(stale), until);
}

task<written<reminder>> reminder_store::snooze(std::int64_t id, std::int64_t who, timestamp notify_at, deadline until) {
  reminder_change later;
  later.notify_at = notify_at;
  error series{
      errc::conflict, "this reminder recurs: its occurrences can be snoozed, one by one", "Change its time instead."
  };
  return changed_by(id, who, std::move(later), true, std::move(series), until);
}

task<written<reminder>> reminder_store::changed_by(
    std::int64_t id, std::int64_t who, reminder_change change, bool is_snooze, error when_refused, deadline until
) {
  pg::arguments with(
      id, who, change.expected_version, change.text, change.notify_at, change.time_zone, change.recurrence,
      change.recurs_from, is_snooze
  );
  co_return co_await one_changed(queries::update_reminder, std::move(with), std::move(when_refused), until);
}

task<written<reminder>> reminder_store::complete(std::int64_t id, std::int64_t who, deadline until) {
  pg::arguments with(id, who);
  co_return co_await one_changed(queries::complete_reminder, std::move(with), not_found(), until);
}

task<written<std::int64_t>> reminder_store::remove(std::int64_t id, std::int64_t who, deadline until) {
  pg::arguments with(id, who);
  MERIDIAN_CO_TRY(auto gone, co_await nodes_.write(queries::remove_reminder, std::move(with), until));
  if (gone.value.empty()) {
    co_return not_found();
  }
  co_return written<std::int64_t>{id, gone.position};
}

task<std::vector<claimed>> reminder_store::claim(claim_terms terms, deadline until) {
  pg::arguments with(static_cast<std::int64_t>(terms.count_max), seconds_of(terms.lease), seconds_of(terms.late_after));
  MERIDIAN_CO_TRY(const auto found, co_await nodes_.schedule(queries::claim_due, std::move(with), until));
  co_return claimed_of(found);
}

task<std::vector<claimed>> reminder_store::fire(std::vector<firing> series, timestamp lease, deadline until) {
  std::vector<std::int64_t> ids;
  std::vector<std::optional<timestamp>> next;
  std::vector<std::int64_t> occurrence_ids;
  for (const auto& one : series) {
    ids.push_back(one.series_id);
    next.push_back(one.next_at);
    occurrence_ids.push_back(one.occurrence_id);
  }
  pg::arguments with(ids, next, occurrence_ids, lease);
  MERIDIAN_CO_TRY(const auto fired, co_await nodes_.schedule(queries::fire_series, std::move(with), until));
  co_return claimed_of(fired);
}

task<void> reminder_store::confirm(std::vector<confirmation> announced, timestamp lease, deadline until) {
  std::vector<std::int64_t> ids;
  std::vector<bool> over;
  for (const auto& one : announced) {
    ids.push_back(one.id);
    over.push_back(one.is_over);
  }
  pg::arguments with(ids, over, lease);
  MERIDIAN_CO_CHECK(co_await nodes_.schedule(queries::confirm_due, std::move(with), until));
  co_return result<void>();
}

task<std::string> reminder_store::beat(deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(const auto told, co_await nodes_.schedule(queries::beat, std::move(none), until));
  co_return told.value.empty() ? std::string() : nodes_.region_of_node(told.value[0].get<std::string>(0));
}

task<void> reminder_store::forget(deadline until) {
  pg::arguments with(forgotten_max);
  MERIDIAN_CO_CHECK(co_await nodes_.schedule(queries::forget_deleted, std::move(with), until));
  co_return result<void>();
}

}  // namespace meridian::reminders
