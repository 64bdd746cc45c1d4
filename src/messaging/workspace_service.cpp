#include "messaging/workspace_service.hpp"

#include "messaging/names.hpp"
#include "messaging/queries.hpp"
#include "messaging/verdict.hpp"
#include "runtime/crypto.hpp"

namespace meridian::messaging {
namespace {

error url_taken() {
  auto why = refusal_of("url_taken");
  why.field = "url";
  return why;
}

}  // namespace

workspace_service::workspace_service(residency::regions& where, bus::publisher& events, settings set)
    : regions_(where),
      settings_(std::move(set)),
      store_(where),
      homes_(where, queries::find_workspace),
      announcer_(events) {}

task<page<workspace>> workspace_service::list(identity::principal who, page_of_ids part, deadline until) {
  co_return co_await store_.list_of(who.profile_id, part, until);
}

task<workspace> workspace_service::get(identity::principal who, std::int64_t id, deadline until) {
  const auto work = [&](const topology::region& home) { return store_.get(home, id, who.profile_id, until); };
  co_return co_await homes_.at(id, until, work);
}

task<workspace> workspace_service::rename(
    identity::principal who, std::int64_t id, std::string name, std::optional<std::int64_t> version, deadline until
) {
  workspace_store::change what;
  MERIDIAN_CO_TRY(what.name, check_workspace_name(name));
  what.version = version;
  const auto work = [&](const topology::region& home) { return store_.update(home, id, who.profile_id, what, until); };
  co_return co_await homes_.at(id, until, work);
}

// The workspace gets the id that its URL was claimed for. Whoever crashes between the two leaves a claim that nobody
// uses; after a minute, longer than any request lasts, whoever wants the URL takes it over.
task<std::int64_t> workspace_service::claim(
    std::string digest, const topology::region& home, std::optional<error> missing, deadline until
) {
  MERIDIAN_CO_TRY(auto claim, co_await store_.claim_url(digest, home, until));
  if (claim.is_new) {
    co_return claim.holder_id;
  }
  if (missing) {
    co_return *missing;  // the workspace may rest there
  }
  if (!claim.is_old) {
    co_return refusal_of("again");
  }
  MERIDIAN_CO_TRY(claim, co_await store_.take_over_url(std::move(digest), claim.holder_id, home, until));
  co_return claim.holder_id;
}

task<made<workspace>> workspace_service::create(identity::principal who, new_workspace wish, deadline until) {
  MERIDIAN_CO_TRY(wish.name, check_workspace_name(wish.name));
  MERIDIAN_CO_TRY(wish.url, check_url(wish.url));
  const auto* home = regions_.find_of_country(wish.country);
  if (home == nullptr) {
    co_return error{
        errc::invalid_argument, "no region is known for that country",
        "Accepted: the name or the ISO 3166 code of a country.", "country"
    };
  }
  // Workspaces that came to be without the product (the sample company) hold no claims.
  const auto key = key_of_url(wish.url);
  MERIDIAN_CO_TRY(const auto search, co_await store_.find_url(key, until));
  if (search.found) {
    const bool is_repeat = wish.creation_key && search.found->creation_key == wish.creation_key &&
                           search.found->created_by == who.profile_id;
    if (!is_repeat) {
      co_return url_taken();
    }
    MERIDIAN_CO_TRY(auto found, co_await store_.get(*search.found->home, search.found->id, who.profile_id, until));
    co_return made<workspace>{std::move(found), false};
  }
  const auto digest = keyed_digest(settings_.digest_key, key);
  MERIDIAN_CO_TRY(const auto id, co_await claim(digest, *home, search.missing, until));
  auto outcome = co_await store_.create(*home, id, who.profile_id, std::move(wish), until);
  if (outcome && outcome->is_new) {
    announcer_.tell_membership(0, id, who.profile_id, true);
  }
  if (!outcome && outcome.error().code == errc::conflict) {
    MERIDIAN_CO_CHECK(co_await store_.release_url(digest, id, until));
  }
  co_return outcome;
}

}  // namespace meridian::messaging
