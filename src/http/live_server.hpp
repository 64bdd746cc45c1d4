// For tests: a server on a lane of its own, and a client that says and hears raw bytes.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server.hpp"

namespace meridian::http {

// Holds handlers until it is opened, from any thread; tells when one has come. All waiting is on the server's lane.
class turnstile {
 public:
  explicit turnstile(boost::asio::io_context& loop) : loop_(loop), closed_(loop) {
    closed_.expires_at(boost::asio::steady_timer::time_point::max());
  }

  // A handler: 200 with "passed", once it is open.
  task<response> answer(request received);

  // For the test: waits until that many handlers have come.
  void await_arrivals(std::size_t count);

  void open();

 private:
  boost::asio::io_context& loop_;
  boost::asio::steady_timer closed_;
  std::atomic<std::size_t> arrivals_ = 0;
};

class live_server {
 public:
  // `fill` gets a turnstile for handlers that are to wait; it opens when this object ends.
  explicit live_server(
      const std::function<void(router&, turnstile&)>& fill, const server_limits& limits = {}, server_hooks hooks = {}
  );
  live_server(const live_server&) = delete;
  live_server& operator=(const live_server&) = delete;
  ~live_server();

  std::uint16_t port() const { return port_; }
  turnstile& gate() { return gate_; }

  std::size_t connection_count();

  // Runs on the lane, and waits for it.
  void on_lane(const std::function<void()>& action);

  void on_server(const std::function<void(server&)>& action) {
    on_lane([&] { action(*server_); });
  }

  void announce_stop() {
    on_lane([this] { server_->announce_stop(); });
  }

  std::future<result<void>> stop(std::chrono::milliseconds within);

  // Destroys the server without stopping it.
  void drop();

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  turnstile gate_{loop_};
  std::unique_ptr<server> server_;
  std::uint16_t port_ = 0;
  std::thread lane_;
};

struct heard {
  int status = 0;  // 0: the connection ended before a whole response
  std::string head;
  std::string body;

  // The value of that field, as it is written; "" when there is none.
  std::string field(std::string_view name) const;
};

// Blocking; every wait ends after 20 s with a failure of the test.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port);

  // False when the peer has closed.
  bool say(std::string_view bytes);

  // What the kernel takes at once.
  std::size_t say_without_waiting(std::string_view bytes);
  void end_saying();
  heard hear(bool with_body = true);

  // Everything up to the end of the connection.
  std::string hear_all();

  // Whether the connection ends, cleanly or not, without another byte.
  bool is_at_end();

  // say and hear.
  heard ask(std::string_view bytes);

 private:
  bool receive();

  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string pending_;
};

// A GET of that path, with what follows the Host field.
std::string get(std::string_view path, std::string_view fields = "");

// A POST with that body and its length.
std::string post(std::string_view path, std::string_view body, std::string_view fields = "");

}  // namespace meridian::http
