// An e-mail address belongs to one account, over all regions, although none but its own knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "residency/regions.hpp"

namespace meridian::identity {

// A claim rests in whichever region the digest says, and is taken before the account has the address and given back
// after it has another. A crash in between leaves a claim that no account uses; after a minute whoever wants the
// address takes it over.
struct email_claim {
  std::string digest;
  std::int64_t holder_id = 0;
  timestamp claimed_at;
};

// On one lane.
class email_claims {
 public:
  explicit email_claims(residency::regions& where) : regions_(where) {}

  // For that profile, or for a new one of the region: then the claim's holder is the id that it is to have. conflict
  // with the field `email` when an account has it, retry while somebody else is about to, unavailable when a region is
  // missing that must be asked.
  task<email_claim> take(
      std::string digest, std::optional<std::int64_t> holder_id, const topology::region& home, deadline until
  );

  // Only if it was made before that time, where one is given.
  task<void> release(std::string digest, std::int64_t holder_id, std::optional<timestamp> made_before, deadline until);

 private:
  residency::regions& regions_;
};

}  // namespace meridian::identity
