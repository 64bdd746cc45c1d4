// Reads the audit log. Writing is part of the statements whose doings it records (sql/schema/identity/002_sign_in.sql).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "residency/regions.hpp"

namespace meridian::identity {

struct audit_entry {
  const topology::region* where = nullptr;
  std::int64_t number = 0;  // 1, 2, 3, ... in its region
  timestamp at;
  std::optional<std::int64_t> actor_id;
  std::string action;
  std::string subject;
  std::string details;  // JSON
  std::string hash;     // 32 octets
};

struct audit_page {
  std::vector<audit_entry> entries;  // by time, the newest last
  std::vector<residency::missing_region> missing;
};

// The newest entries of one region, or of all where it is nullptr; at most `limit`.
task<audit_page> list_audit_entries(
    residency::regions& regions, const topology::region* where, std::int64_t limit, deadline until
);

struct chain_report {
  const topology::region* where = nullptr;
  std::optional<std::int64_t> broken_at;  // the first entry that was altered or is missing
  std::int64_t newest_number = 0;         // by the chain's head
  std::string newest_hash;                // 32 octets: whoever keeps it elsewhere can tell later that nothing before it
                                          // was changed
};

struct chain_reports {
  std::vector<chain_report> chains;
  std::vector<residency::missing_region> missing;
};

// Computes every hash of one region's chain anew, or of all regions' where it is nullptr.
task<chain_reports> verify_audit_chains(residency::regions& regions, const topology::region* where, deadline until);

}  // namespace meridian::identity
