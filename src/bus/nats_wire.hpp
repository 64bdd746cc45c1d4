// The bus between processes: NATS core. nats_wire.cpp is the only user of its library.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "bus/inbox.hpp"
#include "bus/wire.hpp"

namespace meridian::bus {

class process_bus;

struct nats_settings {
  std::string address;
  std::uint16_t port = 0;
  std::string account;
  std::string password;
  std::string authority;  // a file in PEM: whose certificates are believed; "" for a connection in the clear
  std::string prefix;     // of all subjects: tells topologies apart that share servers
  std::string name;       // of this process, for the server's log

  // Between attempts, which go on as long as the process does. The jitter comes on top.
  std::chrono::milliseconds retry_interval{250};
  std::chrono::milliseconds retry_jitter{250};

  // A server that has not answered for three of these is gone.
  std::chrono::milliseconds ping_interval{2000};

  // How often a process tells the others that it is there, by a number: one that does not come means that other things
  // did not come either, although both of them have their servers.
  std::chrono::milliseconds beat_interval{1000};

  // Events that the server has not taken; what comes on top is lost.
  inbox_limits waiting;
};

// One for a process. Has a thread of its own, on which all is sent, so that a server that is slow holds up no lane;
// events come in on the library's threads and go straight to the lanes' inboxes. Events are not kept for later: what is
// published without a connection is lost, and the lanes are told when a connection is made, or another process is
// missed, that they may have missed some.
class nats_wire final : public wire {
 public:
  // Begins to connect. `lanes` outlives it.
  nats_wire(process_bus& lanes, nats_settings set);
  // Waits until none of the threads is in here any more.
  ~nats_wire() override;

  void follow(const topic& which) override;
  void unfollow(const topic& which) override;
  void send(const topic& which, const shared_event& what) override;

  wire_counters observe() const override;

 private:
  struct native;
  std::unique_ptr<native> native_;
};

}  // namespace meridian::bus
