// Reminders in a serving process: the service, wired to its nodes and its neighbours, and the scheduler.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "bus/event.hpp"
#include "http/router.hpp"
#include "identity/guard.hpp"
#include "messaging/channel_service.hpp"
#include "messaging/message_service.hpp"
#include "profile/profile_service.hpp"
#include "serve/process_state.hpp"

namespace meridian::serve {

// What the part asks of the others, which outlive it.
struct reminder_neighbours {
  messaging::message_service& messages;
  messaging::channel_service& channels;
  profile::profile_service& profiles;
  identity::guard& guard;
  bus::publisher& events;
};

// One for each lane; one of them schedules for the process. `process` outlives it.
class reminder_part {
 public:
  reminder_part(
      const boost::asio::any_io_executor& lane, process_state& process, const topology::deployment& where,
      const reminder_neighbours& others, bool schedules
  );
  reminder_part(const reminder_part&) = delete;
  reminder_part& operator=(const reminder_part&) = delete;
  ~reminder_part();

  void add_routes(http::router& routes);

  // Until stop(); to be started once.
  task<void> run();
  void stop();

  // After run() was told to stop: ends the connections.
  task<void> close(deadline until);

  std::vector<dependency_report> observe_dependencies() const;
  std::vector<cluster_report> observe() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace meridian::serve
