// Other people's servers for a measurement, and the least that a server can be.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

#include "base/result.hpp"
#include "lab/crowd.hpp"
#include "lab/throwaway_topology.hpp"

namespace meridian::lab {

// One that is up on a port of its own on the loopback interface, with its files in a directory of its own; it ends, and
// they go, with this. Debian's own services, if there are any, are not touched.
class peer_server {
 public:
  peer_server() = default;
  peer_server(const peer_server&) = delete;
  peer_server& operator=(const peer_server&) = delete;
  virtual ~peer_server() = default;

  virtual std::string name() const = 0;
  virtual pid_t pid() const = 0;
  virtual door where() const = 0;

  // What a member says to get every message, and somebody who speaks.
  virtual crowd_script member_script(std::size_t index) const = 0;
  virtual crowd_speakers speakers() const = 0;

  // What one says who is only there.
  virtual crowd_script idle_script(std::size_t index) const { return member_script(index); }

  // What a member says now and then to be thought alive; "" for nothing.
  virtual std::string still_here() const { return ""; }
};

// A WebSocket's pong that nobody asked for, masked with zeros.
inline std::string unasked_pong() {
  return {"\x8a\x80\0\0\0\0", 6};
}

// nats-server: that many subjects, each heard by everybody. not_found when the package is not installed.
result<std::unique_ptr<peer_server>> start_nats(const std::filesystem::path& directory, std::size_t subjects);

// ejabberd: that many rooms of XEP-0045 with everybody in each, anonymous people, no archive, nobody told of who is
// there. not_found likewise.
result<std::unique_ptr<peer_server>> start_ejabberd(const std::filesystem::path& directory, std::size_t rooms);

// A loop of epoll_wait and send(): no protocol, no rights, one system call for each delivery. The floor of what one
// costs whose server does not put several deliveries into one call.
result<std::unique_ptr<peer_server>> start_bare_loop();

// Our own HTTP server on one lane, whose live connections hear what is posted: no rights, no database, no hub. What of
// ours is more than this is behind the sockets.
result<std::unique_ptr<peer_server>> start_room(std::size_t speaking);

}  // namespace meridian::lab
