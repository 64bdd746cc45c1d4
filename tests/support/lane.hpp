// A lane of a serving process, in a test: the regions of a running topology as one of them sees the others. Whoever
// uses it links residency.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "http/problem.hpp"
#include "http/router.hpp"
#include "residency/regions.hpp"
#include "support/local_topology.hpp"
#include "topology/topology_file.hpp"

namespace meridian::test {

// One thread uses it; nothing happens on it but inside its calls.
class lane {
 public:
  lane(const local_topology& running, const std::string& region)
      : world_(topology::read_topology(running.file()).value()),
        regions_(
            loop_.get_executor(), world_, *world_.find_deployment("geo"), world_.region_named(region),
            sign_in_of(running)
        ) {}
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane() {
    run(regions_.stop(deadline::in(std::chrono::seconds(5))));
    loop_.run_for(std::chrono::milliseconds(100));
  }

  const topology::topology& world() const { return world_; }
  residency::regions& regions() { return regions_; }
  boost::asio::io_context& loop() { return loop_; }

  // Runs the lane until the task is over.
  template <class T>
  result<T> run(task<T> work) {
    std::optional<result<T>> outcome;
    std::exception_ptr thrown;
    loop_.restart();
    boost::asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr failed, result<T> ended) {
      thrown = failed;
      outcome.emplace(std::move(ended));
    });
    while (!outcome && loop_.run_one() > 0) {
    }
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    return outcome ? std::move(*outcome) : error{errc::internal, "the lane stopped", ""};
  }

  // Goes on with what runs in the background.
  void run_for(std::chrono::milliseconds duration) {
    loop_.restart();
    loop_.run_for(duration);
  }

  // What a server would answer.
  http::response answer(const http::router& routes, http::request received) {
    const auto match = routes.find(received.method, received.path);
    if (match.found == nullptr) {
      return http::unmatched(received.method, match);
    }
    received.captures = match.captures;
    auto answered = run(match.found->handle(std::move(received)));
    return answered ? std::move(*answered) : http::problem_of(answered.error());
  }

 private:
  static pg::endpoint sign_in_of(const local_topology& running) {
    pg::endpoint made;
    made.database = "meridian";
    made.user = "meridian_service";
    made.password = running.password_of("meridian_service");
    return made;
  }

  topology::topology world_;
  boost::asio::io_context loop_{1};
  residency::regions regions_;
};

}  // namespace meridian::test
