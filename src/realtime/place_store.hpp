// The statements of live connections. Rights are inside them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "realtime/place.hpp"
#include "residency/homes.hpp"
#include "residency/regions.hpp"

namespace meridian::realtime {

// What somebody is in, of the regions that were asked.
struct places {
  std::vector<place> found;  // by region, then by id
  std::vector<const topology::region*> missing;
  bool is_cut = false;  // there are more than the cap lets in
};

struct counter {
  std::int64_t channel_id = 0;
  std::int64_t change_seq = 0;
  std::int64_t version = 0;
};

// A channel and a profile, or two profiles.
using pair_of_ids = std::pair<std::int64_t, std::int64_t>;

struct shared_profiles {
  std::vector<std::int64_t> ids;  // ascending
  bool is_complete = false;       // every region answered
};

// One for each lane; `where` must outlive it.
class place_store {
 public:
  explicit place_store(residency::regions& where);

  const std::vector<const topology::region*>& regions() const { return regions_.all(); }

  // Side by side from all these regions; those that don't answer are missing. `count_max` of each region.
  task<places> list(
      std::int64_t profile_id, std::vector<const topology::region*> where, std::size_t count_max, deadline until
  );

  // not_found where the profile may not look.
  task<place> find(std::int64_t channel_id, std::int64_t profile_id, deadline until);

  // Those that are not as they were known to be. At most 5,000 for one statement.
  task<std::vector<counter>> compare(const topology::region& home, std::vector<counter> known, deadline until);

  // Those where the profile may not see the channel (any more).
  task<std::vector<pair_of_ids>> list_unseen(
      const topology::region& home, std::vector<pair_of_ids> asked, deadline until
  );

  // Those pairs of two profiles that share no workspace, anywhere. unavailable when a region does not answer.
  task<std::vector<pair_of_ids>> list_strangers(std::vector<pair_of_ids> asked, deadline until);

  // Those who are in a workspace with the profile, anywhere.
  task<shared_profiles> list_shared(std::int64_t profile_id, std::vector<std::int64_t> others, deadline until);

 private:
  task<void> list_in(
      const topology::region& home, std::int64_t profile_id, std::size_t count_max, deadline until, places& so_far
  );
  task<place> find_in(const topology::region& home, std::int64_t channel_id, std::int64_t profile_id, deadline until);

  residency::regions& regions_;
  residency::homes channels_;
};

}  // namespace meridian::realtime
