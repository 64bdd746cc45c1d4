#include "profile/profile_service.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "identity/email.hpp"
#include "profile/queries.hpp"

namespace meridian::profile {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t colleagues_max = 10'000;

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

}  // namespace

profile_service::profile_service(residency::regions& where, identity::account_service& accounts)
    : regions_(where), accounts_(accounts), store_(where), profiles_(where, queries::find_profile) {}

task<identity::person> profile_service::get(identity::principal who, std::int64_t id, deadline until) {
  result<identity::person> found = not_found();
  if (id == who.profile_id) {
    co_return co_await store_.get(*who.home, id, until);
  }
  // People meet mostly in workspaces of their own region: when they do, the answer costs no ocean but the profile's
  // own.
  MERIDIAN_CO_TRY(bool shares, co_await store_.share_workspace_in(regions_.here(), who.profile_id, id, until));
  if (shares) {
    MERIDIAN_CO_CHECK(co_await get_into(id, until, found));
    co_return found;
  }
  result<bool> shares_elsewhere = false;
  std::vector<task<void>> questions;
  questions.push_back(get_into(id, until, found));
  questions.push_back(share_into(who.profile_id, id, until, shares_elsewhere));
  MERIDIAN_CO_CHECK(co_await all(std::move(questions)));
  if (!found) {
    co_return found.error();
  }
  if (found->main_profile_id == who.main_profile_id) {
    co_return found;
  }
  MERIDIAN_CO_TRY(shares, shares_elsewhere);
  co_return shares ? found : not_found();
}

task<void> profile_service::get_into(std::int64_t id, deadline until, result<identity::person>& found) {
  found =
      co_await profiles_.at(id, until, [=, this](const topology::region& home) { return store_.get(home, id, until); });
  co_return result<void>();
}

task<void> profile_service::share_into(
    std::int64_t one_id, std::int64_t other_id, deadline until, result<bool>& shares
) {
  shares = co_await store_.share_workspace(one_id, other_id, until);
  co_return result<void>();
}

task<partial<identity::person>> profile_service::list_own(identity::principal who, deadline until) {
  co_return co_await store_.list_own(who.main_profile_id, until);
}

task<void> profile_service::filter_into(
    std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until, partial<std::int64_t>& found
) {
  MERIDIAN_CO_TRY(found, co_await store_.filter_colleagues(profile_id, std::move(ids), until));
  co_return result<void>();
}

task<void> profile_service::own_into(identity::principal who, deadline until, partial<identity::person>& found) {
  MERIDIAN_CO_TRY(found, co_await store_.list_own(who.main_profile_id, until));
  co_return result<void>();
}

task<void> profile_service::colleagues_into(std::int64_t profile_id, deadline until, partial<std::int64_t>& found) {
  MERIDIAN_CO_TRY(found, co_await store_.list_colleague_ids(profile_id, colleagues_max, until));
  co_return result<void>();
}

task<partial<std::int64_t>> profile_service::filter_seen(
    identity::principal who, std::vector<std::int64_t> ids, deadline until
) {
  const auto asked = ids;
  const auto was_not_asked = [&](std::int64_t id) { return std::ranges::find(asked, id) == asked.end(); };
  partial<std::int64_t> seen;
  MERIDIAN_CO_TRY(seen.items, co_await store_.filter_colleagues_in(regions_.here(), who.profile_id, ids, until));
  seen.items.push_back(who.profile_id);
  std::erase_if(seen.items, was_not_asked);
  std::erase_if(ids, [&](std::int64_t id) { return std::ranges::find(seen.items, id) != seen.items.end(); });
  if (ids.empty()) {
    co_return seen;
  }
  partial<std::int64_t> colleagues;
  partial<identity::person> own;
  std::vector<task<void>> questions;
  questions.push_back(filter_into(who.profile_id, ids, until, colleagues));
  questions.push_back(own_into(who, until, own));
  MERIDIAN_CO_CHECK(co_await all(std::move(questions)));
  seen.items.insert(seen.items.end(), colleagues.items.begin(), colleagues.items.end());
  for (const auto& one : own.items) {
    seen.items.push_back(one.id);
  }
  std::erase_if(seen.items, was_not_asked);
  seen.missing = std::move(colleagues.missing);
  co_return seen;
}

