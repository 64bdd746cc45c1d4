// Who may see and set a status.
#pragma once

#include "status/announcer.hpp"
#include "status/audience.hpp"
#include "status/status_store.hpp"

namespace meridian::status {

inline constexpr std::size_t profiles_max = 200;  // asked for at once

struct setting_list {
  std::vector<setting> rows;
  const cluster* from = nullptr;  // none when nobody had to be asked
  std::string missing_regions;    // that could not tell whom the caller sees
};

struct channel_page {
  setting_list list;
  std::optional<std::int64_t> next_behind;
};

// One for each lane; what it is made of outlives it. A status is set by the person himself and seen by those who share
// a workspace with him; to all others the profile is not_found.
class status_service {
 public:
  status_service(status_store& store, acquaintance& who_knows_whom, channel_members& members, announcer& tell)
      : store_(store), people_(who_knows_whom), members_(members), tell_(tell) {}

  // invalid_argument with the field.
  task<told<setting>> set(identity::principal who, std::int64_t profile_id, wish what, deadline until);

  // Makes it no status; a pause stays.
  task<told<setting>> clear(identity::principal who, std::int64_t profile_id, deadline until);

  task<told<setting>> get(identity::principal who, std::int64_t profile_id, deadline until);

  // Those whom the caller sees, in the order asked, each once; a profile that never had a status has none.
  task<setting_list> list(identity::principal who, std::vector<std::int64_t> profile_ids, deadline until);

  // Of the members of a channel, from behind that profile. not_found to who does not see it.
  task<channel_page> list_of_channel(
      identity::principal who, std::int64_t channel_id, std::int64_t behind, std::size_t limit, deadline until
  );

  // As the cluster that answers learnt of them, of the people whom the caller sees; the latest first.
  task<told<conflict_page>> list_conflicts(
      identity::principal who, std::int64_t before, std::size_t limit, deadline until
  );

  task<told<setting>> pause(identity::principal who, std::int64_t profile_id, ending until_when, deadline until);
  // Also when there is no pause.
  task<told<std::optional<setting>>> resume(identity::principal who, std::int64_t profile_id, deadline until);

 private:
  task<void> access_own(identity::principal who, std::int64_t profile_id, deadline until);
  task<setting_list> get_in_order(std::vector<std::int64_t> profile_ids, deadline until);

  status_store& store_;
  acquaintance& people_;
  channel_members& members_;
  announcer& tell_;
};

// That it is neither over nor too far away.
result<void> check_ending(const ending& given, timestamp now);

}  // namespace meridian::status
