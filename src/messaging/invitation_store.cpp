#include "messaging/invitation_store.hpp"

#include "messaging/pages.hpp"
#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"
#include "messaging/workspace_store.hpp"

namespace meridian::messaging {
namespace {

// Of a statement that shows its verdict, and behind it an invitation.
invitation invitation_of(const pg::row& row, const topology::region& home) {
  invitation one;
  one.id = row.get<std::int64_t>(1);
  one.workspace_id = row.get<std::int64_t>(2);
  one.role = find_role(row.get<std::string_view>(3)).value();
  one.created_by = row.get<std::int64_t>(4);
  one.created_at = row.get<timestamp>(5);
  one.expires_at = row.get<timestamp>(6);
  one.uses_max = row.get<std::int64_t>(7);
  one.uses = row.get<std::int64_t>(8);
  one.revoked_at = row.get<std::optional<timestamp>>(9);
  one.home = &home;
  return one;
}

std::string_view verdict_of(const pg::rows& rows) {
  return rows.empty() ? std::string_view("not_found") : rows[0].get<std::string_view>(0);
}

}  // namespace

task<made<invitation>> invitation_store::create(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::string token_hash,
    new_invitation wish, deadline until
) {
  pg::arguments with(
      workspace_id, caller_id, pg::bytes{std::move(token_hash)}, to_string(wish.role),
      static_cast<std::int64_t>(wish.duration.count()), static_cast<std::int32_t>(wish.uses_max),
      static_cast<std::int32_t>(home.number)
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::create_invitation, std::move(with), until));
  if (!is_granted(verdict_of(rows))) {
    co_return refusal_of(verdict_of(rows));
  }
  co_return made<invitation>{invitation_of(rows[0], home), verdict_of(rows) == "new"};
}

task<page<invitation>> invitation_store::list(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, page_of_ids part, deadline until
) {
  pg::arguments with(workspace_id, caller_id, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::list_invitations, std::move(with), until));
  if (!is_granted(verdict_of(rows))) {
    co_return refusal_of(verdict_of(rows));
  }
  std::vector<invitation> invitations;
  for (const auto row : rows) {
    if (!row.is_null(1)) {
      invitations.push_back(invitation_of(row, home));
    }
  }
  co_return cut(std::move(invitations), part.limit, [](const invitation& one) { return one.id; });
}

task<void> invitation_store::revoke(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, deadline until
) {
  pg::arguments with(id, caller_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::revoke_invitation, std::move(with), until));
  if (!is_granted(verdict_of(rows))) {
    co_return refusal_of(verdict_of(rows));
  }
  co_return result<void>();
}

task<invitation_preview> invitation_store::preview(
    const topology::region& home, std::string token_hash, deadline until
) {
  pg::arguments with(pg::bytes{std::move(token_hash)});
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::preview_invitation, std::move(with), until));
  if (rows.empty()) {
    co_return refusal_of("used_up");
  }
  invitation_preview shown;
  shown.workspace_id = rows[0].get<std::int64_t>(0);
  shown.workspace_name = rows[0].get<std::string>(1);
  shown.workspace_url = rows[0].get<std::string>(2);
  shown.role = find_role(rows[0].get<std::string_view>(3)).value();
  shown.expires_at = rows[0].get<timestamp>(4);
  shown.home = &home;
  co_return shown;
}

task<invitation_store::welcome> invitation_store::accept(
    const topology::region& home, std::string token_hash, std::int64_t profile_id, deadline until
) {
  pg::arguments with(pg::bytes{std::move(token_hash)}, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::accept_invitation, std::move(with), until));
  const auto verdict = rows.empty() ? std::string_view("used_up") : verdict_of(rows);
  if (!is_granted(verdict)) {
    co_return refusal_of(verdict);
  }
  constexpr int column_channels = 10;
  welcome joined;
  joined.outcome.row = workspace_of(rows[0], 1, home);
  joined.outcome.is_new = verdict == "new";
  joined.channel_ids = rows[0].get<std::vector<std::int64_t>>(column_channels);
  co_return joined;
}

}  // namespace meridian::messaging
