// What this process counts and measures.
#pragma once

#include "http/router.hpp"
#include "serve/process_state.hpp"

namespace meridian::serve {

// What a scrape adds to the registry: the state of the lanes and of their pools.
metrics::snapshot snapshot_of(const process_state& process, const std::vector<lane_report>& lanes);

// GET /metrics, of all lanes. One for each lane; `process` outlives it.
class metrics_api {
 public:
  explicit metrics_api(const process_state& process) : process_(process) {}

  void add_routes(http::router& routes) const;

 private:
  task<http::response> answer_metrics() const;

  const process_state& process_;
};

}  // namespace meridian::serve
