#include "serve/services.hpp"

#include <algorithm>

#include "identity/account_api.hpp"
#include "identity/session_guard.hpp"
#include "messaging/channel_api.hpp"
#include "messaging/message_api.hpp"
#include "messaging/workspace_api.hpp"
#include "profile/profile_api.hpp"

namespace meridian::serve {
namespace {

identity::guard_settings guard_settings_of(const process_settings& from) {
  identity::guard_settings made;
  made.requests_per_second_max = from.requests_per_second;
  made.requests_burst_max = 2 * from.requests_per_second;
  return made;
}

identity::account_settings account_settings_of(const process_settings& from, identity::invitation_check& invitations) {
  identity::account_settings made;
  made.digest_key = from.digest_key;
  made.invitations = from.registration_is_open ? nullptr : &invitations;
  return made;
}

identity::account_api_settings account_api_settings_of(const process_settings& from) {
  identity::account_api_settings made;
  made.has_tls = from.has_tls;
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
  made.on_batch =
      [sizes = process.numbers.make_histogram(
           "meridian_send_batch_messages", "Messages that one statement made durable.", metrics::batch_size_buckets()
       )](std::size_t size) { sizes.observe(static_cast<double>(size)); };
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
  parts(process_state& its_process, residency::regions& where, bus::lane_bus& its_events)
      : process(its_process),
        events(its_events),
        guard(where, guard_settings_of(its_process.settings)),
        workspaces(where, messaging_settings_of(its_process.settings)),
        members(where),
        invitations(where, messaging_settings_of(its_process.settings)),
        invited(invitations),
        channels(where, members),
        messages(where, message_settings_of(its_process)),
        accounts(where, its_process.cpu, account_settings_of(its_process.settings, invited)),
        profiles(where, accounts),
        account_routes(accounts, guard, account_api_settings_of(its_process.settings)),
        profile_routes(profiles, guard),
        workspace_routes(workspaces, members, invitations, guard),
        channel_routes(channels, guard),
        message_routes(messages, guard, its_process.settings.tail_cache_bytes_max) {}

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
  identity::account_api account_routes;
  profile::profile_api profile_routes;
  messaging::workspace_api workspace_routes;
  messaging::channel_api channel_routes;
  messaging::message_api message_routes;
};

services::services(process_state& process, residency::regions& where, bus::lane_bus& events)
    : parts_(std::make_unique<parts>(process, where, events)) {}

services::~services() = default;

void services::add_routes(http::router& routes) {
  const auto serves = [this](service which) {
    return std::ranges::count(parts_->process.settings.services, which) > 0;
  };
  if (serves(service::profile)) {
    parts_->account_routes.add_routes(routes);
    parts_->profile_routes.add_routes(routes);
  }
  if (serves(service::messaging)) {
    parts_->workspace_routes.add_routes(routes);
    parts_->channel_routes.add_routes(routes);
    parts_->message_routes.add_routes(routes);
  }
}

task<void> services::run() {
  co_return co_await parts_->guard.run();
}

void services::stop() {
  parts_->guard.stop();
}

}  // namespace meridian::serve
