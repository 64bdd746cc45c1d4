#include "identity/account_store.hpp"

#include <fmt/core.h>

#include "identity/queries.hpp"
#include "identity/token.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

pg::bytes bytes_of(std::string octets) {
  pg::bytes made;
  made.octets = std::move(octets);
  return made;
}

account_facts account_of(const pg::row& row, const topology::region& home) {
  account_facts found;
  found.profile_id = row.get<std::int64_t>(0);
  found.password_hash = row.get<std::string>(1);
  found.locked = std::chrono::seconds(row.get<std::int64_t>(2));
  found.is_active = row.get<bool>(3);
  found.creation_key = row.get<std::optional<std::string>>(4);
  found.home = &home;
  return found;
}

opened_session session_of(const pg::row& row, const topology::region& home, std::string token) {
  opened_session opened;
  opened.token = std::move(token);
  opened.who = person_of(row, home);
  opened.expires_at = row.get<timestamp>(person_columns);
  return opened;
}

}  // namespace

account_store::account_store(residency::regions& where) : regions_(where), homes_(where, queries::find_profile_home) {}

task<std::optional<account_facts>> account_store::find_account(std::string email_digest, deadline until) {
  pg::arguments with(bytes_of(std::move(email_digest)));
  MERIDIAN_CO_TRY(const auto found, co_await regions_.find_first(queries::find_account, std::move(with), until));
  if (!found) {
    co_return std::optional<account_facts>();
  }
  co_return account_of(found->rows[0], *found->where);
}

task<account_facts> account_store::get_account(std::int64_t profile_id, const topology::region& home, deadline until) {
  pg::arguments with(profile_id);
  MERIDIAN_CO_TRY(
      const auto rows, co_await regions_.run(home, queries::find_account_of_profile, std::move(with), until)
  );
  if (rows.empty()) {
    co_return error{errc::not_found, "this profile has no account", ""};
  }
  co_return account_of(rows[0], home);
}

task<person> account_store::get_person(std::int64_t profile_id, const topology::region& home, deadline until) {
  pg::arguments with(profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::find_person, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::not_found, "there is no such profile", ""};
  }
  co_return person_of(rows[0], home);
}

task<opened_session> account_store::open_session(
    account_facts account, std::optional<std::string> new_hash, session_limits limits, deadline until
) {
  auto token = make_token(account.home->number);
  pg::arguments with(
      account.profile_id, bytes_of(sha256(token)), std::int64_t{limits.duration.count()}, limits.count_max,
      account.password_hash, new_hash
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(*account.home, queries::sign_in, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::unauthenticated, "the account changed at this moment", "Try again."};
  }
  co_return session_of(rows[0], *account.home, std::move(token));
}

task<opened_session> account_store::switch_profile(
    std::int64_t profile_id, principal who, session_limits limits, deadline until
) {
  auto work = [this, profile_id, who, limits, until](const topology::region& home) {
    return switch_profile_at(home, profile_id, who, limits, until);
  };
  co_return co_await homes_.at(profile_id, until, std::move(work));
}

task<opened_session> account_store::switch_profile_at(
    const topology::region& home, std::int64_t profile_id, principal who, session_limits limits, deadline until
) {
  auto token = make_token(home.number);
  pg::arguments with(
      profile_id, bytes_of(sha256(token)), std::int64_t{limits.duration.count()}, limits.count_max, who.main_profile_id,
      who.profile_id
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::switch_profile, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::not_found, "there is no such profile, or it is not yours", ""};
  }
  co_return session_of(rows[0], home, std::move(token));
}

task<void> account_store::count_failure(account_facts account, int failures_max, deadline until) {
  pg::arguments with(account.profile_id, std::int32_t{failures_max});
  // Counted once or not at all: not repeated.
  MERIDIAN_CO_CHECK(
      co_await regions_.run(*account.home, queries::fail_sign_in, std::move(with), until, pg::repeat::unsafe)
  );
  co_return result<void>();
}

task<std::vector<session_facts>> account_store::list_sessions(principal who, deadline until) {
  pg::arguments with(who.profile_id);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(*who.home, queries::list_sessions, std::move(with), until));
  std::vector<session_facts> found;
  for (const auto row : rows) {
    session_facts one;
    one.number = session_number_of(row.get<pg::bytes>(0).octets);
    one.created_at = row.get<timestamp>(1);
    one.expires_at = row.get<timestamp>(2);
    found.push_back(one);
  }
  co_return found;
}

task<void> account_store::end_session(principal who, std::uint64_t number, deadline until) {
  pg::arguments with(who.profile_id, bytes_of(octets_of(number)));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(*who.home, queries::revoke_session, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::not_found, "there is no such session of yours", ""};
  }
  co_return result<void>();
}

task<void> account_store::end_other_sessions(principal who, deadline until) {
  pg::arguments with(who.main_profile_id, bytes_of(octets_of(who.session_number)), who.profile_id);
  MERIDIAN_CO_TRY(const auto done, co_await regions_.ask_all(queries::end_other_sessions, std::move(with), until));
  if (!done.missing.empty()) {
    co_return error{
        errc::unavailable, fmt::format("sessions that rest in {} may still be open", residency::names_of(done.missing)),
        "Send the request again when the region answers."
    };
  }
  co_return result<void>();
}

task<void> account_store::change_password(principal who, std::string old_hash, std::string new_hash, deadline until) {
  pg::arguments with(who.profile_id, old_hash, new_hash, bytes_of(octets_of(who.session_number)));
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(*who.home, queries::change_password, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::conflict, "the password was changed by another request", "Sign in again."};
  }
  co_return result<void>();
}

task<person> account_store::create_account(
    const topology::region& home, new_account wish, account_row row, deadline until
) {
  pg::arguments with(
      row.id, wish.full_name, wish.email, wish.phone, row.country, row.main_profile_id, wish.title,
      wish.time_zone.value_or("UTC"), row.password_hash, bytes_of(row.email_digest), wish.creation_key, row.actor_id
  );
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(home, queries::create_account, std::move(with), until));
  if (rows.empty()) {
    co_return error{errc::conflict, "the new profile's id is taken", "Try again."};
  }
  co_return person_of(rows[0], home);
}

}  // namespace meridian::identity
