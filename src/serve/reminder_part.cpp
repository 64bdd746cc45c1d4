#include "serve/reminder_part.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "reminders/reminder_api.hpp"
#include "reminders/scheduler.hpp"

namespace meridian::serve {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 5s;

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

class wired_neighbours final : public reminders::neighbours {
 public:
  explicit wired_neighbours(const reminder_neighbours& others) : others_(others) {}

  task<reminders::message_place> find_message(std::int64_t message_id, std::int64_t reader_id, deadline until)
      override {
    MERIDIAN_CO_TRY(const auto found, co_await others_.messages.get(message_id, reader_id, until));
    if (found.it.deleted_at) {
      co_return not_found();
    }
    co_return reminders::message_place{found.it.channel_id, found.home->name};
  }

  task<void> check_colleague(identity::principal who, std::int64_t profile_id, deadline until) override {
    const auto found = co_await others_.profiles.get(who, profile_id, until);
    if (!found) {
      co_return found.error();
    }
    co_return found->deactivated_at ? not_found() : result<void>();
  }

  task<void> check_channel(identity::principal who, std::int64_t channel_id, deadline until) override {
    MERIDIAN_CO_TRY(const auto found, co_await others_.channels.get(who, channel_id, until));
    if (!found.is_member) {
      co_return error{errc::forbidden, "you are not in that channel", "Join it first.", "channel_id"};
    }
    if (found.is_archived) {
      co_return error{errc::conflict, "the channel is archived", "", "channel_id"};
    }
    co_return result<void>();
  }

  task<void> post(std::int64_t channel_id, std::int64_t sender_id, std::string text, std::string key, deadline until)
      override {
    messaging::draft what;
    what.channel_id = channel_id;
    what.sender_id = sender_id;
    what.text = std::move(text);
    what.client_msg_id = std::move(key);
    const auto posted = co_await others_.messages.post(std::move(what), until);
    co_return posted ? result<void>() : posted.error();
  }

  task<std::string> time_zone_of(identity::principal who, deadline until) override {
    MERIDIAN_CO_TRY(const auto own, co_await others_.profiles.get(who, who.profile_id, until));
    co_return own.time_zone;
  }

 private:
  reminder_neighbours others_;
};

reminders::reminder_settings settings_of(process_state& process) {
  reminders::reminder_settings made;
  made.writer_number = process.next_writer_number();
  made.region_number = process.here.number;
  return made;
}

reminders::scheduler_settings scheduler_settings_of(process_state& process) {
  reminders::scheduler_settings made;
  made.region = process.here.name;
  made.region_number = process.here.number;
  made.writer_number = process.next_writer_number();
  const auto count = [&process](std::string_view name, std::string_view help) {
    return process.numbers.make_counter(name, help);
  };
  made.on_delivery = [delivered =
                          count("meridian_reminders_delivered_total", "Reminders that were announced or posted."),
                      late = count("meridian_reminders_late_total", "Those of them that were late.")](
                         std::size_t all, std::size_t late_ones
                     ) {
    delivered.add(static_cast<double>(all));
    late.add(static_cast<double>(late_ones));
  };
  made.next_time = reminders::next_time;
  return made;
}

}  // namespace

// In the order in which they need each other.
struct reminder_part::state {
  state(
      const asio::any_io_executor& lane, process_state& its_process, const topology::deployment& where,
      const reminder_neighbours& its_others, bool schedules
  )
      : nodes(lane, its_process.world, where, its_process.here, its_process.settings.sign_in),
        store(nodes),
        others(its_others),
        service(store, others, its_process.seen_reminders, settings_of(its_process)),
        routes(service, its_others.guard, its_process.settings.has_tls),
        looks(lane) {
    if (schedules) {
      schedule = std::make_unique<reminders::scheduler>(
          lane, store, others, its_others.events, its_process.seen_reminders, scheduler_settings_of(its_process)
      );
    }
  }

  task<void> watch() {
    while (!is_stopped) {
      MERIDIAN_CO_CHECK(co_await nodes.look());
      if (is_stopped) {
        break;
      }
      looks.expires_after(look_interval);
      boost::system::error_code woken;
      co_await looks.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    co_return result<void>();
  }

  reminders::reminder_nodes nodes;
  reminders::reminder_store store;
  wired_neighbours others;
  reminders::reminder_service service;
  reminders::reminder_api routes;
  std::unique_ptr<reminders::scheduler> schedule;  // of one lane only
  asio::steady_timer looks;
  bool is_stopped = false;
};

reminder_part::reminder_part(
    const asio::any_io_executor& lane, process_state& process, const topology::deployment& where,
    const reminder_neighbours& others, bool schedules
)
    : state_(std::make_unique<state>(lane, process, where, others, schedules)) {}

reminder_part::~reminder_part() = default;

void reminder_part::add_routes(http::router& routes) {
  state_->routes.add_routes(routes);
}

task<void> reminder_part::run() {
  std::vector<task<void>> work;
  work.push_back(state_->watch());
  if (state_->schedule) {
    work.push_back(state_->schedule->run());
  }
  co_return co_await all(std::move(work));
}

void reminder_part::stop() {
  state_->is_stopped = true;
  state_->looks.cancel();
  if (state_->schedule) {
    state_->schedule->stop();
  }
}

task<void> reminder_part::close(deadline until) {
  return state_->nodes.stop(until);
}

std::vector<dependency_report> reminder_part::observe_dependencies() const {
  std::vector<dependency_report> now;
  for (const auto& seen : state_->nodes.observe()) {
    const auto name = "reminders " + seen.name;
    now.push_back({"cluster", name, service::reminders, seen.is_known, seen.is_reachable, seen.pool.is_open});
  }
  return now;
}

std::vector<cluster_report> reminder_part::observe() const {
  std::vector<cluster_report> now;
  for (const auto& seen : state_->nodes.observe()) {
    now.push_back({seen.name, seen.pool});
  }
  return now;
}

}  // namespace meridian::serve
