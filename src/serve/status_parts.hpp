// Status of one lane, wired to what knows of people and channels.
#pragma once

#include <memory>

#include "bus/event.hpp"
#include "http/router.hpp"
#include "identity/guard.hpp"
#include "messaging/channel_service.hpp"
#include "profile/profile_service.hpp"
#include "serve/process_state.hpp"

namespace meridian::serve {

// What Status is made of besides its own clusters; all of it outlives it.
struct status_context {
  boost::asio::any_io_executor lane;
  profile::profile_service& profiles;
  messaging::channel_service& channels;
  identity::guard& door;
  bus::publisher& out;
};

// One for each lane. A cluster of Status that is dead costs requests about statuses and nothing else.
class status_parts {
 public:
  // `part` is the deployment that has the service.
  status_parts(const process_state& process, const topology::deployment& part, const status_context& around);
  status_parts(const status_parts&) = delete;
  status_parts& operator=(const status_parts&) = delete;
  ~status_parts();

  void add_routes(http::router& routes);

  // Announces what changed elsewhere, until stop(). On one lane of the process.
  task<void> watch();
  void stop();

  // After the last request.
  task<void> close(deadline until);

  std::vector<dependency_report> observe_dependencies() const;
  status_report observe() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

// Adds up what the lanes report.
void add_status(metrics::snapshot& out, const std::vector<lane_report>& lanes);

}  // namespace meridian::serve
