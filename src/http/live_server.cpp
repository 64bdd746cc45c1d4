#include "http/live_server.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace meridian::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int patience_ms = 20'000;

}  // namespace

task<response> turnstile::answer(request) {
  ++arrivals_;
  arrivals_.notify_all();
  error_code opened;
  co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, opened));
  response passed;
  passed.body = "passed";
  co_return passed;
}

void turnstile::await_arrivals(std::size_t count) {
  for (auto seen = arrivals_.load(); seen < count; seen = arrivals_.load()) {
    arrivals_.wait(seen);
  }
}

void turnstile::open() {
  asio::post(loop_, [this] { closed_.expires_at(asio::steady_timer::time_point::min()); });
}

live_server::live_server(
    const std::function<void(router&, turnstile&)>& fill, const server_limits& limits, server_hooks hooks
) {
  router routes;
  fill(routes, gate_);
  auto started = server::start(loop_.get_executor(), listen_address(), std::move(routes), limits, std::move(hooks));
  EXPECT_TRUE(started);
  server_ = std::make_unique<server>(std::move(*started));
  port_ = server_->port();
  lane_ = std::thread([this] { loop_.run(); });
}

live_server::~live_server() {
  drop();
  gate_.open();
  work_.reset();
  lane_.join();
}

void live_server::on_lane(const std::function<void()>& action) {
  std::promise<void> done;
  asio::post(loop_, [&] {
    action();
    done.set_value();
  });
  done.get_future().get();
}

std::size_t live_server::connection_count() {
  std::size_t count = 0;
  on_lane([&] { count = server_->connection_count(); });
  return count;
}

std::future<result<void>> live_server::stop(std::chrono::milliseconds within) {
  const auto ended = std::make_shared<std::promise<result<void>>>();
  auto future = ended->get_future();
  on_lane([&] {
    asio::co_spawn(
        loop_, server_->stop(deadline::in(within)),
        [ended](const std::exception_ptr& thrown, result<void> outcome) {
          EXPECT_EQ(thrown, nullptr);
          ended->set_value(std::move(outcome));
        }
    );
  });
  return future;
}

void live_server::drop() {
  on_lane([this] { server_.reset(); });
}

std::string heard::field(std::string_view name) const {
  const auto start = head.find("\r\n" + std::string(name) + ": ");
  if (start == std::string::npos) {
    return "";
  }
  const auto value = start + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

raw_client::raw_client(std::uint16_t port) {
  socket_.connect({asio::ip::make_address("127.0.0.1"), port});
}

bool raw_client::say(std::string_view bytes) {
  error_code failed;
  asio::write(socket_, asio::buffer(bytes), failed);
  return !failed;
}

std::size_t raw_client::say_without_waiting(std::string_view bytes) {
  error_code failed;
  socket_.non_blocking(true);
  const auto count = socket_.write_some(asio::buffer(bytes), failed);
  socket_.non_blocking(false);
  return count;
}

void raw_client::end_saying() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

bool raw_client::receive() {
  pollfd waiting{socket_.native_handle(), POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) != 1) {
    ADD_FAILURE() << "the server says nothing";
    return false;
  }
  char buffer[65536];
  error_code failed;
  const auto count = socket_.read_some(asio::buffer(buffer), failed);
  pending_.append(buffer, count);
  return !failed;
}

heard raw_client::hear(bool with_body) {
  auto end = pending_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!receive()) {
      return {};
    }
    end = pending_.find("\r\n\r\n");
  }
  heard response;
  response.head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  const auto length = response.field("Content-Length");
  const std::size_t size = with_body && !length.empty() ? std::stoul(length) : 0;
  while (pending_.size() < size) {
    if (!receive()) {
      return {};
    }
  }
  response.body = pending_.substr(0, size);
  pending_.erase(0, size);
  response.status = std::stoi(response.head.substr(response.head.find(' ')));
  return response;
}

std::string raw_client::hear_all() {
  while (receive()) {
  }
  return std::exchange(pending_, {});
}

bool raw_client::is_at_end() {
  return pending_.empty() && !receive() && pending_.empty();
}

heard raw_client::ask(std::string_view bytes) {
  say(bytes);
  return hear();
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: meridian\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: meridian\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace meridian::http
