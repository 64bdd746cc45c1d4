#include "serve/status_parts.hpp"

#include <map>

#include "status/status_api.hpp"
#include "status/status_watch.hpp"

namespace meridian::serve {
namespace {

status::people people_of(profile::partial<std::int64_t> found) {
  return {std::move(found.items), residency::names_of(found.missing)};
}

class profile_acquaintance final : public status::acquaintance {
 public:
  explicit profile_acquaintance(profile::profile_service& profiles) : profiles_(profiles) {}

  task<status::people> filter(identity::principal who, std::vector<std::int64_t> ids, deadline until) override {
    MERIDIAN_CO_TRY(auto found, co_await profiles_.filter_seen(who, std::move(ids), until));
    co_return people_of(std::move(found));
  }
  task<status::people> list(identity::principal who, deadline until) override {
    MERIDIAN_CO_TRY(auto found, co_await profiles_.list_seen(who, until));
    co_return people_of(std::move(found));
  }
  task<bool> is_own(identity::principal who, std::int64_t profile_id, deadline until) override {
    co_return co_await profiles_.is_own(who, profile_id, until);
  }

 private:
  profile::profile_service& profiles_;
};

class messaging_members final : public status::channel_members {
 public:
  explicit messaging_members(messaging::channel_service& channels) : channels_(channels) {}

  task<status::member_page> list(
      identity::principal who, std::int64_t channel_id, std::int64_t behind, std::size_t limit, deadline until
  ) override {
    messaging::page_of_ids part;
    part.behind = behind;
    part.limit = limit;
    MERIDIAN_CO_TRY(const auto found, co_await channels_.list_members(who, channel_id, part, until));
    status::member_page page;
    for (const auto& one : found.rows) {
      page.profile_ids.push_back(one.profile_id);
    }
    page.next_behind = found.next_behind;
    co_return page;
  }

 private:
  messaging::channel_service& channels_;
};

}  // namespace

// In the order in which they need each other.
struct status_parts::parts {
  parts(const process_state& process, const topology::deployment& part, const status_context& around)
      : people(around.profiles),
        members(around.channels),
        clusters(around.lane, process.world, part, process.here, process.settings.sign_in),
        store(clusters),
        announcer(around.out),
        service(store, people, members, announcer),
        routes(service, around.door),
        watch(around.lane, clusters, store, announcer) {}

  profile_acquaintance people;
  messaging_members members;
  status::clusters clusters;
  status::status_store store;
  status::announcer announcer;
  status::status_service service;
  status::status_api routes;
  status::status_watch watch;
};

status_parts::status_parts(const process_state& process, const topology::deployment& part, const status_context& around)
    : parts_(std::make_unique<parts>(process, part, around)) {}

status_parts::~status_parts() = default;

void status_parts::add_routes(http::router& routes) {
  parts_->routes.add_routes(routes);
}

task<void> status_parts::watch() {
  co_return co_await parts_->watch.run();
}

void status_parts::stop() {
  parts_->watch.stop();
}

task<void> status_parts::close(deadline until) {
  co_return co_await parts_->clusters.stop(until);
}

std::vector<dependency_report> status_parts::observe_dependencies() const {
  std::vector<dependency_report> all;
  for (const auto& seen : parts_->clusters.observe()) {
    dependency_report one;
    one.kind = "cluster";
    one.name = seen.which->name;
    one.of = service::status;
    one.is_known = seen.is_known;
    one.is_reachable = seen.is_reachable && !seen.pool.is_open;
    one.is_open = seen.pool.is_open;
    all.push_back(std::move(one));
  }
  return all;
}

status_report status_parts::observe() const {
  status_report made;
  for (const auto& seen : parts_->clusters.observe()) {
    made.clusters.push_back({seen.which->name, seen.pool});
  }
  made.detours = parts_->clusters.detours();
  return made;
}

void add_status(metrics::snapshot& out, const std::vector<lane_report>& lanes) {
  struct total {
    pg::pool_state sum;
    std::size_t breakers_open = 0;
  };
  std::map<std::string, total> totals;
  std::uint64_t detours = 0;
  for (const auto& lane : lanes) {
    for (const auto& [name, pool] : lane.status.clusters) {
      auto& one = totals[name];
      one.sum.statements += pool.statements;
      one.sum.failures += pool.failures;
      one.sum.in_flight += pool.in_flight;
      one.sum.connections_open += pool.connections_open;
      one.breakers_open += pool.is_open ? 1 : 0;
    }
    detours += lane.status.detours;
  }
  for (const auto& [name, one] : totals) {
    const metrics::labels of{{"cluster", name}};
    out.counter(
        "meridian_status_cluster_statements_total", "Statements sent to the cluster.", of,
        static_cast<double>(one.sum.statements)
    );
    out.counter(
        "meridian_status_cluster_failures_total", "Lost connections and time-outs.", of,
        static_cast<double>(one.sum.failures)
    );
    out.gauge(
        "meridian_status_cluster_in_flight", "Statements that wait for an answer.", of,
        static_cast<double>(one.sum.in_flight)
    );
    out.gauge(
        "meridian_status_cluster_connections", "Open connections.", of, static_cast<double>(one.sum.connections_open)
    );
    out.gauge(
        "meridian_status_cluster_breakers_open", "Lanes that send nothing to the cluster for now.", of,
        static_cast<double>(one.breakers_open)
    );
  }
  if (!totals.empty()) {
    out.counter(
        "meridian_status_detours_total", "Answers of another cluster than the closest.", {},
        static_cast<double>(detours)
    );
  }
}

}  // namespace meridian::serve
