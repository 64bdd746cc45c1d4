// What a measurement found, and how it is told: ours beside its peer's, in one run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "lab/latency_histogram.hpp"

namespace meridian::lab {

// One round of one side.
struct measurement {
  double per_second = 0;
  latency_histogram latencies;
  double count = 0;  // of operations, for the cost of one
  double client_cpu_seconds = 0;
  double server_cpu_seconds = 0;  // of the serving process; pgbench has none
  double postgres_cpu_seconds = 0;
};

// A figure to reach (or, for `lower_is_better`, to stay below), and the one we are really after.
struct goal {
  double bar = 0;
  double moonshot = 0;
};

// Rounds of both sides that took turns, doing the same work.
struct comparison {
  std::string name;   // "POST, one channel, 64 clients"
  std::string ours;   // "POST"
  std::string peers;  // "pgbench"
  std::vector<measurement> our_rounds;
  std::vector<measurement> peer_rounds;  // may be empty: nothing to compare with
  std::optional<goal> rate_goal;         // of our rate as a multiple of the peer's
  std::optional<goal> p99_goal;          // of the peer's p99 as a multiple of ours
};

// Of the rounds: each figure's own median.
struct summary {
  double per_second = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double max_ms = 0;
  double client_us = 0;  // CPU of one operation
  double server_us = 0;
  double postgres_us = 0;
};

double median_of(std::vector<double> values);  // 0 for none; the mean of the middle two for an even number
summary summary_of(const std::vector<measurement>& rounds);

// Ours divided by the peer's (rate), and the peer's by ours (p99); 0 without a peer.
double rate_ratio_of(const comparison& of);
double p99_ratio_of(const comparison& of);

// A table for people, and the same for programs.
std::string text_of(const comparison& told);
boost::json::object json_of(const comparison& told);

// "12,345"
std::string grouped(double number);

}  // namespace meridian::lab
