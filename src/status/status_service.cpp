#include "status/status_service.hpp"

#include <algorithm>
#include <unordered_map>

namespace meridian::status {
namespace {

using namespace std::chrono_literals;

// Statuses are worth no longer wait.
constexpr auto time_max = 4s;

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

timestamp now() {
  return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

setting none_of(std::int64_t profile_id) {
  setting none;
  none.profile_id = profile_id;
  return none;
}

}  // namespace

result<void> check_ending(const ending& given, timestamp now) {
  if (!given.at) {
    return {};
  }
  if (*given.at <= now) {
    return error{errc::invalid_argument, "expires_at is over", "Accepted: a time to come.", "expires_at"};
  }
  if (*given.at > now + duration_max) {
    return error{errc::invalid_argument, "expires_at is too far away", "Accepted: at most 366 days.", "expires_at"};
  }
  return {};
}

// Who asks for somebody else's is told as little as who asks for nobody's.
task<void> status_service::access_own(identity::principal who, std::int64_t profile_id, deadline until) {
  if (profile_id == who.profile_id) {
    co_return result<void>();
  }
  MERIDIAN_CO_TRY(const bool is_own, co_await people_.is_own(who, profile_id, until));
  co_return is_own ? result<void>() : not_found();
}

task<told<setting>> status_service::set(identity::principal who, std::int64_t profile_id, wish what, deadline until) {
  until = until.sooner(time_max);
  MERIDIAN_CO_CHECK(check_ending(what.until, now()));
  MERIDIAN_CO_CHECK(co_await access_own(who, profile_id, until));
  auto outcome = co_await store_.set(profile_id, std::move(what), until);
  if (outcome) {
    tell_.announce(outcome->what);
  }
  co_return outcome;
}

task<told<setting>> status_service::clear(identity::principal who, std::int64_t profile_id, deadline until) {
  wish nothing;
  co_return co_await set(who, profile_id, std::move(nothing), until);
}

task<setting_list> status_service::get_in_order(std::vector<std::int64_t> profile_ids, deadline until) {
  setting_list list;
  if (profile_ids.empty()) {
    co_return list;
  }
  MERIDIAN_CO_TRY(auto found, co_await store_.get(profile_ids, until));
  std::unordered_map<std::int64_t, setting*> stored;
  for (auto& one : found.what) {
    stored.emplace(one.profile_id, &one);
  }
  for (const auto id : profile_ids) {
    const auto known = stored.find(id);
    list.rows.push_back(known == stored.end() ? none_of(id) : *known->second);
  }
  list.from = found.from;
  co_return list;
}

task<told<setting>> status_service::get(identity::principal who, std::int64_t profile_id, deadline until) {
  until = until.sooner(time_max);
  if (profile_id != who.profile_id) {
    std::vector<std::int64_t> ids{profile_id};
    MERIDIAN_CO_TRY(const auto seen, co_await people_.filter(who, std::move(ids), until));
    const bool is_seen = std::ranges::find(seen.ids, profile_id) != seen.ids.end();
    if (!is_seen && !seen.missing_regions.empty()) {
      co_return error{
          errc::unavailable, "the region " + seen.missing_regions + " does not answer",
          "It may know that you share a workspace."
      };
    }
    if (!is_seen) {
      co_return not_found();
    }
  }
  std::vector<std::int64_t> ids{profile_id};
  MERIDIAN_CO_TRY(auto list, co_await get_in_order(std::move(ids), until));
  co_return told<setting>{std::move(list.rows.front()), list.from};
}

task<setting_list> status_service::list(
    identity::principal who, std::vector<std::int64_t> profile_ids, deadline until
) {
  until = until.sooner(time_max);
  MERIDIAN_CO_TRY(auto seen, co_await people_.filter(who, profile_ids, until));
  std::ranges::sort(seen.ids);
  std::vector<std::int64_t> asked;
  for (const auto id : profile_ids) {
    if (std::ranges::binary_search(seen.ids, id) && std::ranges::find(asked, id) == asked.end()) {
      asked.push_back(id);
    }
  }
  MERIDIAN_CO_TRY(auto list, co_await get_in_order(std::move(asked), until));
  list.missing_regions = std::move(seen.missing_regions);
  co_return list;
}

task<channel_page> status_service::list_of_channel(
    identity::principal who, std::int64_t channel_id, std::int64_t behind, std::size_t limit, deadline until
) {
  MERIDIAN_CO_TRY(auto members, co_await members_.list(who, channel_id, behind, limit, until));
  channel_page page;
  page.next_behind = members.next_behind;
  MERIDIAN_CO_TRY(page.list, co_await get_in_order(std::move(members.profile_ids), until.sooner(time_max)));
  co_return page;
}

task<told<conflict_page>> status_service::list_conflicts(
    identity::principal who, std::int64_t before, std::size_t limit, deadline until
) {
  until = until.sooner(time_max);
  MERIDIAN_CO_TRY(auto seen, co_await people_.list(who, until));
  co_return co_await store_.list_conflicts(std::move(seen.ids), before, limit, until);
}

task<told<setting>> status_service::pause(
    identity::principal who, std::int64_t profile_id, ending until_when, deadline until
) {
  until = until.sooner(time_max);
  MERIDIAN_CO_CHECK(check_ending(until_when, now()));
  MERIDIAN_CO_CHECK(co_await access_own(who, profile_id, until));
  auto outcome = co_await store_.pause(profile_id, std::move(until_when), until);
  if (outcome) {
    tell_.announce(outcome->what);
  }
  co_return outcome;
}

task<told<std::optional<setting>>> status_service::resume(
    identity::principal who, std::int64_t profile_id, deadline until
) {
  until = until.sooner(time_max);
  MERIDIAN_CO_CHECK(co_await access_own(who, profile_id, until));
  auto outcome = co_await store_.resume(profile_id, until);
  if (outcome && outcome->what) {
    tell_.announce(*outcome->what);
  }
  co_return outcome;
}

}  // namespace meridian::status
