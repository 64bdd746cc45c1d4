#include <algorithm>

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "lab/fanout_bench.hpp"

namespace meridian::lab {
namespace {

double ratio(double ours, double theirs) {
  return theirs > 0 ? ours / theirs : 0;
}

}  // namespace

std::string text_of(const fanout_part& told) {
  auto text = fmt::format(
      "\nFan-out: {} connections, {} message{} in flight to {} channel{}, 200 letters; {}\n"
      "  {:<24}{:>26}{:>16}{:>14}\n",
      told.members, told.in_flight, told.in_flight == 1 ? "" : "s", told.channels, told.channels == 1 ? "" : "s",
      told.has_shared_cpus ? "all on the same CPUs" : "the servers on CPUs of their own", "",
      "deliveries per CPU second", "per second", "ours / its"
  );
  const auto ours = told.sides.empty() ? 0 : median_of(told.sides.front().per_cpu_second);
  for (const auto& side : told.sides) {
    const auto cost = median_of(side.per_cpu_second);
    text += fmt::format(
        "  {:<24}{:>26}{:>16}{:>14}\n", side.server, grouped(cost), grouped(median_of(side.per_second)),
        &side == &told.sides.front() ? "" : fmt::format("{:.2f}", ratio(ours, cost))
    );
  }
  return text;
}

boost::json::object json_of(const fanout_part& told) {
  boost::json::array sides;
  for (const auto& side : told.sides) {
    sides.push_back(boost::json::object{
        {"server", side.server},
        {"per_cpu_second", median_of(side.per_cpu_second)},
        {"per_second", median_of(side.per_second)},
        {"rounds_per_cpu_second", boost::json::array(side.per_cpu_second.begin(), side.per_cpu_second.end())},
    });
  }
  return {
      {"members", told.members},
      {"channels", told.channels},
      {"in_flight", told.in_flight},
      {"shared_cpus", told.has_shared_cpus},
      {"sides", std::move(sides)}
  };
}

std::string text_of(const idle_outcome& told) {
  auto text = fmt::format(
      "\nIdle: {} connections, signed in{}\n  {:<24}{:>18}{:>22}{:>14}\n", told.connections,
      told.limited_by.empty() ? "" : "; no more, because " + told.limited_by, "", "bytes each", "% of a core",
      "its / ours"
  );
  const auto ours = told.sides.empty() ? 0 : told.sides.front().bytes_each;
  for (const auto& side : told.sides) {
    text += fmt::format(
        "  {:<24}{:>18}{:>22.1f}{:>14}\n", side.server, grouped(side.bytes_each), side.cpu_percent,
        &side == &told.sides.front() ? "" : fmt::format("{:.2f}", ratio(side.bytes_each, ours))
    );
  }
  return text;
}

boost::json::object json_of(const idle_outcome& told) {
  boost::json::array sides;
  for (const auto& side : told.sides) {
    sides.push_back(boost::json::object{
        {"server", side.server},
        {"connections", side.connections},
        {"bytes_each", side.bytes_each},
        {"cpu_percent", side.cpu_percent},
    });
  }
  return {{"connections", told.connections}, {"limited_by", told.limited_by}, {"sides", std::move(sides)}};
}

}  // namespace meridian::lab
