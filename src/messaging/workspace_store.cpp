#include "messaging/workspace_store.hpp"

#include "messaging/pages.hpp"
#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"

namespace meridian::messaging {

workspace workspace_of(const pg::row& row, int first_column, const topology::region& home) {
  workspace one;
  one.id = row.get<std::int64_t>(first_column);
  one.name = row.get<std::string>(first_column + 1);
  one.url = row.get<std::string>(first_column + 2);
  one.country = row.get<std::string>(first_column + 3);
  one.version = row.get<std::int64_t>(first_column + 4);
  one.created_by = row.get<std::optional<std::int64_t>>(first_column + 5);
  one.created_at = row.get<timestamp>(first_column + 6);
  one.own_role = find_role(row.get<std::string_view>(first_column + 7)).value();
  one.joined_at = row.get<timestamp>(first_column + 8);
  one.home = &home;
  return one;
}

namespace {

// Of a statement that shows its verdict, and behind it a workspace.
result<made<workspace>> judged_workspace(const pg::rows& rows, const topology::region& home) {
  const auto verdict = rows.empty() ? std::string_view("not_found") : rows[0].get<std::string_view>(0);
  if (!is_granted(verdict)) {
    return refusal_of(verdict);
  }
  return made<workspace>{workspace_of(rows[0], 1, home), verdict == "new"};
}

}  // namespace

task<page<workspace>> workspace_store::list_of(std::int64_t profile_id, page_of_ids part, deadline until) {
  pg::arguments with(profile_id, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::list_workspaces, std::move(with), until));
  const auto read = [](const pg::row& row, const topology::region& home) { return workspace_of(row, 0, home); };
  co_return merged<workspace>(found, part.limit, read);
}

task<workspace> workspace_store::get(
    const topology::region& home, std::int64_t id, std::int64_t profile_id, deadline until
) {
  pg::arguments with(id, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::get_workspace, std::move(with), until));
  if (rows.empty()) {
    co_return not_found();
  }
  co_return workspace_of(rows[0], 0, home);
}

task<workspace> workspace_store::update(
    const topology::region& home, std::int64_t id, std::int64_t profile_id, change what, deadline until
) {
  pg::arguments with(id, profile_id, what.name, what.version);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::update_workspace, std::move(with), until));
  MERIDIAN_CO_TRY(auto changed, judged_workspace(rows, home));
  co_return std::move(changed.row);
}

task<made<workspace>> workspace_store::create(
    const topology::region& home, std::int64_t id, std::int64_t owner_id, new_workspace wish, deadline until
) {
  pg::arguments with(id, wish.name, wish.url, wish.country, owner_id, wish.creation_key);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::create_workspace, std::move(with), until));
  if (rows.empty()) {
    co_return refusal_of("url_taken");
  }
  co_return judged_workspace(rows, home);
}

task<workspace_store::url_search> workspace_store::find_url(std::string key, deadline until) {
  pg::arguments with(key);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::find_url, std::move(with), until));
  url_search search;
  for (const auto& answer : found.answers) {
    if (!answer.rows.empty()) {
      const auto row = answer.rows[0];
      url_holder holder;
      holder.id = row.get<std::int64_t>(0);
      holder.created_by = row.get<std::optional<std::int64_t>>(1);
      holder.creation_key = row.get<std::optional<std::string>>(2);
      holder.home = answer.where;
      search.found = std::move(holder);
    }
  }
  if (!found.missing.empty()) {
    search.missing = found.missing.front().why;
  }
  co_return search;
}

task<workspace_store::url_claim> workspace_store::claim_url(
    std::string digest, const topology::region& home, deadline until
) {
  pg::arguments with(pg::bytes{std::move(digest)}, static_cast<std::int32_t>(home.number));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(regions_.here(), queries::claim_url, std::move(with), until));
  if (rows.empty()) {
    co_return refusal_of("again");
  }
  co_return url_claim{rows[0].get<std::int64_t>(0), rows[0].get<bool>(1), rows[0].get<bool>(2)};
}

task<workspace_store::url_claim> workspace_store::take_over_url(
    std::string digest, std::int64_t holder_id, const topology::region& home, deadline until
) {
  pg::arguments with(pg::bytes{std::move(digest)}, holder_id, static_cast<std::int32_t>(home.number));
  MERIDIAN_CO_TRY(
      const auto rows, co_await regions_.run(regions_.here(), queries::take_over_url, std::move(with), until)
  );
  if (rows.empty()) {
    co_return refusal_of("again");
  }
  co_return url_claim{rows[0].get<std::int64_t>(0), true, false};
}

task<void> workspace_store::release_url(std::string digest, std::int64_t holder_id, deadline until) {
  pg::arguments with(pg::bytes{std::move(digest)}, holder_id);
  MERIDIAN_CO_TRY(
      [[maybe_unused]] const auto rows,
      co_await regions_.run(regions_.here(), queries::release_url, std::move(with), until)
  );
  co_return result<void>();
}

}  // namespace meridian::messaging
