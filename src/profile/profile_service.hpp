// Who may see and change a profile.
#pragma once

#include "identity/account_service.hpp"
#include "profile/profile_store.hpp"
#include "residency/homes.hpp"

namespace meridian::profile {

// One page of people, and where the next one begins.
struct profile_page {
  std::vector<profile_hit> hits;
  bool has_more = false;
  std::vector<residency::missing_region> missing;
};

// What a profile's owner asks for; `password` goes with a new e-mail address.
struct profile_edit {
  profile_change change;
  std::string password;
};

// One for each lane; what it is made of outlives it. A profile is seen by its person and by those who share a workspace
// with it; to all others it is not_found.
class profile_service {
 public:
  profile_service(residency::regions& where, identity::account_service& accounts);

  task<identity::person> get(identity::principal who, std::int64_t id, deadline until);

  // All profiles of the person who asks.
  task<partial<identity::person>> list_own(identity::principal who, deadline until);

  // Over all regions; of the 10,000 first colleagues of each.
  task<profile_page> search(identity::principal who, profile_search wanted, deadline until);

  // Those of the profiles whom the caller sees, in any order. Asks other regions only about those who are not
  // colleagues in a workspace of this one.
  task<partial<std::int64_t>> filter_seen(identity::principal who, std::vector<std::int64_t> ids, deadline until);

  // Everybody whom the caller sees; of the 10,000 first colleagues of each region.
  task<partial<std::int64_t>> list_seen(identity::principal who, deadline until);

  // Whether it is a profile of the same person's. unavailable when it may be one of a region that does not answer.
  task<bool> is_own(identity::principal who, std::int64_t id, deadline until);

  // By the same person only. invalid_argument with the field; forbidden for a wrong password, conflict for an address
  // that has an account, stale.
  task<identity::person> edit(identity::principal who, std::int64_t id, profile_edit wish, deadline until);

 private:
  task<void> get_into(std::int64_t id, deadline until, result<identity::person>& found);
  task<void> filter_into(
      std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until, partial<std::int64_t>& found
  );
  task<void> own_into(identity::principal who, deadline until, partial<identity::person>& found);
  task<void> colleagues_into(std::int64_t profile_id, deadline until, partial<std::int64_t>& found);
  task<void> share_into(std::int64_t one_id, std::int64_t other_id, deadline until, result<bool>& shares);
  task<identity::person> edit_email(
      const topology::region& home, identity::principal who, std::int64_t id, profile_edit wish, deadline until
  );
  task<identity::person> edit_at(
      const topology::region& home, identity::principal who, std::int64_t id, profile_edit wish, deadline until
  );

  residency::regions& regions_;
  identity::account_service& accounts_;
  profile_store store_;
  residency::homes profiles_;
};

}  // namespace meridian::profile
