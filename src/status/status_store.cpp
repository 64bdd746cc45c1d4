#include "status/status_store.hpp"

#include <fmt/core.h>

#include "status/queries.hpp"

namespace meridian::status {
namespace {

constexpr int setting_columns = 8;  // of every statement that answers settings; the last one is the cluster's clock

setting setting_of(pg::row found) {
  setting stored;
  stored.profile_id = found.get<std::int64_t>(0);
  stored.word = found.get<std::optional<std::string>>(1);
  stored.text = found.get<std::string>(2);
  stored.emoji = found.get<std::string>(3);
  stored.set_at = found.get<timestamp>(4);
  stored.expires_at = found.get<std::optional<timestamp>>(5);
  stored.paused_until = found.get<std::optional<timestamp>>(6);
  return seen_at(std::move(stored), found.get<timestamp>(setting_columns - 1));
}

std::vector<setting> settings_of(const pg::rows& found) {
  std::vector<setting> all;
  all.reserve(static_cast<std::size_t>(found.size()));
  for (const auto row : found) {
    all.push_back(setting_of(row));
  }
  return all;
}

contender contender_of(pg::row found, int first_column, std::string cluster_name) {
  contender side;
  side.cluster = std::move(cluster_name);
  side.word = found.get<std::optional<std::string>>(first_column);
  side.text = found.get<std::string>(first_column + 1);
  side.emoji = found.get<std::string>(first_column + 2);
  side.set_at = found.get<timestamp>(first_column + 3);
  return side;
}

}  // namespace

task<told<setting>> status_store::set(std::int64_t profile_id, wish what, deadline until) {
  const auto& when = what.until;
  pg::arguments with(
      profile_id, what.word, what.text, what.emoji, when.at, when.in_s, when.time_of_day, when.time_zone, what.key
  );
  // Another one with the same key at the same time is found by the second try.
  for (int tried = 0; tried < 3; ++tried) {
    auto found = co_await clusters_.write(queries::set_status, with, until);
    if (!found) {
      const bool is_zone = found.error().code == errc::invalid_argument && when.time_of_day;
      const error unknown{
          errc::invalid_argument, "time_zone is not a time zone", "Accepted: names as Europe/Berlin.", "time_zone"
      };
      co_return is_zone ? unknown : found.error();
    }
    if (!found->rows.empty()) {
      co_return told<setting>{setting_of(found->rows[0]), found->from};
    }
  }
  co_return error{errc::conflict, "another request with this key is under way", "Send it again."};
}

task<told<std::vector<setting>>> status_store::get(std::vector<std::int64_t> profile_ids, deadline until) {
  pg::arguments with(profile_ids);
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.read(queries::get_statuses, std::move(with), until));
  co_return told<std::vector<setting>>{settings_of(found.rows), found.from};
}

task<told<setting>> status_store::pause(std::int64_t profile_id, ending until_when, deadline until) {
  pg::arguments with(profile_id, until_when.at, until_when.in_s);
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.write(queries::pause_notifications, std::move(with), until));
  if (found.rows.empty()) {
    co_return error{errc::conflict, "another request about this pause is under way", "Send it again."};
  }
  co_return told<setting>{setting_of(found.rows[0]), found.from};
}

task<told<std::optional<setting>>> status_store::resume(std::int64_t profile_id, deadline until) {
  pg::arguments with(profile_id);
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.write(queries::resume_notifications, std::move(with), until));
  told<std::optional<setting>> outcome;
  outcome.from = found.from;
  if (!found.rows.empty()) {
    outcome.what = setting_of(found.rows[0]);
  }
  co_return outcome;
}

// A number that this topology does not know is told as it is.
std::string status_store::name_of(int number) const {
  const auto* known = clusters_.find(number);
  return known == nullptr ? fmt::format("{}", number) : known->name;
}

conflict status_store::conflict_of(pg::row found) const {
  conflict one;
  one.id = found.get<std::int64_t>(0);
  one.profile_id = found.get<std::int64_t>(1);
  one.detected_at = found.get<timestamp>(2);
  one.winner = contender_of(found, 4, name_of(found.get<std::int32_t>(3)));
  one.loser = contender_of(found, 9, name_of(found.get<std::int32_t>(8)));
  return one;
}

task<told<conflict_page>> status_store::list_conflicts(
    std::vector<std::int64_t> profile_ids, std::int64_t before, std::size_t limit, deadline until
) {
  pg::arguments with(profile_ids, before, static_cast<std::int64_t>(limit) + 1);
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.read(queries::list_conflicts, std::move(with), until));
  told<conflict_page> page;
  page.from = found.from;
  for (const auto row : found.rows) {
    if (page.what.rows.size() == limit) {
      page.what.next_before = page.what.rows.back().id;
      break;
    }
    page.what.rows.push_back(conflict_of(row));
  }
  co_return page;
}

task<horizon> status_store::get_horizon(const cluster& at, deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.run_at(at, queries::get_horizon, std::move(none), until));
  horizon now;
  now.arrival = found[0].get<std::int64_t>(0);
  now.clock = found[0].get<timestamp>(1);
  co_return now;
}

task<change_page> status_store::list_changes(const cluster& at, horizon behind, std::size_t limit, deadline until) {
  pg::arguments with(behind.arrival, behind.arrived_id, static_cast<std::int64_t>(limit));
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.run_at(at, queries::list_changes, std::move(with), until));
  change_page page;
  page.rows = settings_of(found);
  if (!found.empty()) {
    page.last_arrival = found[found.size() - 1].get<std::int64_t>(setting_columns);
  }
  co_return page;
}

task<std::vector<setting>> status_store::list_expired(
    const cluster& at, horizon behind, timestamp up_to, std::size_t limit, deadline until
) {
  pg::arguments with(behind.clock, behind.ended_id, up_to, static_cast<std::int64_t>(limit));
  MERIDIAN_CO_TRY(const auto found, co_await clusters_.run_at(at, queries::list_expired, std::move(with), until));
  co_return settings_of(found);
}

}  // namespace meridian::status
