#include "serve/services.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "console/console_api.hpp"
#include "identity/account_api.hpp"
#include "identity/session_guard.hpp"
#include "messaging/channel_api.hpp"
#include "messaging/message_api.hpp"
#include "messaging/workspace_api.hpp"
#include "profile/profile_api.hpp"
#include "realtime/events_api.hpp"
#include "serve/reminder_part.hpp"
#include "serve/status_parts.hpp"

namespace meridian::serve {
namespace {

identity::guard_settings guard_settings_of(const process_state& process) {
  identity::guard_settings made;
  made.requests = process.requests;
  made.strangers = process.strangers;
  return made;
}

identity::account_settings account_settings_of(const process_settings& from, identity::invitation_check& invitations) {
  identity::account_settings made;
  made.digest_key = from.digest_key;
  made.invitations = from.registration_is_open ? nullptr : &invitations;
  return made;
}

identity::account_api_settings account_api_settings_of(const process_state& process) {
  identity::account_api_settings made;
  made.has_tls = process.settings.has_tls;
  made.attempts = process.attempts;
  return made;
}

messaging::settings messaging_settings_of(const process_settings& from) {
  messaging::settings made;
  made.digest_key = from.digest_key;
  return made;
}

messaging::message_settings message_settings_of(process_state& process) {
  messaging::message_settings made;
  made.writer_number = process.next_writer_number();
  made.rooms = process.send_rooms;
  made.on_batch =
      [sizes = process.numbers.make_histogram(
           "meridian_send_batch_messages", "Messages that one statement made durable.", metrics::batch_size_buckets()
       )](std::size_t size) { sizes.observe(static_cast<double>(size)); };
  return made;
}

console::console_settings console_settings_of(const process_state& process) {
  console::console_settings made;
  made.instance = process.instance;
  made.lab_key = process.settings.digest_key;
  made.lab = process.settings.lab;
  return made;
}

// What identity asks of messaging: whether somebody may sign up by this invitation.
class open_invitations final : public identity::invitation_check {
 public:
  explicit open_invitations(messaging::invitation_service& invitations) : invitations_(invitations) {}

  task<void> check(std::string token, deadline until) override {
    const auto found = co_await invitations_.preview(std::move(token), until);
    if (!found && found.error().code == errc::not_found) {
      co_return error{
          errc::forbidden, "the invitation is unknown, used up or over", "Ask for another one.", "invitation"
      };
    }
    co_return found ? result<void>() : found.error();
  }

 private:
  messaging::invitation_service& invitations_;
};

}  // namespace

// In the order in which they need each other.
struct services::parts {
  parts(
      process_state& its_process, residency::regions& where, bus::lane_bus& its_events,
      const boost::asio::any_io_executor& lane
  )
      : process(its_process),
        events(its_events),
        guard(where, guard_settings_of(its_process)),
        workspaces(where, events, messaging_settings_of(its_process.settings)),
        members(where, events),
        invitations(where, events, messaging_settings_of(its_process.settings)),
        invited(invitations),
        channels(where, members, events),
        messages(where, events, message_settings_of(its_process)),
        accounts(where, its_process.cpu, account_settings_of(its_process.settings, invited)),
        profiles(where, accounts),
        live(
            lane, realtime::hub_parts{where, events, guard, messages}, realtime::hub_settings(),
            realtime::hub_numbers::of(its_process.numbers),
            fmt::format("{}/{}", its_process.here.name, its_process.instance)
        ),
        account_routes(accounts, guard, account_api_settings_of(its_process)),
        profile_routes(profiles, guard, its_process.attempts),
        workspace_routes(workspaces, members, invitations, guard),
        channel_routes(channels, guard),
        message_routes(messages, guard, its_process.settings.tail_cache_bytes_max),
        observer(where, its_process.settings.sign_in),
        console_routes(observer, where, guard, console_settings_of(its_process)),
        live_routes(live, guard),
        does_single_work(its_process.claim_single_work()) {
    if (serves(service::status)) {
      const auto& part = *process.world.find_deployment_of_service("status");
      const status_context around{lane, profiles, channels, guard, events};
      statuses = std::make_unique<status_parts>(process, part, around);
    }
    if (serves(service::reminders)) {
      const auto& part = *process.world.find_deployment_of_service("reminders");
      const reminder_neighbours others{messages, channels, profiles, guard, events};
      reminders = std::make_unique<reminder_part>(lane, process, part, others, does_single_work);
    }
  }

