#include "messaging/invitation_service.hpp"

#include <fmt/core.h>

#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"
#include "runtime/crypto.hpp"

namespace meridian::messaging {
namespace {

constexpr std::size_t secret_bytes = 32;

// A profile that accepts twice at the same time is in at the second look.
constexpr int looks_max = 3;

}  // namespace

invitation_service::invitation_service(residency::regions& where, bus::publisher& events, settings set)
    : regions_(where),
      settings_(std::move(set)),
      store_(where),
      workspaces_(where, queries::find_workspace),
      invitations_(where, queries::find_invitation),
      announcer_(events) {}

// A token is shown once and not kept. So that a repeat of the request is answered with the same one, it follows from
// the request's key, in a way that only the product knows.
std::string invitation_service::secret_of(
    identity::principal who, std::int64_t workspace_id, const new_invitation& wish
) const {
  if (!wish.creation_key) {
    return from_base64url(random_secret(secret_bytes)).value();
  }
  return keyed_digest(
      settings_.digest_key, fmt::format("invitation {} {} {}", who.profile_id, workspace_id, *wish.creation_key)
  );
}

task<opened_invitation> invitation_service::create_in(
    const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::string secret,
    new_invitation wish, deadline until
) {
  opened_invitation opened;
  opened.token = make_invitation_token(home.number, secret);
  MERIDIAN_CO_TRY(
      auto outcome, co_await store_.create(home, workspace_id, caller_id, sha256(opened.token), std::move(wish), until)
  );
  opened.row = outcome.row;
  opened.is_new = outcome.is_new;
  if (!settings_.public_url.empty()) {
    // Behind the #, where no server's log sees it.
    opened.url = fmt::format("{}/join#{}", settings_.public_url, opened.token);
  }
  co_return opened;
}

task<opened_invitation> invitation_service::create(
    identity::principal who, std::int64_t workspace_id, new_invitation wish, deadline until
) {
  const auto secret = secret_of(who, workspace_id, wish);
  const auto work = [&](const topology::region& home) {
    return create_in(home, who.profile_id, workspace_id, secret, wish, until);
  };
  co_return co_await workspaces_.at(workspace_id, until, work);
}

task<page<invitation>> invitation_service::list(
    identity::principal who, std::int64_t workspace_id, page_of_ids part, deadline until
) {
  const auto work = [&](const topology::region& home) {
    return store_.list(home, workspace_id, who.profile_id, part, until);
  };
  co_return co_await workspaces_.at(workspace_id, until, work);
}

task<void> invitation_service::revoke(identity::principal who, std::int64_t id, deadline until) {
  const auto work = [&](const topology::region& home) { return store_.revoke(home, id, who.profile_id, until); };
  co_return co_await invitations_.at(id, until, work);
}

const topology::region* invitation_service::find_home(std::string_view token) const {
  const auto number = find_region_of_token(token);
  return number ? regions_.find(*number) : nullptr;
}

task<invitation_preview> invitation_service::preview(std::string token, deadline until) {
  const auto* home = find_home(token);
  if (home == nullptr) {
    co_return refusal_of("used_up");
  }
  co_return co_await store_.preview(*home, sha256(token), until);
}

task<made<workspace>> invitation_service::accept(identity::principal who, std::string token, deadline until) {
  const auto* home = find_home(token);
  if (home == nullptr) {
    co_return refusal_of("used_up");
  }
  const auto hash = sha256(token);
  for (int looked = 1;; ++looked) {
    auto joined = co_await store_.accept(*home, hash, who.profile_id, until);
    if (joined) {
      tell_joined(*joined, who.profile_id);
      co_return std::move(joined->outcome);
    }
    if (joined.error().code != errc::retry || looked == looks_max) {
      co_return joined.error();
    }
  }
}

void invitation_service::tell_joined(const invitation_store::welcome& joined, std::int64_t profile_id) const {
  const auto& [outcome, channel_ids] = joined;
  if (!outcome.is_new) {
    return;
  }
  announcer_.tell_membership(0, outcome.row.id, profile_id, true);
  for (const auto channel_id : channel_ids) {
    announcer_.tell_membership(channel_id, outcome.row.id, profile_id, true);
    announcer_.tell_channel(channel_id, outcome.row.id, "members");
  }
}

}  // namespace meridian::messaging
