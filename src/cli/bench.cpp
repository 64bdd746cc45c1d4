#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/session.hpp"
#include "lab/fanout_bench.hpp"
#include "lab/read_bench.hpp"
#include "lab/reminder_bench.hpp"
#include "lab/send_bench.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

template <class Options>
int measure(
    const topology_path& path, const Options& options, bool json,
    result<std::vector<lab::comparison>> (*bench)(const topology::topology&, const Options&)
) {
  const auto world = topology::read_topology(path);
  if (!world) {
    return fail(world.error());
  }
  const auto found = bench(*world, options);
  if (!found) {
    return fail(found.error());
  }
  boost::json::array all;
  for (const auto& one : *found) {
    if (json) {
      all.push_back(lab::json_of(one));
    } else {
      fmt::print("{}", lab::text_of(one));
    }
  }
  if (json) {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"comparisons", std::move(all)}}));
  }
  return exit_done;
}

lab::bench_options common_of(const bench_options& given) {
  lab::bench_options common;
  common.clients = given.clients;
  common.rows = given.rows;
  common.duration = std::chrono::seconds(given.duration_s);
  common.rounds = given.rounds;
  common.region = given.region;
  common.quiet = given.json;
  return common;
}

}  // namespace

int bench_send(const topology_path& path, const bench_send_options& given) {
  lab::send_options options;
  static_cast<lab::bench_options&>(options) = common_of(given);
  options.channels = given.channels;
  options.arrivals_per_second = given.open_loop;
  return measure(path, options, given.json, lab::bench_send);
}

int bench_reminders(const topology_path& path, const bench_reminders_options& given) {
  lab::reminder_bench_options options;
  options.count = given.count;
  options.rounds = given.rounds;
  options.quiet = given.json;
  return measure(path, options, given.json, lab::bench_reminders);
}

int bench_read(const topology_path& path, const bench_read_options& given) {
  lab::read_options options;
  static_cast<lab::bench_options&>(options) = common_of(given);
  options.channels = given.channels;
  options.writes_per_second = given.writes;
  return measure(path, options, given.json, lab::bench_read);
}

int bench_fanout(const topology_path& path, const bench_fanout_options& given) {
  lab::fanout_options options;
  static_cast<lab::bench_options&>(options) = common_of(given);
  options.members = given.members;
  options.channels = given.channels;
  options.in_flight = given.in_flight;
  options.without_peers = given.without_peers;
  options.share_cpus = given.share_cpus;
  const auto world = topology::read_topology(path);
  if (!world) {
    return fail(world.error());
  }
  const auto found = lab::bench_fanout(*world, options);
  if (!found) {
    return fail(found.error());
  }
  boost::json::array all;
  for (const auto& one : *found) {
    if (given.json) {
      all.push_back(lab::json_of(one));
    } else {
      fmt::print("{}", lab::text_of(one));
    }
  }
  if (given.json) {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"parts", std::move(all)}}));
  }
  return exit_done;
}

int bench_idle(const topology_path& path, const bench_idle_options& given) {
  lab::idle_options options;
  static_cast<lab::bench_options&>(options) = common_of(given);
  options.connections = given.connections;
  options.without_peers = given.without_peers;
  const auto world = topology::read_topology(path);
  if (!world) {
    return fail(world.error());
  }
  const auto found = lab::bench_idle(*world, options);
  if (!found) {
    return fail(found.error());
  }
  fmt::print("{}", given.json ? boost::json::serialize(lab::json_of(*found)) + "\n" : lab::text_of(*found));
  return exit_done;
}

}  // namespace meridian::cli
