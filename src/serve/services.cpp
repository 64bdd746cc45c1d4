#include "serve/services.hpp"

#include <algorithm>

#include "identity/account_api.hpp"
#include "identity/session_guard.hpp"
#include "messaging/message_api.hpp"

namespace meridian::serve {
namespace {

// Ids have room for the numbers 1 to 31.
int writer_number_of(const process_settings& settings, int lane_number) {
  return (settings.first_writer - 1 + lane_number) % writer_number_max + 1;
}

identity::guard_settings guard_settings_of(const process_settings& settings) {
  identity::guard_settings made;
  made.requests_per_second_max = settings.requests_per_second;
  made.requests_burst_max = 2 * settings.requests_per_second;
  return made;
}

identity::account_settings account_settings_of(const process_settings& settings, identity::invitation_check& door) {
  identity::account_settings made;
  made.digest_key = settings.digest_key;
  made.invitations = settings.registration_is_open ? nullptr : &door;
  return made;
}

identity::account_api_settings account_api_settings_of(const process_settings& settings) {
  identity::account_api_settings made;
  made.has_tls = settings.has_tls;
  return made;
}

messaging::message_settings message_settings_of(const process_settings& settings, int lane_number) {
  messaging::message_settings made;
  made.writer_number = writer_number_of(settings, lane_number);
  return made;
}

class closed_door final : public identity::invitation_check {
 public:
  task<void> check(std::string, deadline) override {
    co_return error{errc::forbidden, "registration is by invitation", "Ask somebody who is in for a link."};
  }
};

}  // namespace

// In the order in which they need each other.
struct services::parts {
  parts(process_state& its_process, residency::regions& where, int lane_number)
      : process(its_process),
        guard(where, guard_settings_of(process.settings)),
        accounts(where, *process.heavy_work, account_settings_of(process.settings, invitations)),
        account_routes(accounts, guard, account_api_settings_of(process.settings)),
        messages(where, message_settings_of(process.settings, lane_number)),
        message_routes(messages, process.settings.tail_cache_bytes_max) {}

  bool serves(service which) const {
    const auto& chosen = process.settings.services;
    return std::ranges::find(chosen, which) != chosen.end();
  }

  process_state& process;
  closed_door invitations;
  identity::session_guard guard;
  identity::account_service accounts;
  identity::account_api account_routes;
  messaging::message_service messages;
  messaging::message_api message_routes;
};

services::services(process_state& process, residency::regions& where, int lane_number)
    : parts_(std::make_unique<parts>(process, where, lane_number)) {}

services::~services() = default;

void services::add_routes(http::router& routes) {
  if (parts_->serves(service::profile)) {
    parts_->account_routes.add_routes(routes);
  }
  if (parts_->serves(service::messaging)) {
    parts_->message_routes.add_routes(routes, parts_->guard);
  }
}

task<void> services::run() {
  co_return co_await parts_->guard.run();
}

void services::stop() {
  parts_->guard.stop();
}

messaging::batch_counters services::observe() const {
  return parts_->messages.observe();
}

}  // namespace meridian::serve
