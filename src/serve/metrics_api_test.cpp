#include "serve/metrics_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/answer_watcher.hpp"
#include "topology/topology_file.hpp"

namespace meridian::serve {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(snapshot, adds_the_lanes_up_and_tells_oceans_from_home) {
  const auto world = topology::read_topology(std::string(MERIDIAN_SOURCE_DIR) + "/config/local.toml").value();
  cpu_pool pool(1, 1);
  const process_state state(world, world.regions[1], {}, pool);
  std::vector<lane_report> lanes(2);
  for (auto& lane : lanes) {
    lane.handling = 1;
    lane.connections = 10;
    for (const auto& region : world.regions) {
      pg::pool_state seen;
      seen.statements = 100;
      seen.round_trips = 7;
      seen.is_open = region.name == "asia";
      lane.pools.push_back(pool_report{&region, seen});
    }
  }
  const auto text = metrics::registry().to_text(snapshot_of(state, lanes));
  for (const auto* line :
       {"meridian_http_in_flight 2\n", "meridian_http_connections 20\n",
        "meridian_pool_statements_total{region=\"europe\"} 200\n",
        "meridian_pool_round_trips_total{region=\"asia\"} 14\n", "meridian_pool_breakers_open{region=\"asia\"} 2\n",
        "meridian_pool_breakers_open{region=\"europe\"} 0\n", "meridian_wan_round_trips_total 28\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(answer_watcher, counts_by_route_and_class_and_never_by_path) {
  metrics::registry numbers;
  answer_watcher watcher(numbers);
  http::router routes;
  routes.add(http::verb::get, "/v1/messages/{id}", [](const http::request&) -> task<http::response> {
    co_return http::response();
  });
  http::exchange done;
  done.method = http::verb::head;
  done.matched = &routes.routes().front();
  done.status = 200;
  done.duration = 3ms;
  watcher.on_answer(done);
  done.status = 204;
  watcher.on_answer(done);
  done.status = 503;
  watcher.on_answer(done);
  done.matched = nullptr;
  done.status = 404;
  watcher.on_answer(done);
  const auto text = numbers.to_text();
  for (const auto* line : {
           "_count{method=\"GET\",route=\"/v1/messages/{id}\",status=\"2xx\"} 2\n",
           "_bucket{method=\"GET\",route=\"/v1/messages/{id}\",status=\"2xx\",le=\"0.0025\"} 0\n",
           "_bucket{method=\"GET\",route=\"/v1/messages/{id}\",status=\"2xx\",le=\"0.005\"} 2\n",
           "_count{method=\"GET\",route=\"/v1/messages/{id}\",status=\"5xx\"} 1\n",
           "_count{method=\"\",route=\"\",status=\"4xx\"} 1\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// The access log is on standard error, one line of JSON an event.
TEST(answer_watcher, logs_failures_and_slow_ones_by_their_pattern) {
  metrics::registry numbers;
  answer_watcher watcher(numbers);
  http::exchange done;
  done.request_id = "abc";
  done.status = 200;
  testing::internal::CaptureStderr();
  watcher.on_answer(done);
  done.status = 500;
  watcher.on_answer(done);
  done.status = 200;
  done.duration = 1500ms;
  watcher.on_answer(done);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(said, '\n'), 2) << said;
  EXPECT_THAT(said, HasSubstr(R"("request":"abc","method":"","route":"","status":500,"ms":0.000})"));
  EXPECT_THAT(said, HasSubstr(R"("status":200,"ms":1500.000})"));
}

}  // namespace
}  // namespace meridian::serve
