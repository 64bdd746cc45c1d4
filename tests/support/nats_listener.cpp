#include "support/nats_listener.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace meridian::test {
namespace {

namespace asio = boost::asio;

std::string greeting_of(const nats_sign_in& where) {
  return fmt::format(
      "CONNECT {{\"verbose\":false,\"user\":\"{}\",\"pass\":\"{}\"}}\r\n", where.account, where.password
  );
}

void connect(asio::ip::tcp::socket& socket, const nats_sign_in& where) {
  socket.connect({asio::ip::make_address(where.address), where.port});
}

}  // namespace

nats_listener::nats_listener(const nats_sign_in& where, const std::string& subject) {
  connect(socket_, where);
  asio::write(socket_, asio::buffer(greeting_of(where) + "SUB " + subject + " 1\r\nPING\r\n"));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  std::string line;
  do {
    line = take_line(until);
    EXPECT_FALSE(line.starts_with("-ERR")) << line;
  } while (!line.empty() && line != "PONG");
  EXPECT_EQ(line, "PONG");
}

bool nats_listener::read_more(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  pollfd readable{socket_.native_handle(), POLLIN, 0};
  if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) <= 0) {
    return false;
  }
  std::string some(1 << 16, '\0');
  boost::system::error_code failed;
  some.resize(socket_.read_some(asio::buffer(some), failed));
  heard_ += some;
  return !failed;
}

std::string nats_listener::take_line(std::chrono::steady_clock::time_point until) {
  while (heard_.find("\r\n") == std::string::npos) {
    if (!read_more(until)) {
      return "";
    }
  }
  const auto end = heard_.find("\r\n");
  auto line = heard_.substr(0, end);
  heard_.erase(0, end + 2);
  return line;
}

std::string nats_listener::next(std::chrono::milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  for (auto line = take_line(until); !line.empty(); line = take_line(until)) {
    if (line == "PING") {
      asio::write(socket_, asio::buffer(std::string("PONG\r\n")));
    }
    if (line.starts_with("MSG ")) {
      const auto size = std::stoul(line.substr(line.rfind(' ') + 1));
      while (heard_.size() < size + 2) {
        if (!read_more(until)) {
          return "";
        }
      }
      auto payload = heard_.substr(0, size);
      heard_.erase(0, size + 2);
      return payload;
    }
  }
  return "";
}

void nats_publish(const nats_sign_in& where, const std::string& subject, const std::string& octets) {
  asio::io_context loop;
  asio::ip::tcp::socket socket(loop);
  connect(socket, where);
  const auto said = greeting_of(where) + fmt::format("PUB {} {}\r\n", subject, octets.size()) + octets + "\r\nPING\r\n";
  asio::write(socket, asio::buffer(said));
  std::string heard;
  boost::system::error_code failed;
  while (!failed && heard.find("PONG") == std::string::npos) {
    std::string some(1 << 12, '\0');
    some.resize(socket.read_some(asio::buffer(some), failed));
    heard += some;
  }
  EXPECT_FALSE(failed) << heard;
}

}  // namespace meridian::test
