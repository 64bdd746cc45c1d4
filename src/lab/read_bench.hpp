// `meridian bench read`: timelines over HTTP against pgbench doing the same query.
#pragma once

#include "lab/bench_stage.hpp"

namespace meridian::lab {

struct read_options : bench_options {
  std::size_t channels = 100;
  double writes_per_second = 50;  // of the part with writers
};

// Timelines of 50 messages from the database, from the tail in memory, and from there while others write. With writers,
// an answer that lacks a message that was acknowledged before the question is an error (internal): the memory must be
// exact.
result<std::vector<comparison>> bench_read(const topology::topology& like, const read_options& options);

}  // namespace meridian::lab
