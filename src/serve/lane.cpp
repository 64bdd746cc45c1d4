#include "serve/lane.hpp"

#include <exception>

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "serve/answer_watcher.hpp"
#include "serve/document_api.hpp"
#include "serve/web_api.hpp"

namespace meridian::serve {

namespace asio = boost::asio;

lane::lane(process_state& process, const topology::deployment& part)
    : process_(process),
      regions_(loop_.get_executor(), process.world, part, process.here, process.settings.sign_in),
      watch_(loop_.get_executor(), regions_, process.settings.remote_watch_interval),
      events_(process.events.add_lane(loop_.get_executor())),
      services_(process, regions_, events_, loop_.get_executor()),
      health_(process, regions_, watch_, services_),
      metrics_(process),
      region_routes_(process, watch_) {
  watch_.listen([this](const topology::region& region, bool is_reachable) {
    services_.tell_reachable(region, is_reachable);
  });
}

lane::~lane() = default;

http::router lane::make_routes() {
  http::router routes;
  health_.add_routes(routes);
  metrics_.add_routes(routes);
  add_document_routes(routes);
  add_web_routes(routes, process_.settings);
  region_routes_.add_routes(routes);
  services_.add_routes(routes);
  add_elsewhere_routes(routes, process_.settings.services);
  return routes;
}

result<std::uint16_t> lane::listen(const http::listen_address& where) {
  http::server_hooks hooks;
  hooks.watcher = std::make_shared<answer_watcher>(process_.numbers);
  hooks.common_headers.add("Meridian-Served-By", fmt::format("{}/{}", process_.here.name, process_.instance));
  hooks.proxies = process_.settings.proxies;
  http::server_limits limits;
  limits.has_io_uring = process_.settings.has_io_uring;
  MERIDIAN_TRY(auto started, http::server::start(loop_.get_executor(), where, make_routes(), limits, std::move(hooks)));
  server_.emplace(std::move(started));
  return server_->port();
}

void lane::start(std::function<void()> ended) {
  spawn(watch_.run());
  spawn(services_.run());
  thread_ = std::thread([this, ended = std::move(ended)] {
    loop_.run();
    ended();
  });
}

// It ends by itself after stop_here; the loop runs until it has.
void lane::spawn(task<void> work) {
  asio::co_spawn(loop_, std::move(work), [](const std::exception_ptr& thrown, const result<void>&) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
}

void lane::announce_stop() {
  asio::post(loop_, [this] { server_->announce_stop(); });
}

task<void> lane::stop(deadline until) {
  co_return co_await asio::co_spawn(loop_, stop_here(until), asio::use_awaitable);
}

task<void> lane::stop_here(deadline until) {
  auto requests = co_await server_->stop(until);
  services_.stop();
  watch_.stop();
  co_await services_.close(until);
  co_await regions_.stop(until);
  work_.reset();
  co_return requests;
}

asio::awaitable<lane_report> lane::observe() {
  co_return co_await asio::co_spawn(loop_, report(), asio::use_awaitable);
}

asio::awaitable<lane_report> lane::report() const {
  lane_report made;
  made.handling = server_->handling_count();
  made.connections = server_->connection_count();
  made.live = server_->websockets();
  for (const auto* place : regions_.all()) {
    made.pools.push_back(pool_report{place, regions_.observe(*place)});
  }
  made.status = services_.observe_status();
  made.reminders = services_.observe_reminders();
  co_return made;
}

asio::awaitable<region_health> lane::observe_health() {
  co_return co_await asio::co_spawn(loop_, health(), asio::use_awaitable);
}

asio::awaitable<region_health> lane::health() const {
  co_return watch_.here();
}

void lane::join() {
  thread_.join();
}

}  // namespace meridian::serve
