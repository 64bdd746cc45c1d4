// Whether this process lives and may be sent requests.
#pragma once

#include "http/router.hpp"
#include "serve/process_state.hpp"
#include "serve/region_watch.hpp"
#include "serve/services.hpp"

namespace meridian::serve {

// GET /livez: 200 as long as the lane runs. GET /readyz: 200 when the process's own region answers and it does not
// drain, else 503; the body tells of each region and of the bus. Other regions are only told of: their rows have no
// other door. So is what a service needs besides: without it the service is told as degraded. Without its bus a process
// is ready: what others do shows some seconds later.
// One for each lane; what it is given outlives it.
class health_api {
 public:
  health_api(
      const process_state& process, const residency::regions& where, const region_watch& watch, const services& served
  )
      : process_(process), regions_(where), watch_(watch), services_(served) {}

  void add_routes(http::router& routes) const;

 private:
  task<http::response> answer_readiness() const;

  const process_state& process_;
  const residency::regions& regions_;
  const region_watch& watch_;
  const services& services_;
};

}  // namespace meridian::serve
