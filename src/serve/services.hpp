// The composition root: the services of one lane, wired to what they need, and their routes.
#pragma once

#include <memory>

#include "bus/lane_bus.hpp"
#include "http/router.hpp"
#include "residency/regions.hpp"
#include "serve/process_state.hpp"

namespace meridian::serve {

// One for each lane, on which it lives. `process`, `where` and `events` outlive it, and it outlives the handlers.
class services {
 public:
  services(
      process_state& process, residency::regions& where, bus::lane_bus& events, const boost::asio::any_io_executor& lane
  );
  services(const services&) = delete;
  services& operator=(const services&) = delete;
  ~services();

  // Those of the services that the process serves.
  void add_routes(http::router& routes);

  // What works beside the requests, until stop(); to be started once.
  task<void> run();
  void stop();

  // After stop() and the last request: ends the connections of its own.
  task<void> close(deadline until);

  // Tells those who are connected.
  void tell_reachable(const topology::region& region, bool is_reachable);

  // What its services need besides the regions.
  std::vector<dependency_report> observe_dependencies() const;
  status_report observe_status() const;
  std::vector<cluster_report> observe_reminders() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace meridian::serve
