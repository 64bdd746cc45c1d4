// Passwords for the sample company of a local topology.
#pragma once

#include <string>

#include "cluster/state.hpp"

namespace meridian::cli {

struct sample_people {
  int count = 0;
  std::string password;  // empty: the one that the person put into MERIDIAN_SAMPLE_PASSWORD
};

// Those of them who have no account get one, with MERIDIAN_SAMPLE_PASSWORD or else a password that is made once and
// kept in the state directory. When the variable changed since the last time, all get the new one.
result<sample_people> enroll_sample_people(const topology::topology& world, const cluster::state& kept);

// How to sign in as one of them; "" when there are none.
std::string sign_in_hint(const sample_people& enrolled);

}  // namespace meridian::cli
