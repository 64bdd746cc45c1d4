// The statements about channels and who is in them.
#pragma once

#include "messaging/channel.hpp"
#include "messaging/member.hpp"
#include "messaging/workspace.hpp"
#include "residency/regions.hpp"

namespace meridian::messaging {

// Errors are those of regions::run, and what the statements refuse (verdict.hpp). `caller_id` is who asks.
// A direct channel, and who was let in by this.
struct opened_direct {
  made<channel> outcome;
  std::vector<std::int64_t> entered_ids;
};

// What became of a wish about somebody's membership.
struct membership_change {
  bool is_new = false;  // else it was so before
  std::int64_t workspace_id = 0;
};

class channel_store {
 public:
  explicit channel_store(residency::regions& where) : regions_(where) {}

  task<page<channel>> list(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, channel_filter which,
      page_of_ids part, deadline until
  );
  // Of all regions.
  task<page<channel>> list_of(std::int64_t profile_id, page_of_ids part, deadline until);

  task<channel> get(const topology::region& home, std::int64_t id, std::int64_t caller_id, deadline until);

  // retry when somebody made it at the same time.
  task<made<channel>> create(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, new_channel wish, deadline until
  );
  // `profile_ids` ascending, the caller among them.
  task<opened_direct> open_direct(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id,
      std::vector<std::int64_t> profile_ids, deadline until
  );

  task<made<channel>> update(
      const topology::region& home, std::int64_t id, std::int64_t caller_id, channel_change what, deadline until
  );

  task<page<member>> list_members(
      const topology::region& home, std::int64_t id, std::int64_t caller_id, page_of_ids part, deadline until
  );
  task<membership_change> add_member(
      const topology::region& home, std::int64_t id, std::int64_t caller_id, std::int64_t profile_id, deadline until
  );
  task<membership_change> remove_member(
      const topology::region& home, std::int64_t id, std::int64_t caller_id, std::int64_t profile_id, deadline until
  );

 private:
  residency::regions& regions_;
};

}  // namespace meridian::messaging
