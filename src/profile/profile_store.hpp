// The statements about profiles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/person.hpp"
#include "identity/principal.hpp"
#include "residency/regions.hpp"

namespace meridian::profile {

// What of a profile is to change; what is not set stays.
struct profile_change {
  std::optional<std::string> full_name;
  std::optional<std::string> title;
  std::optional<std::string> time_zone;
  std::optional<std::string> phone;  // "" takes it away
  std::optional<std::string> email;
  std::optional<std::string> email_digest;  // with the e-mail
  std::optional<std::int64_t> expected_version;

  // The names of those that are set, for the audit log.
  std::vector<std::string> field_names() const;
};

// What people are looked for by; all of what is set must hold.
struct profile_search {
  std::optional<std::string> words;  // a part of the name or the title, letter case aside
  std::optional<std::string> title;  // a part of it
  std::optional<std::string> time_zone;
  std::optional<std::string> behind_name;  // the place behind which the page begins: the name in lower case, and the id
  std::int64_t behind_id = 0;
  std::size_t limit = 50;
};

struct profile_hit {
  identity::person it;
  std::string sorted_by;
};

// Of several regions, with those that did not answer.
template <class Item>
struct partial {
  std::vector<Item> items;
  std::vector<residency::missing_region> missing;
};

// One for each lane; `where` must outlive it.
class profile_store {
 public:
  explicit profile_store(residency::regions& where) : regions_(where) {}

  // not_found.
  task<identity::person> get(const topology::region& home, std::int64_t id, deadline until);

  task<bool> share_workspace_in(
      const topology::region& where, std::int64_t one_id, std::int64_t other_id, deadline until
  );
  // Over all regions. unavailable when none says yes and one does not answer.
  task<bool> share_workspace(std::int64_t one_id, std::int64_t other_id, deadline until);

  task<partial<identity::person>> list_own(std::int64_t main_profile_id, deadline until);

  // Everybody who shares a workspace with that profile; at most `count_max` of each region.
  task<partial<std::int64_t>> list_colleague_ids(std::int64_t profile_id, std::size_t count_max, deadline until);

  // Those of the profiles who share a workspace with that one; of one region, or of all.
  task<std::vector<std::int64_t>> filter_colleagues_in(
      const topology::region& where, std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until
  );
  task<partial<std::int64_t>> filter_colleagues(std::int64_t profile_id, std::vector<std::int64_t> ids, deadline until);

  // Of these people, in the order of their names in lower case; `limit` of each region at most.
  task<partial<profile_hit>> search(std::vector<std::int64_t> ids, profile_search wanted, deadline until);

  // not_found when it is not a profile of that person, stale.
  task<identity::person> update(
      const topology::region& home, std::int64_t id, identity::principal who, profile_change change, deadline until
  );

  // "" when it has no account.
  task<std::string> get_email_digest(const topology::region& home, std::int64_t id, deadline until);

 private:
  residency::regions& regions_;
};

}  // namespace meridian::profile
