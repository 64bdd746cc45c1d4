#include "messaging/member_service.hpp"

#include "messaging/queries.hpp"

namespace meridian::messaging {
namespace {

// Of one search: bounds what a request for a name that nobody has can cost.
constexpr std::size_t searched_at_once = 1000;
constexpr int searches_max = 10;

std::vector<std::int64_t> ids_of(const std::vector<member>& members) {
  std::vector<std::int64_t> ids;
  ids.reserve(members.size());
  for (const auto& one : members) {
    ids.push_back(one.profile_id);
  }
  return ids;
}

}  // namespace

member_service::member_service(residency::regions& where, bus::publisher& events)
    : store_(where), homes_(where, queries::find_workspace), announcer_(events) {}

task<page<member>> member_service::introduce(page<member> members, deadline until) {
  if (members.rows.empty()) {
    co_return members;
  }
  MERIDIAN_CO_TRY(auto known, co_await store_.list_people(ids_of(members.rows), std::nullopt, until));
  for (auto& one : members.rows) {
    if (const auto found = known.by_id.find(one.profile_id); found != known.by_id.end()) {
      one.profile = std::move(found->second);
    }
  }
  members.missing_regions = std::move(known.missing_regions);
  co_return members;
}

task<page<member>> member_service::list_in(
    const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id,
    std::optional<std::string> name_part, page_of_ids part, deadline until
) {
  if (name_part) {
    co_return co_await search_in(home, caller_id, workspace_id, *std::move(name_part), part, until);
  }
  MERIDIAN_CO_TRY(auto members, co_await store_.list(home, workspace_id, caller_id, part, until));
  co_return co_await introduce(std::move(members), until);
}

// Memberships rest with the workspace and names with their people, so the members are gone through in their order and
// the regions of the people are asked which of them are meant.
task<page<member>> member_service::search_in(
    const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::string name_part,
    page_of_ids part, deadline until
) {
  page<member> found;
  page_of_ids next{part.behind, searched_at_once};
  for (int searched = 0; searched < searches_max; ++searched) {
    MERIDIAN_CO_TRY(auto some, co_await store_.list(home, workspace_id, caller_id, next, until));
    MERIDIAN_CO_TRY(auto known, co_await store_.list_people(ids_of(some.rows), name_part, until));
    found.missing_regions = known.missing_regions;
    for (auto& one : some.rows) {
      const auto meant = known.by_id.find(one.profile_id);
      if (meant == known.by_id.end()) {
        continue;
      }
      if (found.rows.size() == part.limit) {
        found.next_behind = found.rows.back().profile_id;
        co_return found;
      }
      one.profile = std::move(meant->second);
      found.rows.push_back(std::move(one));
    }
    found.next_behind = some.next_behind;
    if (!some.next_behind) {
      break;
    }
    next.behind = *some.next_behind;
  }
  co_return found;
}

task<page<member>> member_service::list(
    identity::principal who, std::int64_t workspace_id, std::optional<std::string> name_part, page_of_ids part,
    deadline until
) {
  const auto work = [&](const topology::region& home) {
    return list_in(home, who.profile_id, workspace_id, name_part, part, until);
  };
  co_return co_await homes_.at(workspace_id, until, work);
}

task<member> member_service::set_role(
    identity::principal who, std::int64_t workspace_id, std::int64_t profile_id, role wanted, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.update(home, workspace_id, who.profile_id, profile_id, wanted, until);
  };
  co_return co_await homes_.at(workspace_id, until, work);
}

task<void> member_service::remove(
    identity::principal who, std::int64_t workspace_id, std::int64_t profile_id, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.remove(home, workspace_id, who.profile_id, profile_id, until);
  };
  const auto outcome = co_await homes_.at(workspace_id, until, work);
  // Who leaves what he is not in (any more) has left: a repeat must not fail, and the answer tells nothing.
  if (!outcome && outcome.error().code == errc::not_found && profile_id == who.profile_id) {
    co_return result<void>();
  }
  if (!outcome) {
    co_return outcome.error();
  }
  if (outcome->is_new) {
    announcer_.tell_membership(0, workspace_id, profile_id, false);
    for (const auto channel_id : outcome->channel_ids) {
      announcer_.tell_channel(channel_id, workspace_id, "members");
    }
  }
  co_return result<void>();
}

}  // namespace meridian::messaging
