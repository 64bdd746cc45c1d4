// `meridian bench send`: durable posts over HTTP against pgbench doing the same statement.
#pragma once

#include "lab/bench_stage.hpp"

namespace meridian::lab {

struct send_options : bench_options {
  std::vector<std::size_t> channels{1, 1000};
  double arrivals_per_second = 0;  // open loop for both sides; 0: closed
};

// The pgbench script that sends the single-row statement of the product, as any of the people, to one of the first
// channels at random. It wants the definition n=NUMBER: another hundred million each time.
std::string send_script(const bench_data& data, const std::string& region, std::size_t channels, std::size_t clients);

// Rounds of both sides take turns, for each number of channels. At the end every acknowledged message is looked for in
// the database: one that is lost or doubled, or a gap in a channel, is an error (internal, with what is wrong).
result<std::vector<comparison>> bench_send(const topology::topology& like, const send_options& options);

}  // namespace meridian::lab
