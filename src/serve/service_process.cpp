#include "serve/service_process.hpp"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "base/suggest.hpp"
#include "bus/nats_wire.hpp"
#include "runtime/cpus.hpp"
#include "runtime/crypto.hpp"
#include "serve/document.hpp"
#include "serve/lane.hpp"

namespace meridian::serve {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view room = "serve";
constexpr int lanes_max = 31;  // each has a writer's number of its own in the ids that it makes

// Passwords take 20 to 50 ms of one each: two at once leave the lanes their cores, and 64 wait two seconds at most.
constexpr std::size_t cpu_threads = 2;
constexpr std::size_t cpu_queue_max = 64;

// For the region's first answer, before the process says that it is ready all the same.
constexpr auto first_answer_time_max = 3s;

// Clients in the middle of something need that long to hear that they should leave.
constexpr std::chrono::milliseconds notice{200};

// What the lanes need after their last request.
constexpr auto unwinding_time_max = 5s;

result<const topology::region*> region_of(const topology::topology& world, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& known : world.regions) {
    if (known.name == name) {
      return &known;
    }
    names.push_back(known.name);
  }
  return error{
      errc::invalid_argument, fmt::format("there is no region {}{}", name, did_you_mean(name, names)),
      fmt::format("The regions of {} are {}.", world.name, fmt::join(names, ", "))
  };
}

// Each live connection is a descriptor, and the customary soft limit of 1,024 is not meant for servers.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// Profile and messaging share rows; a process that serves one of them still needs those of both.
result<const topology::deployment*> deployment_of(const topology::topology& world) {
  const auto* profile = world.find_deployment_of_service("profile");
  const auto* messaging = world.find_deployment_of_service("messaging");
  if (profile == nullptr || profile != messaging) {
    return error{
        errc::invalid_argument, fmt::format("no deployment of {} has both profile and messaging", world.name),
        "Give one services = [\"profile\", \"messaging\"] in the topology file."
    };
  }
  return profile;
}

// The region's server of the bus.
bus::nats_settings bus_settings_of(const process_state& process, const topology::bus_place& place) {
  bus::nats_settings made;
  made.address = place.address;
  made.port = place.port;
  made.account = place.account;
  made.password = process.settings.bus_password;
  made.authority = place.tls ? place.tls->authority.string() : "";
  made.prefix = process.world.name;
  made.name = fmt::format("meridian {}/{}", process.here.name, process.instance);
  return made;
}

// Profile and messaging are in every deployment that can be served (deployment_of); the others where the topology has
// them.
result<process_settings> with_deployed_services(const topology::topology& world, process_settings settings) {
  std::erase_if(settings.services, [&](service which) {
    return world.find_deployment_of_service(to_string(which)) == nullptr;
  });
  if (settings.services.empty()) {
    return error{errc::invalid_argument, fmt::format("{} has no deployment of these services", world.name), ""};
  }
  return settings;
}

class service_process {
 public:
  service_process(
      const topology::topology& world, const topology::region& here, const topology::deployment& part,
      const process_settings& settings
  )
      : state_(world, here, settings, cpu_), part_(part) {
    state_.instance = random_secret(6);
    state_.observe_lanes = [this] { return observe_lanes(); };
  }

  result<void> run(const std::function<result<void>(const serving&)>& ready);

 private:
  void connect_bus();
  void disconnect_bus();
  result<std::uint16_t> listen();
  task<void> control(std::uint16_t port, const std::function<result<void>(const serving&)>& ready);
  void await_signal();
  void on_signal(int number);
  task<void> wait_for_region();
  task<void> wait_for_end(std::chrono::steady_clock::duration longest);
  task<void> drain();
  asio::awaitable<std::vector<lane_report>> observe_lanes();

  asio::io_context loop_{1};
  asio::signal_set signals_{loop_, SIGTERM, SIGINT};
  asio::steady_timer changed_{loop_};  // cancelled when something of the next three has changed
  bool is_ending_ = false;
  std::size_t lanes_ended_ = 0;
  process_state state_;
  const topology::deployment& part_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::optional<bus::nats_wire> wire_;        // between the lanes' making and their end
  cpu_pool cpu_{cpu_threads, cpu_queue_max};  // ends before the lanes, to which it gives back what it did
};

result<void> service_process::run(const std::function<result<void>(const serving&)>& ready) {
  document_page();  // now, so that no request waits for it
  const auto cores = static_cast<int>(usable_cpus().size());
  const auto wanted = state_.settings.lanes > 0 ? state_.settings.lanes : cores;
  for (int count = 0; count < std::min(wanted, lanes_max); ++count) {
    lanes_.push_back(std::make_unique<lane>(state_, part_));
  }
  MERIDIAN_TRY(const auto port, listen());
  connect_bus();
  await_signal();
  for (const auto& each : lanes_) {
    each->start([this] {
      asio::post(loop_, [this] {
        ++lanes_ended_;
        changed_.cancel();
      });
    });
  }
  result<void> outcome;
  asio::co_spawn(loop_, control(port, ready), [&](const std::exception_ptr& thrown, const result<void>& ended) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    outcome = ended;
  });
  loop_.run();
  for (const auto& each : lanes_) {
    each->join();
  }
  disconnect_bus();
  return outcome;
}

