// The statements about workspaces.
#pragma once

#include "messaging/workspace.hpp"
#include "residency/homes.hpp"

namespace meridian::messaging {

// Errors are those of regions::run, and what the statements refuse (verdict.hpp).
class workspace_store {
 public:
  explicit workspace_store(residency::regions& where) : regions_(where) {}

  // Of all regions, each page's ids behind the same one.
  task<page<workspace>> list_of(std::int64_t profile_id, page_of_ids part, deadline until);

  task<workspace> get(const topology::region& home, std::int64_t id, std::int64_t profile_id, deadline until);

  struct change {
    std::string name;
    std::optional<std::int64_t> version;  // that it must still have
  };
  task<workspace> update(
      const topology::region& home, std::int64_t id, std::int64_t profile_id, change what, deadline until
  );

  // `id` is the one that the URL is claimed for. conflict when another workspace has the URL or the id.
  task<made<workspace>> create(
      const topology::region& home, std::int64_t id, std::int64_t owner_id, new_workspace wish, deadline until
  );

  struct url_holder {
    std::int64_t id = 0;
    std::optional<std::int64_t> created_by;
    std::optional<std::string> creation_key;
    const topology::region* home = nullptr;
  };
  struct url_search {
    std::optional<url_holder> found;
    std::optional<error> missing;  // a region that was asked and did not answer
  };
  // In all regions. The key is key_of_url's.
  task<url_search> find_url(std::string key, deadline until);

  // Over all regions, by a digest. Nobody but the claim's holder may make a workspace with that URL.
  struct url_claim {
    std::int64_t holder_id = 0;
    bool is_new = false;
    bool is_old = false;  // made so long ago that whoever made it gave up
  };
  // retry while somebody claims it at this moment. `home` is where the new holder would rest.
  task<url_claim> claim_url(std::string digest, const topology::region& home, deadline until);
  task<url_claim> take_over_url(
      std::string digest, std::int64_t holder_id, const topology::region& home, deadline until
  );
  task<void> release_url(std::string digest, std::int64_t holder_id, deadline until);

 private:
  residency::regions& regions_;
};

// Reads the 9 columns that statements show a workspace by, the first of which is that one.
workspace workspace_of(const pg::row& row, int first_column, const topology::region& home);

}  // namespace meridian::messaging
