// The statements about invitations.
#pragma once

#include "messaging/invitation.hpp"
#include "messaging/workspace.hpp"
#include "residency/regions.hpp"

namespace meridian::messaging {

// Errors are those of regions::run, and what the statements refuse (verdict.hpp). Tokens are known by their SHA-256.
class invitation_store {
 public:
  explicit invitation_store(residency::regions& where) : regions_(where) {}

  task<made<invitation>> create(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::string token_hash,
      new_invitation wish, deadline until
  );
  task<page<invitation>> list(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, page_of_ids part, deadline until
  );
  task<void> revoke(const topology::region& home, std::int64_t id, std::int64_t caller_id, deadline until);
  task<invitation_preview> preview(const topology::region& home, std::string token_hash, deadline until);

  // A workspace, and its channels that the profile is in by this.
  struct welcome {
    made<workspace> outcome;
    std::vector<std::int64_t> channel_ids;
  };
  // retry when the same profile accepted at the same time.
  task<welcome> accept(const topology::region& home, std::string token_hash, std::int64_t profile_id, deadline until);

 private:
  residency::regions& regions_;
};

}  // namespace meridian::messaging