// Without a [[bus]] events stay in this process.
void service_process::connect_bus() {
  if (const auto* place = state_.world.find_bus(state_.here.name)) {
    wire_.emplace(state_.events, bus_settings_of(state_, *place));
    state_.events.connect(*wire_);
  }
}

void service_process::disconnect_bus() {
  state_.events.disconnect();
  wire_.reset();
}

result<std::uint16_t> service_process::listen() {
  http::listen_address where;
  where.address = state_.settings.address;
  where.port = state_.settings.port;
  if (where.port != 0) {
    MERIDIAN_CHECK(http::check_free(where));
  }
  where.shares_port = lanes_.size() > 1;
  for (const auto& each : lanes_) {
    MERIDIAN_TRY(where.port, each->listen(where));
  }
  return where.port;
}

task<void> service_process::control(std::uint16_t port, const std::function<result<void>(const serving&)>& ready) {
  const serving place{state_.settings.address, port};
  MERIDIAN_CO_CHECK(co_await wait_for_region());
  auto told = is_ending_ ? result<void>() : ready(place);
  if (told && !is_ending_) {
    log::info(
        room, "serving {} as {} on {}:{}, lanes: {}", state_.here.name, state_.instance, place.address, place.port,
        lanes_.size()
    );
  }
  while (told && !is_ending_) {
    MERIDIAN_CO_CHECK(co_await wait_for_end(1h));
  }
  const auto drained = co_await drain();
  if (!drained) {
    log::warning(room, "{}", drained.error().message);
    std::_Exit(1);  // what still runs would keep the lanes, or use what they destroy
  }
  log::info(room, "stopped");
  signals_.cancel();
  co_return told;
}

void service_process::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& cancelled, int number) {
    if (!cancelled) {
      on_signal(number);
    }
  });
}

void service_process::on_signal(int number) {
  if (is_ending_) {
    log::warning(room, "a second signal: ending at once");
    std::_Exit(128 + number);
  }
  is_ending_ = true;
  changed_.cancel();
  await_signal();
}

// Until the own region has been asked once and answers, and the bus is there; at most a while.
task<void> service_process::wait_for_region() {
  const auto until = deadline::in(first_answer_time_max);
  while (!is_ending_ && !until.passed()) {
    const auto health = co_await lanes_.front()->observe_health();
    if (health.is_reachable && (!wire_ || wire_->observe().is_connected)) {
      co_return result<void>();
    }
    MERIDIAN_CO_CHECK(co_await wait_for_end(20ms));
  }
  if (!is_ending_) {
    log::warning(room, "the region {} or its bus does not answer yet", state_.here.name);
  }
  co_return result<void>();
}

// Until a signal or a lane's end, or that long.
task<void> service_process::wait_for_end(std::chrono::steady_clock::duration longest) {
  changed_.expires_after(longest);
  boost::system::error_code woken;
  co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return result<void>();
}

task<void> service_process::drain() {
  const auto& settings = state_.settings;
  state_.draining = true;
  for (const auto& each : lanes_) {
    each->announce_stop();
  }
  log::info(room, "draining");
  MERIDIAN_CO_CHECK(co_await pause(std::max(settings.drain_delay, notice)));
  const auto until = deadline::in(settings.drain_time_max);
  std::vector<task<void>> stops;
  for (const auto& each : lanes_) {
    stops.push_back(each->stop(until));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(stops)));
  const auto unwound = deadline::in(unwinding_time_max);
  while (lanes_ended_ < lanes_.size()) {
    if (unwound.passed()) {
      co_return error{errc::timed_out, "the lanes do not end", ""};
    }
    MERIDIAN_CO_CHECK(co_await wait_for_end(100ms));
  }
  co_return result<void>();
}

asio::awaitable<std::vector<lane_report>> service_process::observe_lanes() {
  std::vector<lane_report> reports;
  for (const auto& each : lanes_) {
    reports.push_back(co_await each->observe());
  }
  co_return reports;
}

}  // namespace

result<void> serve(
    const topology::topology& world, const process_settings& settings,
    const std::function<result<void>(const serving&)>& ready
) {
  raise_descriptor_limit();
  MERIDIAN_TRY(const auto* here, region_of(world, settings.region));
  MERIDIAN_TRY(const auto* part, deployment_of(world));
  MERIDIAN_TRY(const auto chosen, with_deployed_services(world, settings));
  service_process process(world, *here, *part, chosen);
  return process.run(ready);
}

}  // namespace meridian::serve
