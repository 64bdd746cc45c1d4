#include "profile/profile_store.hpp"

#include <algorithm>
#include <tuple>

#include "profile/queries.hpp"

namespace meridian::profile {
namespace {

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

// A pattern for LIKE that finds the text anywhere, whatever it holds.
std::optional<std::string> pattern_of(const std::optional<std::string>& text) {
  if (!text) {
    return std::nullopt;
  }
  std::string pattern = "%";
  for (const char letter : *text) {
    if (letter == '%' || letter == '_' || letter == '\\') {
      pattern += '\\';
    }
    pattern += letter;
  }
  return pattern + "%";
}

}  // namespace

std::vector<std::string> profile_change::field_names() const {
  std::vector<std::string> names;
  const std::pair<const char*, bool> fields[] = {
      {"full_name", full_name.has_value()}, {"title", title.has_value()}, {"time_zone", time_zone.has_value()},
      {"phone", phone.has_value()},         {"email", email.has_value()},
  };
  for (const auto& [name, is_set] : fields) {
    if (is_set) {
      names.emplace_back(name);
    }
  }
  return names;
}

task<identity::person> profile_store::get(const topology::region& home, std::int64_t id, deadline until) {
  pg::arguments with(id);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.run(home, queries::get_profile, std::move(with), until));
  if (found.empty()) {
    co_return not_found();
  }
  co_return identity::person_of(found[0], home);
}

task<bool> profile_store::share_workspace_in(
    const topology::region& where, std::int64_t one_id, std::int64_t other_id, deadline until
) {
  pg::arguments with(one_id, other_id);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.run(where, queries::share_workspace, std::move(with), until));
  co_return !found.empty();
}

task<bool> profile_store::share_workspace(std::int64_t one_id, std::int64_t other_id, deadline until) {
  pg::arguments with(one_id, other_id);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::share_workspace, std::move(with), until));
  const bool shares =
      std::ranges::any_of(found.answers, [](const residency::region_answer& one) { return !one.rows.empty(); });
  if (!shares && !found.missing.empty()) {
    co_return found.missing.front().why;
  }
  co_return shares;
}

task<partial<identity::person>> profile_store::list_own(std::int64_t main_profile_id, deadline until) {
  pg::arguments with(main_profile_id);
  MERIDIAN_CO_TRY(auto found, co_await regions_.ask_all(queries::list_own_profiles, std::move(with), until));
  partial<identity::person> all;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      all.items.push_back(identity::person_of(row, *answer.where));
    }
  }
  std::ranges::sort(all.items, {}, &identity::person::id);
  all.missing = std::move(found.missing);
  co_return all;
}

task<partial<std::int64_t>> profile_store::list_colleague_ids(
    std::int64_t profile_id, std::size_t count_max, deadline until
) {
  pg::arguments with(profile_id, static_cast<std::int64_t>(count_max));
  MERIDIAN_CO_TRY(auto found, co_await regions_.ask_all(queries::list_colleague_ids, std::move(with), until));
  partial<std::int64_t> all;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      all.items.push_back(row.get<std::int64_t>(0));
    }
  }
  std::ranges::sort(all.items);
  const auto repeated = std::ranges::unique(all.items);
  all.items.erase(repeated.begin(), repeated.end());
  all.missing = std::move(found.missing);
  co_return all;
}

task<std::vector<std::int64_t>> profile_store::filter_colleagues_in(
    const topology::region& where, std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until
) {
  pg::arguments with(profile_id, ids);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.run(where, queries::filter_colleagues, std::move(with), until));
  std::vector<std::int64_t> colleagues;
  for (const auto row : found) {
    colleagues.push_back(row.get<std::int64_t>(0));
  }
  co_return colleagues;
}

task<partial<std::int64_t>> profile_store::filter_colleagues(
    std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until
) {
  pg::arguments with(profile_id, ids);
  MERIDIAN_CO_TRY(auto found, co_await regions_.ask_all(queries::filter_colleagues, std::move(with), until));
  partial<std::int64_t> all;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      all.items.push_back(row.get<std::int64_t>(0));
    }
  }
  all.missing = std::move(found.missing);
  co_return all;
}

task<partial<profile_hit>> profile_store::search(std::vector<std::int64_t> ids, profile_search wanted, deadline until) {
  pg::arguments with(
      ids, pattern_of(wanted.words), pattern_of(wanted.title), wanted.time_zone, wanted.behind_name, wanted.behind_id,
      static_cast<std::int64_t>(wanted.limit)
  );
  MERIDIAN_CO_TRY(auto found, co_await regions_.ask_all(queries::search_profiles, std::move(with), until));
  partial<profile_hit> hits;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      profile_hit hit;
      hit.it = identity::person_of(row, *answer.where);
      hit.sorted_by = row.get<std::string>(identity::person_columns);
      hits.items.push_back(std::move(hit));
    }
  }
  std::ranges::sort(hits.items, [](const profile_hit& left, const profile_hit& right) {
    return std::tie(left.sorted_by, left.it.id) < std::tie(right.sorted_by, right.it.id);
  });
  hits.missing = std::move(found.missing);
  co_return hits;
}

task<identity::person> profile_store::update(
    const topology::region& home, std::int64_t id, identity::principal who, profile_change change, deadline until
) {
  std::optional<pg::bytes> digest;
  if (change.email_digest) {
    digest.emplace();
    digest->octets = *change.email_digest;
  }
  pg::arguments with(
      id, who.main_profile_id, who.profile_id, change.full_name, change.title, change.time_zone, change.phone,
      change.email, digest, change.expected_version, change.field_names()
  );
  MERIDIAN_CO_TRY(const auto found, co_await regions_.run(home, queries::update_profile, std::move(with), until));
  if (found.empty()) {
    co_return not_found();
  }
  if (found[0].get<bool>(identity::person_columns)) {
    co_return error{errc::stale, "the profile has changed since you read it", "Read it again and look at the change."};
  }
  co_return identity::person_of(found[0], home);
}

task<std::string> profile_store::get_email_digest(const topology::region& home, std::int64_t id, deadline until) {
  pg::arguments with(id);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.run(home, queries::get_email_digest, std::move(with), until));
  if (found.empty() || found[0].is_null(0)) {
    co_return std::string();
  }
  co_return found[0].get<pg::bytes>(0).octets;
}

}  // namespace meridian::profile
