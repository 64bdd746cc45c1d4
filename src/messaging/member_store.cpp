#include "messaging/member_store.hpp"

#include "messaging/pages.hpp"
#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"

namespace meridian::messaging {
namespace {

member member_of(const pg::row& row, int first_column) {
  member one;
  one.profile_id = row.get<std::int64_t>(first_column);
  one.role = find_role(row.get<std::string_view>(first_column + 1)).value();
  one.joined_at = row.get<timestamp>(first_column + 2);
  return one;
}

}  // namespace

result<page<member>> page_of_members(const pg::rows& rows, std::size_t limit) {
  if (rows.empty()) {
    return not_found();
  }
  std::vector<member> members;
  for (const auto row : rows) {
    if (!row.is_null(0)) {
      members.push_back(member_of(row, 0));
    }
  }
  return cut(std::move(members), limit, [](const member& one) { return one.profile_id; });
}

task<page<member>> member_store::list(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, page_of_ids part, deadline until
) {
  pg::arguments with(workspace_id, caller_id, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::list_members, std::move(with), until));
  co_return page_of_members(rows, part.limit);
}

task<member_store::people> member_store::list_people(
    std::vector<std::int64_t> profile_ids, std::optional<std::string> name_part, deadline until
) {
  pg::arguments with(profile_ids, name_part);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::list_people, std::move(with), until));
  people known;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      person one;
      one.id = row.get<std::int64_t>(0);
      one.full_name = row.get<std::string>(1);
      one.title = row.get<std::string>(2);
      one.time_zone = row.get<std::string>(3);
      one.home = answer.where;
      known.by_id.emplace(one.id, std::move(one));
    }
  }
  known.missing_regions = residency::names_of(found.missing);
  co_return known;
}

task<member> member_store::update(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::int64_t profile_id,
    role wanted, deadline until
) {
  pg::arguments with(workspace_id, caller_id, profile_id, to_string(wanted));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::update_member, std::move(with), until));
  if (const auto verdict = rows[0].get<std::string_view>(0); !is_granted(verdict)) {
    co_return refusal_of(verdict);
  }
  co_return member_of(rows[0], 1);
}

task<member_store::removal> member_store::remove(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::int64_t profile_id,
    deadline until
) {
  pg::arguments with(workspace_id, caller_id, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::remove_member, std::move(with), until));
  const auto verdict = rows[0].get<std::string_view>(0);
  if (!is_granted(verdict)) {
    co_return refusal_of(verdict);
  }
  removal done;
  done.is_new = verdict == "new";
  done.channel_ids = rows[0].get<std::vector<std::int64_t>>(1);
  co_return done;
}

}  // namespace meridian::messaging
