#include "realtime/place_store.hpp"

#include <algorithm>
#include <set>

#include "messaging/queries.hpp"
#include "realtime/queries.hpp"

namespace meridian::realtime {
namespace {

place place_of(const pg::row& row, const topology::region& home) {
  place one;
  one.channel_id = row.get<std::int64_t>(0);
  one.workspace_id = row.get<std::int64_t>(1);
  one.last_seq = row.get<std::int64_t>(2);
  one.change_seq = row.get<std::int64_t>(3);
  one.read_seq = row.get<std::int64_t>(4);
  one.version = row.get<std::int64_t>(5);
  one.is_member = row.get<bool>(6);
  one.home = &home;
  return one;
}

pg::arguments arguments_of(const std::vector<pair_of_ids>& pairs) {
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  for (const auto& [left, right] : pairs) {
    first.push_back(left);
    second.push_back(right);
  }
  return pg::arguments(first, second);
}

}  // namespace

place_store::place_store(residency::regions& where)
    : regions_(where), channels_(where, messaging::queries::find_channel) {}

task<places> place_store::list(
    std::int64_t profile_id, std::vector<const topology::region*> where, std::size_t count_max, deadline until
) {
  places found;
  std::vector<task<void>> questions;
  for (const auto* home : where) {
    questions.push_back(list_in(*home, profile_id, count_max, until, found));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(questions)));
  std::ranges::sort(found.found, [](const place& left, const place& right) {
    return std::pair(left.home->number, left.channel_id) < std::pair(right.home->number, right.channel_id);
  });
  co_return found;
}

// In pages, so that one person with thousands of channels does not make one long answer. Always succeeds.
task<void> place_store::list_in(
    const topology::region& home, std::int64_t profile_id, std::size_t count_max, deadline until, places& so_far
) {
  constexpr std::size_t page_size = 500;
  std::vector<place> found;
  while (true) {
    const auto behind = found.empty() ? std::int64_t{0} : found.back().channel_id;
    const auto limit = std::min(page_size, count_max - found.size() + 1);
    pg::arguments with(profile_id, behind, static_cast<std::int64_t>(limit));
    const auto rows = co_await regions_.run(home, queries::list_places, std::move(with), until);
    if (!rows) {
      so_far.missing.push_back(&home);
      co_return result<void>();
    }
    for (const auto row : *rows) {
      found.push_back(place_of(row, home));
    }
    if (found.size() > count_max) {
      found.resize(count_max);
      so_far.is_cut = true;
      break;
    }
    if (static_cast<std::size_t>(rows->size()) < limit) {
      break;
    }
  }
  so_far.found.insert(so_far.found.end(), found.begin(), found.end());
  co_return result<void>();
}

task<place> place_store::find(std::int64_t channel_id, std::int64_t profile_id, deadline until) {
  const auto work = [&](const topology::region& home) { return find_in(home, channel_id, profile_id, until); };
  co_return co_await channels_.at(channel_id, until, work);
}

task<place> place_store::find_in(
    const topology::region& home, std::int64_t channel_id, std::int64_t profile_id, deadline until
) {
  pg::arguments with(channel_id, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::find_place, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::not_found, "there is no such channel, or it is not yours to see", ""};
  }
  co_return place_of(rows[0], home);
}

task<std::vector<counter>> place_store::compare(
    const topology::region& home, std::vector<counter> known, deadline until
) {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> change_seqs;
  std::vector<std::int64_t> versions;
  for (const auto& one : known) {
    ids.push_back(one.channel_id);
    change_seqs.push_back(one.change_seq);
    versions.push_back(one.version);
  }
  pg::arguments with(ids, change_seqs, versions);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::compare_counters, std::move(with), until));
  std::vector<counter> moved;
  for (const auto row : rows) {
    counter one;
    one.channel_id = row.get<std::int64_t>(0);
    one.change_seq = row.get<std::int64_t>(1);
    one.version = row.get<std::int64_t>(2);
    moved.push_back(one);
  }
  co_return moved;
}

task<std::vector<pair_of_ids>> place_store::list_unseen(
    const topology::region& home, std::vector<pair_of_ids> asked, deadline until
) {
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::list_unseen, arguments_of(asked), until));
  std::vector<pair_of_ids> unseen;
  for (const auto row : rows) {
    unseen.emplace_back(row.get<std::int64_t>(0), row.get<std::int64_t>(1));
  }
  co_return unseen;
}

task<std::vector<pair_of_ids>> place_store::list_strangers(std::vector<pair_of_ids> asked, deadline until) {
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::list_shared_pairs, arguments_of(asked), until));
  if (!found.missing.empty()) {
    co_return error{errc::unavailable, "a region does not answer", ""};
  }
  std::set<pair_of_ids> strangers(asked.begin(), asked.end());
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      strangers.erase({row.get<std::int64_t>(0), row.get<std::int64_t>(1)});
    }
  }
  co_return std::vector<pair_of_ids>(strangers.begin(), strangers.end());
}

task<shared_profiles> place_store::list_shared(
    std::int64_t profile_id, std::vector<std::int64_t> others, deadline until
) {
  pg::arguments with(profile_id, others);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::list_shared, std::move(with), until));
  shared_profiles shared;
  shared.is_complete = found.missing.empty();
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      shared.ids.push_back(row.get<std::int64_t>(0));
    }
  }
  std::ranges::sort(shared.ids);
  const auto repeats = std::ranges::unique(shared.ids);
  shared.ids.erase(repeats.begin(), repeats.end());
  co_return shared;
}

}  // namespace meridian::realtime
