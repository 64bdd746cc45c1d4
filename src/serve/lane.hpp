// One thread of a serving process and everything that lives on it.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/lane_bus.hpp"
#include "http/server.hpp"
#include "serve/health_api.hpp"
#include "serve/metrics_api.hpp"
#include "serve/process_state.hpp"
#include "serve/region_watch.hpp"
#include "serve/services.hpp"
#include "serve/web_api.hpp"

namespace meridian::serve {

// Made and destroyed by the process's thread while the lane's own does not run. Shares nothing with other lanes but the
// process's state.
class lane {
 public:
  // `process` outlives it.
  lane(process_state& process, const topology::deployment& part);
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  // start() must have been followed by stop() and join().
  ~lane();

  // All routes of a process with such settings.
  http::router make_routes();

  // Before start(). Answers the port.
  result<std::uint16_t> listen(const http::listen_address& where);

  // Starts the thread; `ended` is called on it at its end.
  void start(std::function<void()> ended);

  // From any thread: every answer is the last of its connection from now on.
  void announce_stop();

  // From any lane; run there. Ends requests in peace, then everything else. timed_out when requests were cut off.
  task<void> stop(deadline until);
  boost::asio::awaitable<lane_report> observe();

  // Whether the region's node has been asked, and answers.
  boost::asio::awaitable<region_health> observe_health();

  // Blocks until the thread has ended.
  void join();

 private:
  task<void> stop_here(deadline until);
  boost::asio::awaitable<lane_report> report() const;
  boost::asio::awaitable<region_health> health() const;
  void spawn(task<void> work);

  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  process_state& process_;
  residency::regions regions_;
  region_watch watch_;
  bus::lane_bus& events_;
  services services_;
  health_api health_;
  metrics_api metrics_;
  region_api region_routes_;
  std::optional<http::server> server_;
  std::thread thread_;
};

}  // namespace meridian::serve
