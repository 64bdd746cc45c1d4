#include "http/get.hpp"

#include <charconv>
#include <memory>

#include <fmt/core.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace meridian::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t answer_bytes_max = 1 << 20;

// Held by the wait for the deadline too, which may end later than the question.
struct attempt {
  explicit attempt(const asio::any_io_executor& lane) : socket(lane) {}

  tcp::socket socket;
  bool is_late = false;
};

// Everything up to the end of the connection.
asio::awaitable<std::string> exchange_bytes(
    tcp::socket& socket, tcp::endpoint where, std::string said, error_code& failed
) {
  std::string heard;
  co_await socket.async_connect(where, asio::redirect_error(asio::use_awaitable, failed));
  if (!failed) {
    co_await asio::async_write(socket, asio::buffer(said), asio::redirect_error(asio::use_awaitable, failed));
  }
  if (!failed) {
    auto buffer = asio::dynamic_buffer(heard, answer_bytes_max);
    co_await asio::async_read(socket, buffer, asio::redirect_error(asio::use_awaitable, failed));
  }
  if (failed == asio::error::eof) {
    failed.clear();
  }
  co_return heard;
}

// None for what is no answer.
std::optional<response> parsed(std::string_view heard) {
  constexpr std::string_view version = "HTTP/1.1 ";
  const auto end = heard.find("\r\n\r\n");
  response answer;
  if (!heard.starts_with(version) || end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto status = heard.substr(version.size(), 3);
  std::from_chars(status.data(), status.data() + status.size(), answer.status);
  for (auto head = heard.substr(0, end); !head.empty();) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && equal_tokens(line.substr(0, colon), "Content-Type")) {
      answer.content_type = line.substr(colon + 2);
    }
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
  answer.body = heard.substr(end + 4);
  return answer;
}

}  // namespace

task<response> get(std::string address, std::uint16_t port, std::string path, deadline until) {
  const auto executor = co_await asio::this_coro::executor;
  const auto asking = std::make_shared<attempt>(executor);
  asio::steady_timer alarm(executor, until.at());
  alarm.async_wait([asking](const error_code& cancelled) {
    if (!cancelled) {
      asking->is_late = true;
      error_code ignored;
      asking->socket.close(ignored);
    }
  });
  error_code failed;
  const tcp::endpoint where(asio::ip::make_address(address, failed), port);
  auto said = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, address);
  std::string heard;
  if (!failed) {
    heard = co_await exchange_bytes(asking->socket, where, std::move(said), failed);
  }
  alarm.cancel();
  if (asking->is_late) {
    co_return error{errc::timed_out, fmt::format("{} port {} does not answer in time", address, port), ""};
  }
  auto answer = failed ? std::nullopt : parsed(heard);
  if (!answer) {
    const auto why = failed ? failed.message() : std::string("what it says is not HTTP");
    co_return error{errc::unavailable, fmt::format("{} port {}: {}", address, port, why), ""};
  }
  co_return std::move(*answer);
}

}  // namespace meridian::http
