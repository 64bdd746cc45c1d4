// A nats-server of a test's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/nats_listener.hpp"

namespace meridian::test {

// Takes ports that are free, and listens on 127.0.0.1. Runs from start() on; keeps its ports over a restart.
class nats_server {
 public:
  inline static const std::string account = "tests";
  inline static const std::string password = "a password of the tests";

  explicit nats_server(std::string name = "one");
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;
  ~nats_server();

  // A gateway to the other one, which must name this one too; before start().
  void join(const nats_server& other);

  // Waits until it answers.
  void start();
  void kill();    // SIGKILL
  void freeze();  // SIGSTOP
  void thaw();

  std::uint16_t port() const { return port_; }
  // What it says of itself, over HTTP: "/gatewayz?accs=1".
  std::string say(const std::string& path) const;

  nats_sign_in sign_in() const;

 private:
  std::filesystem::path directory_;
  std::string name_;
  std::uint16_t port_ = 0;
  std::uint16_t gateway_port_ = 0;
  std::uint16_t monitor_port_ = 0;
  std::vector<std::string> peers_;
  std::optional<child> running_;
};

}  // namespace meridian::test
