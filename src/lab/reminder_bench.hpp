// How many reminders a second one serving process delivers when many are due at one moment.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "lab/measurement.hpp"
#include "topology/topology.hpp"

namespace meridian::lab {

struct reminder_bench_options {
  std::int64_t count = 20'000;
  int rounds = 3;
  bool quiet = false;
};

// On a topology of its own, with a replica that confirms each commit, erased at its end. A reminder that is not due
// once at the end, or still held by somebody, makes it internal. Its latency is how long after its time it was claimed.
result<std::vector<comparison>> bench_reminders(const topology::topology& like, const reminder_bench_options& options);

}  // namespace meridian::lab
