// Accounts for the sample company of a local topology. A real deployment never comes here.
#pragma once

#include <string>

#include "residency/regions.hpp"
#include "runtime/cpu_pool.hpp"

namespace meridian::identity {

struct enrollment {
  std::string digest_key;  // the services'
  std::string password;    // of all sample people
  bool is_new = false;     // the password is to replace the one that an account has
};

// Gives each sample person who is still there an account, and leaves those who have one alone unless the password is
// new or their digest was made with another key. To be repeated after a failure. Answers how many sample people there
// are.
task<int> enroll_sample_people(residency::regions& where, cpu_pool& pool, enrollment wish, deadline until);

}  // namespace meridian::identity
