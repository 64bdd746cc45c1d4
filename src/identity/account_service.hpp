// Who people are: signing up, signing in and out, passwords.
#pragma once

#include <vector>

#include "identity/account_store.hpp"
#include "identity/email_claims.hpp"
#include "identity/failure_log.hpp"
#include "identity/time_zones.hpp"
#include "runtime/cpu_pool.hpp"

namespace meridian::identity {

// One for each lane; what it is made of outlives it.
class account_service {
 public:
  account_service(residency::regions& where, cpu_pool& pool, account_settings settings);

  // unauthenticated for a wrong password, an unknown address and a locked account alike, after the same time; locked
  // for addresses that failed too often on this lane, whether they have an account or not; unavailable, naming it, when
  // nobody knows the address and a region is missing that could.
  task<sign_in_outcome> sign_in(std::string email, std::string password, deadline until);

  // A session of another profile of the same person, which may rest elsewhere. not_found.
  task<opened_session> switch_profile(principal who, std::int64_t profile_id, deadline until);

  // The open ones of this profile, the newest first; not more than account_settings::sessions_max.
  task<std::vector<session_facts>> list_sessions(principal who, deadline until);
  // not_found.
  task<void> end_session(principal who, std::uint64_t number, deadline until);

  // A profile and its account; of the person who asks, where somebody does. invalid_argument with the field, forbidden
  // without an invitation, conflict when the address has an account.
  task<made_account> sign_up(new_account wish, std::optional<principal> who, deadline until);

  // Ends the other sessions, those of the person's other profiles too: each could change back to this one. forbidden
  // when `current` is wrong, rate_limited when it was too often; unavailable, with the password changed, when a region
  // is missing where sessions may rest.
  task<void> change_password(principal who, std::string current, std::string wanted, deadline until);

  // For what needs more than a session. forbidden when it is wrong (or there is no account), rate_limited.
  task<account_facts> check_password(
      std::int64_t profile_id, const topology::region& home, std::string password, deadline until
  );

  email_claims& claims() { return claims_; }
  time_zones& zones() { return zones_; }
  std::string digest_of(std::string_view email) const;

  // Of no password: checking against it takes the time that an account's takes.
  static std::string nobodys_hash();

 private:
  task<sign_in_outcome> try_sign_in(std::string digest, std::string password, deadline until);
  task<account_facts> get_unlocked(std::int64_t profile_id, const topology::region& home, deadline until);
  task<void> end_other_sessions(principal who, deadline until);
  task<bool> is_right(std::string hash, std::string password, deadline until);
  task<std::string> hash_of(std::string password, deadline until);
  task<made_account> find_repeat(new_account wish, std::string digest, error otherwise, deadline until);
  task<made_account> create(
      new_account wish, const topology::region& home, account_store::account_row row, deadline until
  );
  account_store::session_limits limits() const;

  residency::regions& regions_;
  cpu_pool& pool_;
  account_settings settings_;
  account_store store_;
  email_claims claims_;
  time_zones zones_;
  failure_log failures_;  // what people are told of; accounts are locked in the database
};

// The rules for a new account that need no database. invalid_argument with the field.
result<void> check_new_account(const new_account& wish);
result<void> check_password_choice(std::string_view password, std::string_view email, std::string_view field);

}  // namespace meridian::identity