  bool serves(service which) const { return std::ranges::count(process.settings.services, which) > 0; }

  process_state& process;
  bus::lane_bus& events;
  identity::session_guard guard;
  messaging::workspace_service workspaces;
  messaging::member_service members;
  messaging::invitation_service invitations;
  open_invitations invited;
  messaging::channel_service channels;
  messaging::message_service messages;
  identity::account_service accounts;
  profile::profile_service profiles;
  realtime::hub live;
  identity::account_api account_routes;
  profile::profile_api profile_routes;
  messaging::workspace_api workspace_routes;
  messaging::channel_api channel_routes;
  messaging::message_api message_routes;
  console::observer observer;
  console::console_api console_routes;
  realtime::events_api live_routes;
  std::unique_ptr<status_parts> statuses;    // none where they are not served
  std::unique_ptr<reminder_part> reminders;  // likewise
  const bool does_single_work;
};

services::services(
    process_state& process, residency::regions& where, bus::lane_bus& events, const boost::asio::any_io_executor& lane
)
    : parts_(std::make_unique<parts>(process, where, events, lane)) {}

services::~services() = default;

void services::add_routes(http::router& routes) {
  if (parts_->serves(service::profile)) {
    parts_->account_routes.add_routes(routes);
    parts_->profile_routes.add_routes(routes);
  }
  if (parts_->serves(service::messaging)) {
    parts_->workspace_routes.add_routes(routes);
    parts_->channel_routes.add_routes(routes);
    parts_->message_routes.add_routes(routes);
    parts_->live_routes.add_routes(routes);
  }
  parts_->console_routes.add_routes(routes);
  if (parts_->statuses) {
    parts_->statuses->add_routes(routes);
  }
  if (parts_->reminders) {
    parts_->reminders->add_routes(routes);
  }
}

task<void> services::run() {
  std::vector<task<void>> works;
  works.push_back(parts_->guard.run());
  works.push_back(parts_->live.run());
  if (parts_->statuses && parts_->does_single_work) {
    works.push_back(parts_->statuses->watch());
  }
  if (parts_->reminders) {
    works.push_back(parts_->reminders->run());
  }
  co_return co_await all(std::move(works));
}

void services::stop() {
  parts_->guard.stop();
  parts_->live.stop();
  if (parts_->statuses) {
    parts_->statuses->stop();
  }
  if (parts_->reminders) {
    parts_->reminders->stop();
  }
}

task<void> services::close(deadline until) {
  std::vector<task<void>> works;
  if (parts_->statuses) {
    works.push_back(parts_->statuses->close(until));
  }
  if (parts_->reminders) {
    works.push_back(parts_->reminders->close(until));
  }
  co_return co_await all(std::move(works));
}

void services::tell_reachable(const topology::region& region, bool is_reachable) {
  parts_->live.tell_reachable(region, is_reachable);
}

std::vector<dependency_report> services::observe_dependencies() const {
  std::vector<dependency_report> found;
  if (parts_->reminders) {
    found = parts_->reminders->observe_dependencies();
  }
  if (parts_->statuses) {
    std::ranges::move(parts_->statuses->observe_dependencies(), std::back_inserter(found));
  }
  return found;
}

std::vector<cluster_report> services::observe_reminders() const {
  return parts_->reminders ? parts_->reminders->observe() : std::vector<cluster_report>();
}

status_report services::observe_status() const {
  return parts_->statuses ? parts_->statuses->observe() : status_report();
}

}  // namespace meridian::serve
