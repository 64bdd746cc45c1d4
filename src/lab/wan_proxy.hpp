// An ocean for tests and drills: a TCP proxy between a serving process and another region's node, which counts, delays,
// and breaks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace meridian::lab {

struct wan_counts {
  std::uint64_t connections = 0;  // that came since the beginning
  std::uint64_t open = 0;         // of them, now
  // Waits for the other side, on all connections: bytes from the client that come first, or after bytes from the
  // server, begin a new one. What is said without waiting for an answer (a pipeline) counts once.
  std::uint64_t round_trips = 0;
  std::uint64_t bytes_sent = 0;  // to the server
  std::uint64_t bytes_received = 0;
};

struct wan_settings {
  std::string listen_address = "127.0.0.1";  // in digits, as the other one
  std::uint16_t listen_port = 0;             // 0: one that is free
  std::string target_address;
  std::uint16_t target_port = 0;
  std::chrono::milliseconds latency{0};  // added each way
};

// Runs on a thread of its own; calls may come from any thread, and have taken effect when they return.
class wan_proxy {
 public:
  // conflict when the port is taken, invalid_argument for an address that is none.
  static result<std::unique_ptr<wan_proxy>> start(const wan_settings& settings);
  wan_proxy(const wan_proxy&) = delete;
  wan_proxy& operator=(const wan_proxy&) = delete;
  // Ends every connection.
  ~wan_proxy();

  std::uint16_t port() const;
  wan_counts counts() const;

  // For what arrives from now on.
  void set_latency(std::chrono::milliseconds each_way);

  // The cable is cut: connections are reset, and new ones refused.
  void cut();

  // The line is silent: nothing is forwarded, nobody is told. New connections are taken and hear nothing.
  void freeze();

  // As at the beginning. What a freeze held back goes on its way.
  void heal();

 private:
  class lane;
  explicit wan_proxy(std::unique_ptr<lane> started);

  std::unique_ptr<lane> lane_;
};

}  // namespace meridian::lab