task<partial<std::int64_t>> profile_service::list_seen(identity::principal who, deadline until) {
  partial<std::int64_t> seen;
  partial<identity::person> own;
  std::vector<task<void>> questions;
  questions.push_back(colleagues_into(who.profile_id, until, seen));
  questions.push_back(own_into(who, until, own));
  MERIDIAN_CO_CHECK(co_await all(std::move(questions)));
  for (const auto& one : own.items) {
    seen.items.push_back(one.id);
  }
  co_return seen;
}

task<bool> profile_service::is_own(identity::principal who, std::int64_t id, deadline until) {
  if (id == who.profile_id || id == who.main_profile_id) {
    co_return true;
  }
  MERIDIAN_CO_TRY(const auto own, co_await store_.list_own(who.main_profile_id, until));
  const bool is_one = std::ranges::find(own.items, id, &identity::person::id) != own.items.end();
  if (!is_one && !own.missing.empty()) {
    co_return own.missing.front().why;
  }
  co_return is_one;
}

task<profile_page> profile_service::search(identity::principal who, profile_search wanted, deadline until) {
  MERIDIAN_CO_TRY(auto colleagues, co_await store_.list_colleague_ids(who.profile_id, colleagues_max, until));
  const auto limit = wanted.limit;
  wanted.limit = limit + 1;  // one more tells whether there are more
  MERIDIAN_CO_TRY(auto hits, co_await store_.search(std::move(colleagues.items), std::move(wanted), until));
  profile_page page;
  page.has_more = hits.items.size() > limit;
  if (page.has_more) {
    hits.items.erase(hits.items.begin() + static_cast<std::ptrdiff_t>(limit), hits.items.end());
  }
  page.hits = std::move(hits.items);
  page.missing = hits.missing.empty() ? std::move(colleagues.missing) : std::move(hits.missing);
  co_return page;
}

task<identity::person> profile_service::edit(
    identity::principal who, std::int64_t id, profile_edit wish, deadline until
) {
  if (wish.change.time_zone) {
    MERIDIAN_CO_CHECK(co_await accounts_.zones().check(*wish.change.time_zone, until));
  }
  co_return co_await profiles_.at(id, until, [this, who, id, &wish, until](const topology::region& home) {
    return edit_at(home, who, id, wish, until);
  });
}

task<identity::person> profile_service::edit_at(
    const topology::region& home, identity::principal who, std::int64_t id, profile_edit wish, deadline until
) {
  if (wish.change.email) {
    co_return co_await edit_email(home, who, id, std::move(wish), until);
  }
  co_return co_await store_.update(home, id, who, std::move(wish.change), until);
}

// The claim on the new address is taken before, and that on the old one given back after: a crash in between leaves a
// claim that nobody uses, which is taken over when somebody wants it.
task<identity::person> profile_service::edit_email(
    const topology::region& home, identity::principal who, std::int64_t id, profile_edit wish, deadline until
) {
  wish.change.email = identity::trimmed(*wish.change.email);
  MERIDIAN_CO_CHECK(identity::check_email(*wish.change.email));
  MERIDIAN_CO_TRY(const auto now, co_await store_.get(home, id, until));
  if (now.main_profile_id != who.main_profile_id) {
    co_return not_found();
  }
  auto allowed = co_await accounts_.check_password(id, home, std::move(wish.password), until);
  if (!allowed) {
    co_return std::move(allowed).error();
  }
  MERIDIAN_CO_TRY(auto digest_before, co_await store_.get_email_digest(home, id, until));
  auto digest = accounts_.digest_of(*wish.change.email);
  wish.change.email_digest = digest;
  if (digest == digest_before) {
    co_return co_await store_.update(home, id, who, std::move(wish.change), until);
  }
  // Far sooner than a claim without an account may be taken over.
  const auto claimed_until = until.sooner(20s);
  const auto claim = co_await accounts_.claims().take(digest, id, home, claimed_until);
  if (!claim) {
    co_return claim.error();
  }
  auto changed = co_await store_.update(home, id, who, std::move(wish.change), claimed_until);
  // Nothing was changed for certain when the statement says so; after a lost answer the claim may be in use.
  const bool is_refused = !changed && (changed.error().code == errc::stale || changed.error().code == errc::not_found);
  if (changed || is_refused) {
    const auto freed = is_refused ? digest : digest_before;
    const auto made_before = is_refused ? std::nullopt : std::optional(claim->claimed_at);
    const auto released = co_await accounts_.claims().release(freed, id, made_before, until);
    if (!released && changed) {
      log::warning("profile", "an address that is free again stays claimed: {}", released.error().message);
    }
  }
  co_return changed;
}

}  // namespace meridian::profile
