#include "lab/measurement.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <boost/json/array.hpp>

namespace meridian::lab {
namespace {

double milliseconds(latency_histogram::duration took) {
  return static_cast<double>(took.count()) / 1e6;
}

template <class Figure>
double median_over(const std::vector<measurement>& rounds, Figure figure) {
  std::vector<double> values;
  std::ranges::transform(rounds, std::back_inserter(values), figure);
  return median_of(std::move(values));
}

// "15x met", or how far it is.
std::string verdict_on(double reached, double wanted) {
  return reached >= wanted ? fmt::format("{:g}x: met", wanted)
                           : fmt::format("{:g}x: {:.0f} % of it", wanted, 100 * reached / wanted);
}

std::string goal_line(std::string_view what, double reached, const std::optional<goal>& wanted) {
  const auto said = fmt::format("  {} {:.2f}x", what, reached);
  return wanted ? fmt::format(
                      "{} (bar {}; moonshot {})\n", said, verdict_on(reached, wanted->bar),
                      verdict_on(reached, wanted->moonshot)
                  )
                : said + "\n";
}

std::string row_of(std::string_view name, const summary& of) {
  return fmt::format(
      "  {:<10}{:>12}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.1f}{:>12.1f}{:>12.1f}{:>12.1f}\n", name,
      grouped(of.per_second), of.p50_ms, of.p90_ms, of.p99_ms, of.p999_ms, of.max_ms, of.server_us, of.postgres_us,
      of.client_us
  );
}

boost::json::object json_of(const summary& of) {
  return {
      {"per_second", of.per_second}, {"p50_ms", of.p50_ms},           {"p90_ms", of.p90_ms},
      {"p99_ms", of.p99_ms},         {"p999_ms", of.p999_ms},         {"max_ms", of.max_ms},
      {"server_us", of.server_us},   {"postgres_us", of.postgres_us}, {"client_us", of.client_us},
  };
}

boost::json::array rates_of(const std::vector<measurement>& rounds) {
  boost::json::array rates;
  for (const auto& round : rounds) {
    rates.emplace_back(round.per_second);
  }
  return rates;
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

summary summary_of(const std::vector<measurement>& rounds) {
  const auto percentile = [&](double percent) {
    return median_over(rounds, [percent](const auto& one) { return milliseconds(one.latencies.percentile(percent)); });
  };
  const auto cost_us = [&](double measurement::* seconds) {
    return median_over(rounds, [seconds](const auto& one) {
      return one.count > 0 ? one.*seconds * 1e6 / one.count : 0;
    });
  };
  return {
      median_over(rounds, [](const auto& one) { return one.per_second; }),
      percentile(50),
      percentile(90),
      percentile(99),
      percentile(99.9),
      median_over(rounds, [](const auto& one) { return milliseconds(one.latencies.max()); }),
      cost_us(&measurement::client_cpu_seconds),
      cost_us(&measurement::server_cpu_seconds),
      cost_us(&measurement::postgres_cpu_seconds)
  };
}

double rate_ratio_of(const comparison& of) {
  const auto theirs = summary_of(of.peer_rounds).per_second;
  return theirs > 0 ? summary_of(of.our_rounds).per_second / theirs : 0;
}

double p99_ratio_of(const comparison& of) {
  const auto ours = summary_of(of.our_rounds).p99_ms;
  return ours > 0 ? summary_of(of.peer_rounds).p99_ms / ours : 0;
}

std::string grouped(double number) {
  auto digits = fmt::format("{:.0f}", number);
  for (auto at = static_cast<int>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string text_of(const comparison& told) {
  std::string text = fmt::format(
      "\n{}\n  {:<10}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}{:>12}{:>12}\n", told.name, "", "a second", "p50 ms",
      "p90 ms", "p99 ms", "p99.9 ms", "max ms", "server us", "postgres us", "client us"
  );
  if (!told.peer_rounds.empty()) {
    text += row_of(told.peers, summary_of(told.peer_rounds));
  }
  text += row_of(told.ours, summary_of(told.our_rounds));
  if (!told.peer_rounds.empty()) {
    text += goal_line("rate: times the peer's:", rate_ratio_of(told), told.rate_goal);
    text += goal_line("p99: the peer's takes  ", p99_ratio_of(told), told.p99_goal);
  }
  return text;
}

boost::json::object json_of(const comparison& told) {
  boost::json::object out{
      {"name", told.name},
      {"ours", json_of(summary_of(told.our_rounds))},
      {"our_rates", rates_of(told.our_rounds)},
  };
  if (!told.peer_rounds.empty()) {
    out["peer"] = told.peers;
    out["peers"] = json_of(summary_of(told.peer_rounds));
    out["peer_rates"] = rates_of(told.peer_rounds);
    out["rate_ratio"] = rate_ratio_of(told);
    out["p99_ratio"] = p99_ratio_of(told);
  }
  const auto add = [&](const char* name, const std::optional<goal>& wanted) {
    if (wanted) {
      out[name] = boost::json::object{{"bar", wanted->bar}, {"moonshot", wanted->moonshot}};
    }
  };
  add("rate_goal", told.rate_goal);
  add("p99_goal", told.p99_goal);
  return out;
}

}  // namespace meridian::lab
