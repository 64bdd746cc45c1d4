#include "messaging/channel_service.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "messaging/names.hpp"
#include "messaging/queries.hpp"
#include "runtime/crypto.hpp"

namespace meridian::messaging {
namespace {

// Who comes second of two that make the same thing at the same time finds it at the second look.
constexpr int looks_max = 3;

void insert_sorted(std::vector<std::int64_t>& ids, std::int64_t id) {
  ids.push_back(id);
  std::ranges::sort(ids);
  const auto repeats = std::ranges::unique(ids);
  ids.erase(repeats.begin(), repeats.end());
}

}  // namespace

channel_service::channel_service(residency::regions& where, member_service& members, bus::publisher& events)
    : store_(where),
      members_(members),
      workspaces_(where, queries::find_workspace),
      channels_(where, queries::find_channel),
      announcer_(events) {}

// They begin to follow it when they hear that they are in.
void channel_service::tell_entered(const channel& where, const std::vector<std::int64_t>& profile_ids) const {
  for (const auto profile_id : profile_ids) {
    announcer_.tell_membership(where.id, where.workspace_id, profile_id, true);
  }
}

task<page<channel>> channel_service::list(
    identity::principal who, std::int64_t workspace_id, channel_filter which, page_of_ids part, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.list(home, workspace_id, who.profile_id, which, part, until);
  };
  co_return co_await workspaces_.at(workspace_id, until, work);
}

task<page<channel>> channel_service::list_own(identity::principal who, page_of_ids part, deadline until) {
  co_return co_await store_.list_of(who.profile_id, part, until);
}

task<channel> channel_service::get(identity::principal who, std::int64_t id, deadline until) {
  const auto work = [&](const topology::region& home) { return store_.get(home, id, who.profile_id, until); };
  co_return co_await channels_.at(id, until, work);
}

task<made<channel>> channel_service::create_again(
    const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, new_channel wish, deadline until
) {
  for (int looked = 1;; ++looked) {
    auto outcome = co_await store_.create(home, workspace_id, caller_id, wish, until);
    if (outcome || outcome.error().code != errc::retry || looked == looks_max) {
      co_return outcome;
    }
  }
}

task<made<channel>> channel_service::create(
    identity::principal who, std::int64_t workspace_id, new_channel wish, deadline until
) {
  MERIDIAN_CO_TRY(wish.name, check_channel_name(wish.name));
  insert_sorted(wish.member_ids, who.profile_id);
  // By a key of its own a statement that runs twice, because its answer was lost, knows what it made.
  const bool has_key = wish.creation_key.has_value();
  if (!has_key) {
    wish.creation_key = random_uuid();
  }
  const auto work = [&](const topology::region& home) {
    return create_again(home, who.profile_id, workspace_id, wish, until);
  };
  MERIDIAN_CO_TRY(auto outcome, co_await workspaces_.at(workspace_id, until, work));
  outcome.is_new = outcome.is_new || !has_key;
  if (outcome.is_new) {
    tell_entered(outcome.row, wish.member_ids);
    announcer_.tell_channel(outcome.row.id, workspace_id, "created");
  }
  co_return outcome;
}

task<opened_direct> channel_service::open_again(
    const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::vector<std::int64_t> people,
    deadline until
) {
  for (int looked = 1;; ++looked) {
    auto outcome = co_await store_.open_direct(home, workspace_id, caller_id, people, until);
    if (outcome || outcome.error().code != errc::retry || looked == looks_max) {
      co_return outcome;
    }
  }
}

task<made<channel>> channel_service::open_direct(
    identity::principal who, std::int64_t workspace_id, std::vector<std::int64_t> profile_ids, deadline until
) {
  insert_sorted(profile_ids, who.profile_id);
  if (profile_ids.size() > direct_people_max) {
    co_return error{
        errc::invalid_argument, "that are too many people for a direct channel",
        fmt::format("Accepted: at most {}, with yourself. Make a private channel for more.", direct_people_max),
        "profile_ids"
    };
  }
  const auto work = [&](const topology::region& home) {
    return open_again(home, who.profile_id, workspace_id, profile_ids, until);
  };
  MERIDIAN_CO_TRY(auto opened, co_await workspaces_.at(workspace_id, until, work));
  tell_entered(opened.outcome.row, opened.entered_ids);
  if (!opened.entered_ids.empty()) {
    announcer_.tell_channel(opened.outcome.row.id, workspace_id, opened.outcome.is_new ? "created" : "members");
  }
  co_return std::move(opened.outcome);
}

task<channel> channel_service::update(identity::principal who, std::int64_t id, channel_change what, deadline until) {
  if (what.name) {
    MERIDIAN_CO_TRY(what.name, check_channel_name(*what.name));
  }
  const auto work = [&](const topology::region& home) { return store_.update(home, id, who.profile_id, what, until); };
  MERIDIAN_CO_TRY(auto outcome, co_await channels_.at(id, until, work));
  if (outcome.is_new) {
    const bool archives = what.is_archived.value_or(false);
    announcer_.tell_channel(id, outcome.row.workspace_id, archives ? "archived" : "updated");
  }
  co_return std::move(outcome.row);
}

task<page<member>> channel_service::list_members(
    identity::principal who, std::int64_t id, page_of_ids part, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.list_members(home, id, who.profile_id, part, until);
  };
  MERIDIAN_CO_TRY(auto members, co_await channels_.at(id, until, work));
  co_return co_await members_.introduce(std::move(members), until);
}

task<void> channel_service::add_member(
    identity::principal who, std::int64_t id, std::int64_t profile_id, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.add_member(home, id, who.profile_id, profile_id, until);
  };
  MERIDIAN_CO_TRY(const auto outcome, co_await channels_.at(id, until, work));
  if (outcome.is_new) {
    announcer_.tell_membership(id, outcome.workspace_id, profile_id, true);
    announcer_.tell_channel(id, outcome.workspace_id, "members");
  }
  co_return result<void>();
}

task<void> channel_service::remove_member(
    identity::principal who, std::int64_t id, std::int64_t profile_id, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.remove_member(home, id, who.profile_id, profile_id, until);
  };
  const auto outcome = co_await channels_.at(id, until, work);
  // As in member_service::remove.
  if (!outcome && outcome.error().code == errc::not_found && profile_id == who.profile_id) {
    co_return result<void>();
  }
  if (!outcome) {
    co_return outcome.error();
  }
  if (outcome->is_new) {
    announcer_.tell_membership(id, outcome->workspace_id, profile_id, false);
    announcer_.tell_channel(id, outcome->workspace_id, "members");
  }
  co_return result<void>();
}

}  // namespace meridian::messaging
