// Somebody who listens on a bus, and knows nothing of our format.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace meridian::test {

struct nats_sign_in {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string account;
  std::string password;
};

// Blocking; for one thread.
class nats_listener {
 public:
  // Subscribed when it comes back; anything else is a test failure.
  nats_listener(const nats_sign_in& where, const std::string& subject);

  // The payload of the next message; "" when none comes in that time.
  std::string next(std::chrono::milliseconds longest = std::chrono::seconds(5));

 private:
  bool read_more(std::chrono::steady_clock::time_point until);
  std::string take_line(std::chrono::steady_clock::time_point until);

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string heard_;
};

// Publishes these octets, and waits until the server has them.
void nats_publish(const nats_sign_in& where, const std::string& subject, const std::string& octets);

}  // namespace meridian::test
