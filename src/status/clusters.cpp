#include "status/clusters.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"

namespace meridian::status {
namespace {

using namespace std::chrono_literals;

// After one that did not answer, before it is the first to be asked again.
constexpr auto avoidance = 2s;

bool is_silence(const error& failure) {
  return failure.code == errc::unavailable || failure.code == errc::timed_out || failure.code == errc::overloaded ||
         failure.code == errc::unprepared;
}

// The nodes of a region make one cluster; its number is the first one's place in the deployment.
std::vector<cluster> clusters_of(const topology::topology& world, const topology::deployment& part) {
  std::vector<cluster> found;
  int number = 0;
  for (const auto& node : part.nodes) {
    ++number;
    const auto* where = &world.region_named(node.region);
    if (std::ranges::find(found, where, &cluster::where) == found.end()) {
      found.push_back({node.name, number, where});
    }
  }
  return found;
}

std::vector<pg::endpoint> nodes_in(
    const topology::deployment& part, const topology::region& where, const pg::endpoint& sign_in
) {
  std::vector<pg::endpoint> nodes;
  for (const auto& node : part.nodes) {
    if (node.region == where.name) {
      auto place = sign_in;
      place.host = node.address;
      place.port = node.sql_port;
      nodes.push_back(std::move(place));
    }
  }
  return nodes;
}

}  // namespace

clusters::clusters(
    const boost::asio::any_io_executor& lane, const topology::topology& world, const topology::deployment& part,
    const topology::region& here, const pg::endpoint& sign_in, const clusters_settings& settings
)
    : patience_(settings.patience) {
  const auto& closest = world.closest_node(part, here.name);
  for (auto& each : clusters_of(world, part)) {
    pg::pool_settings chosen;
    chosen.nodes = nodes_in(part, *each.where, sign_in);
    chosen.connections = settings.connections;
    chosen.in_flight_max = settings.in_flight_max;
    chosen.connect_time_max = 1s;
    auto made = std::make_unique<member>();
    made->pool = std::make_unique<pg::pool>(lane, std::move(chosen));
    const bool is_closest = each.where->name == closest.region;
    made->which = std::move(each);
    members_.insert(is_closest ? members_.begin() : members_.end(), std::move(made));
  }
}

task<pg::rows> clusters::ask(member& one, const pg::query& what, pg::arguments with, deadline until) {
  const pg::statement rendered{std::string(what.name), std::string(what.text)};
  auto told = co_await one.pool->run(rendered, std::move(with), until);
  const bool answers = told || !is_silence(told.error());
  if (one.is_known && answers != one.is_reachable) {
    log::warning("status", "the cluster {} {}", one.which.name, answers ? "answers again" : "does not answer");
  }
  one.is_known = true;
  one.is_reachable = answers;
  if (!answers) {
    one.avoided_until = std::chrono::steady_clock::now() + avoidance;
  }
  co_return told;
}

// A pool takes some seconds to give up a node that is frozen, in which every statement waits.
std::vector<clusters::member*> clusters::in_order() const {
  const auto now = std::chrono::steady_clock::now();
  std::vector<member*> order;
  for (const bool is_avoided : {false, true}) {
    for (const auto& one : members_) {
      if ((one->avoided_until > now) == is_avoided) {
        order.push_back(one.get());
      }
    }
  }
  return order;
}

task<clusters::answer> clusters::read(const pg::query& what, pg::arguments with, deadline until) {
  const auto asking = [&](member& one, deadline latest) { return ask(one, what, with, latest); };
  co_return co_await first_of(asking, until);
}

task<clusters::answer> clusters::write(const pg::query& what, pg::arguments with, deadline until) {
  const auto asking = [&](member& one, deadline latest) {
    auto with_time = with;
    with_time.add(std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now() + latest.left()));
    return ask(one, what, std::move(with_time), latest);
  };
  co_return co_await first_of(asking, until);
}

task<clusters::answer> clusters::first_of(attempt asking, deadline until) {
  const auto order = in_order();
  error why{
      errc::unavailable, "no cluster that keeps statuses answers", "Messages and everything else go on without them."
  };
  for (auto* one : order) {
    const bool is_last = one == order.back();
    const auto longest = is_last ? until : until.sooner(patience_);
    auto told = co_await asking(*one, longest);
    if (told) {
      detours_ += one == members_.front().get() ? 0 : 1;
      co_return answer{&one->which, std::move(*told)};
    }
    if (!is_silence(told.error())) {
      co_return std::move(told).error();
    }
    if (told.error().code == errc::unprepared) {
      why = std::move(told).error();
    }
  }
  co_return why;
}

task<pg::rows> clusters::run_at(const cluster& where, const pg::query& what, pg::arguments with, deadline until) {
  const auto found = std::ranges::find_if(members_, [&](const auto& one) { return &one->which == &where; });
  co_return co_await ask(**found, what, std::move(with), until);
}

std::vector<const cluster*> clusters::all() const {
  std::vector<const cluster*> found;
  for (const auto& one : members_) {
    found.push_back(&one->which);
  }
  return found;
}

const cluster* clusters::find(int number) const {
  const auto found = std::ranges::find_if(members_, [number](const auto& one) { return one->which.number == number; });
  return found == members_.end() ? nullptr : &(*found)->which;
}

std::vector<cluster_state> clusters::observe() const {
  std::vector<cluster_state> now;
  for (const auto& one : members_) {
    now.push_back({&one->which, one->is_known, one->is_reachable, one->pool->observe()});
  }
  return now;
}

task<void> clusters::stop(deadline until) {
  std::vector<task<void>> stops;
  for (const auto& one : members_) {
    stops.push_back(one->pool->stop(until));
  }
  co_return co_await meridian::all(std::move(stops));
}

}  // namespace meridian::status
