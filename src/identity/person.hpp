// A person's profile as its row has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "pg/rows.hpp"
#include "topology/topology.hpp"

namespace meridian::identity {

struct person {
  std::int64_t id = 0;
  std::string full_name;
  std::string email;
  std::optional<std::string> phone;
  std::string title;
  std::string time_zone;
  std::string country;
  std::int64_t main_profile_id = 0;
  std::int64_t version = 0;
  timestamp created_at;
  std::optional<timestamp> deactivated_at;
  const topology::region* home = nullptr;  // where the row rests
};

// How many columns person_of reads: id, full_name, email, phone, title, time_zone, country, main_profile_id, version,
// created_at, deactivated_at, in this order. Statements put what else they answer behind them.
inline constexpr int person_columns = 11;

person person_of(const pg::row& row, const topology::region& home);

}  // namespace meridian::identity
