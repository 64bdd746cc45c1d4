#include "messaging/channel_store.hpp"

#include <charconv>

#include <fmt/format.h>

#include "messaging/member_store.hpp"
#include "messaging/pages.hpp"
#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"

namespace meridian::messaging {
namespace {

// "3,17,204"
std::vector<std::int64_t> ids_of_key(std::string_view key) {
  std::vector<std::int64_t> ids;
  const auto* at = key.data();
  const auto* end = key.data() + key.size();
  while (at < end) {
    std::int64_t id = 0;
    at = std::from_chars(at, end, id).ptr + 1;
    ids.push_back(id);
  }
  return ids;
}

// Reads the 16 columns that statements show a channel by.
channel channel_of(const pg::row& row, int first_column, const topology::region& home) {
  channel one;
  one.id = row.get<std::int64_t>(first_column);
  one.workspace_id = row.get<std::int64_t>(first_column + 1);
  one.name = row.get<std::string>(first_column + 2);
  one.topic = row.get<std::string>(first_column + 3);
  one.is_private = row.get<bool>(first_column + 4);
  one.is_direct = row.get<bool>(first_column + 5);
  one.is_archived = row.get<bool>(first_column + 6);
  one.is_member = row.get<bool>(first_column + 7);
  one.last_seq = row.get<std::int64_t>(first_column + 8);
  one.change_seq = row.get<std::int64_t>(first_column + 9);
  one.read_seq = row.get<std::int64_t>(first_column + 10);
  one.direct_profile_ids = ids_of_key(row.get<std::string_view>(first_column + 11));
  one.version = row.get<std::int64_t>(first_column + 12);
  one.created_by = row.get<std::optional<std::int64_t>>(first_column + 13);
  one.created_at = row.get<timestamp>(first_column + 14);
  one.member_count = row.get<std::optional<std::int64_t>>(first_column + 15);
  one.unread_mention_count = row.get<std::optional<std::int64_t>>(first_column + 16);
  one.home = &home;
  return one;
}

// Of a statement that shows its verdict, and behind it a channel.
result<made<channel>> judged_channel(const pg::rows& rows, const topology::region& home) {
  const auto verdict = rows.empty() ? std::string_view("not_found") : rows[0].get<std::string_view>(0);
  if (!is_granted(verdict)) {
    return refusal_of(verdict);
  }
  return made<channel>{channel_of(rows[0], 1, home), verdict == "new"};
}

result<membership_change> judged_membership(const pg::rows& rows) {
  const auto verdict = rows.empty() ? std::string_view("not_found") : rows[0].get<std::string_view>(0);
  if (!is_granted(verdict)) {
    return refusal_of(verdict);
  }
  return membership_change{verdict == "new", rows[0].get<std::int64_t>(1)};
}

std::int64_t id_of(const channel& one) {
  return one.id;
}

}  // namespace

task<page<channel>> channel_store::list(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, channel_filter which,
    page_of_ids part, deadline until
) {
  pg::arguments with(workspace_id, caller_id, which.is_member, which.is_archived, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::list_channels, std::move(with), until));
  if (rows.empty()) {
    co_return not_found();
  }
  std::vector<channel> channels;
  for (const auto row : rows) {
    if (!row.is_null(0)) {
      channels.push_back(channel_of(row, 0, home));
    }
  }
  co_return cut(std::move(channels), part.limit, id_of);
}

task<page<channel>> channel_store::list_of(std::int64_t profile_id, page_of_ids part, deadline until) {
  pg::arguments with(profile_id, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(queries::list_own_channels, std::move(with), until));
  const auto read = [](const pg::row& row, const topology::region& home) { return channel_of(row, 0, home); };
  co_return merged<channel>(found, part.limit, read);
}

task<channel> channel_store::get(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, deadline until
) {
  pg::arguments with(id, caller_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::get_channel, std::move(with), until));
  if (rows.empty()) {
    co_return not_found();
  }
  co_return channel_of(rows[0], 0, home);
}

task<made<channel>> channel_store::create(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, new_channel wish, deadline until
) {
  pg::arguments with(
      workspace_id, caller_id, wish.name, wish.is_private, wish.topic, wish.member_ids, wish.creation_key
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::create_channel, std::move(with), until));
  co_return judged_channel(rows, home);
}

task<opened_direct> channel_store::open_direct(
    const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id,
    std::vector<std::int64_t> profile_ids, deadline until
) {
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> second;
  if (profile_ids.size() <= 2) {
    first = profile_ids.front();
    second = profile_ids.back();
  }
  pg::arguments with(
      workspace_id, caller_id, profile_ids, fmt::format("{}", fmt::join(profile_ids, ",")), first, second
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::open_direct, std::move(with), until));
  opened_direct opened;
  MERIDIAN_CO_TRY(opened.outcome, judged_channel(rows, home));
  constexpr int column_entered = 18;
  opened.entered_ids = opened.outcome.is_new ? profile_ids : rows[0].get<std::vector<std::int64_t>>(column_entered);
  co_return opened;
}

task<made<channel>> channel_store::update(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, channel_change what, deadline until
) {
  pg::arguments with(id, caller_id, what.name, what.topic, what.is_archived, what.version);
  const auto rows = co_await regions_.run(home, queries::update_channel, std::move(with), until);
  if (!rows) {
    // The name was taken while the statement ran: nothing else in it is unique.
    co_return rows.error().code == errc::conflict ? refusal_of("taken") : rows.error();
  }
  co_return judged_channel(*rows, home);
}

task<page<member>> channel_store::list_members(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, page_of_ids part, deadline until
) {
  pg::arguments with(id, caller_id, part.behind, rows_asked_for(part));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::list_channel_members, std::move(with), until));
  co_return page_of_members(rows, part.limit);
}

task<membership_change> channel_store::add_member(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, std::int64_t profile_id, deadline until
) {
  pg::arguments with(id, caller_id, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::add_channel_member, std::move(with), until));
  co_return judged_membership(rows);
}

task<membership_change> channel_store::remove_member(
    const topology::region& home, std::int64_t id, std::int64_t caller_id, std::int64_t profile_id, deadline until
) {
  pg::arguments with(id, caller_id, profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::remove_channel_member, std::move(with), until));
  co_return judged_membership(rows);
}

}  // namespace meridian::messaging
