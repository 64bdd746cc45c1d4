// Accounts and sessions in the database.
#pragma once

#include <vector>

#include "identity/account.hpp"
#include "identity/principal.hpp"
#include "residency/homes.hpp"

namespace meridian::identity {

// Each call is one statement at one region, but for find_account and end_other_sessions, which go to all. On one lane.
class account_store {
 public:
  explicit account_store(residency::regions& where);

  // none: no region knows the digest. unavailable when one is missing that could.
  task<std::optional<account_facts>> find_account(std::string email_digest, deadline until);
  // not_found.
  task<account_facts> get_account(std::int64_t profile_id, const topology::region& home, deadline until);
  task<person> get_person(std::int64_t profile_id, const topology::region& home, deadline until);

  // The new session of an account whose password was found right. unauthenticated when the account was locked, disabled
  // or given another password meanwhile.
  struct session_limits {
    std::chrono::seconds duration{0};
    std::int64_t count_max = 0;
  };
  task<opened_session> open_session(
      account_facts account, std::optional<std::string> new_hash, session_limits limits, deadline until
  );
  // A session of another profile, wherever it rests. not_found unless it is an active one of the same person.
  task<opened_session> switch_profile(std::int64_t profile_id, principal who, session_limits limits, deadline until);
  task<void> count_failure(account_facts account, int failures_max, deadline until);

  task<std::vector<session_facts>> list_sessions(principal who, deadline until);
  // not_found.
  task<void> end_session(principal who, std::uint64_t number, deadline until);
  // Of all of the person's profiles, but for the one that asks. unavailable when a region is missing where some may
  // rest.
  task<void> end_other_sessions(principal who, deadline until);
  // conflict when it was changed meanwhile.
  task<void> change_password(principal who, std::string old_hash, std::string new_hash, deadline until);

  struct account_row {
    std::int64_t id = 0;
    std::string country;  // its name
    std::optional<std::int64_t> main_profile_id;
    std::string password_hash;
    std::string email_digest;
    std::optional<std::int64_t> actor_id;
  };
  // conflict when the id is somebody else's.
  task<person> create_account(const topology::region& home, new_account wish, account_row row, deadline until);

 private:
  task<opened_session> switch_profile_at(
      const topology::region& home, std::int64_t profile_id, principal who, session_limits limits, deadline until
  );

  residency::regions& regions_;
  residency::homes homes_;  // of profiles
};

}  // namespace meridian::identity
