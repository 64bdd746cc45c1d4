#include "http/live_client.hpp"

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace meridian::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using beast::error_code;

namespace {

constexpr std::chrono::seconds handshake_patience{20};
constexpr std::uint16_t no_close = 1006;

}  // namespace

struct live_client::native {
  asio::io_context loop{1};
  websocket::stream<tcp::socket> stream{loop};
  websocket::response_type answer;
  int status = 0;
  std::string trouble;
  beast::flat_buffer buffer;
  bool is_reading = false;
  bool has_text = false;
  bool is_over = false;
  std::uint16_t close_code = 0;
  std::string close_reason;
  std::size_t pings = 0;
  std::string last_pong;

  // Runs the loop until that is true, or in vain for that long.
  bool await(const std::function<bool()>& done, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < until) {
      loop.restart();
      loop.run_one_until(until);
    }
    return done();
  }

  void read() {
    if (is_reading || has_text || is_over) {
      return;
    }
    is_reading = true;
    stream.async_read(buffer, [this](const error_code& failed, std::size_t) {
      is_reading = false;
      has_text = !failed;
      is_over = static_cast<bool>(failed);
      if (failed) {
        // A server that has said its close and waited in vain for ours is gone: what it said counts.
        const auto without_code = failed == websocket::error::closed ? websocket::close_code::no_status : no_close;
        close_code = stream.reason() ? stream.reason().code : static_cast<std::uint16_t>(without_code);
        close_reason.assign(stream.reason().reason.data(), stream.reason().reason.size());
      }
    });
  }

  template <class Start>
  bool write(Start start) {
    bool ended = false;
    error_code outcome;
    start([&](const error_code& failed, std::size_t = 0) {
      outcome = failed;
      ended = true;
    });
    return await([&] { return ended; }, handshake_patience) && !outcome;
  }

  bool connect(const std::string& address, std::uint16_t port) {
    error_code failed;
    stream.next_layer().connect({asio::ip::make_address(address), port}, failed);
    trouble = failed ? failed.message() : "";
    return !failed;
  }
};

live_client::live_client(
    const std::string& address, std::uint16_t port, const std::string& target, std::string_view fields,
    bool offers_compression
)
    : native_(std::make_unique<native>()) {
  auto& made = *native_;
  if (!made.connect(address, port)) {
    return;
  }
  websocket::permessage_deflate compression;
  compression.client_enable = offers_compression;
  made.stream.set_option(compression);
  made.stream.set_option(websocket::stream_base::decorator([fields](websocket::request_type& asked) {
    for (auto rest = fields; !rest.empty(); rest.remove_prefix(std::min(rest.size(), rest.find("\r\n") + 2))) {
      const auto line = rest.substr(0, rest.find("\r\n"));
      const auto colon = line.find(": ");
      asked.insert(
          beast::string_view(line.data(), colon), beast::string_view(line.data() + colon + 2, line.size() - colon - 2)
      );
    }
  }));
  made.stream.control_callback([&made](websocket::frame_type kind, beast::string_view payload) {
    made.pings += kind == websocket::frame_type::ping ? 1 : 0;
    if (kind == websocket::frame_type::pong) {
      made.last_pong.assign(payload.data(), payload.size());
    }
  });
  bool ended = false;
  error_code outcome;
  const auto host = address + ":" + std::to_string(port);
  made.stream.async_handshake(made.answer, host, target, [&](const error_code& failed) {
    outcome = failed;
    ended = true;
  });
  if (!made.await([&] { return ended; }, handshake_patience)) {
    made.stream.next_layer().close(outcome);
    made.await([&] { return ended; }, handshake_patience);
    made.trouble = "no answer to the handshake";
    return;
  }
  made.status =
      outcome && made.answer.result() == beast::http::status::switching_protocols ? 0 : made.answer.result_int();
  made.status = outcome && outcome != websocket::error::upgrade_declined ? 0 : made.status;
  made.trouble = outcome ? outcome.message() : "";
  made.is_over = made.status != 101;
}

live_client::live_client(live_client&&) noexcept = default;
live_client& live_client::operator=(live_client&&) noexcept = default;
live_client::~live_client() = default;

int live_client::status() const {
  return native_->status;
}

const std::string& live_client::body() const {
  return native_->status == 0 ? native_->trouble : native_->answer.body();
}

std::string live_client::field(std::string_view name) const {
  const auto value = native_->answer[beast::string_view(name.data(), name.size())];
  return {value.data(), value.size()};
}

std::optional<std::string> live_client::hear(std::chrono::milliseconds patience) {
  auto& self = *native_;
  self.read();
  self.await([&] { return self.has_text || self.is_over; }, patience);
  if (!self.has_text) {
    return std::nullopt;
  }
  auto text = beast::buffers_to_string(self.buffer.data());
  self.buffer.clear();
  self.has_text = false;
  return text;
}

bool live_client::say(std::string_view text) {
  native_->stream.text(true);
  return !native_->is_over &&
         native_->write([&](auto ended) { native_->stream.async_write(asio::buffer(text), std::move(ended)); });
}

bool live_client::say_binary(std::string_view octets) {
  native_->stream.binary(true);
  return !native_->is_over &&
         native_->write([&](auto ended) { native_->stream.async_write(asio::buffer(octets), std::move(ended)); });
}

bool live_client::ping(std::string_view payload) {
  return !native_->is_over && native_->write([&](auto ended) {
    native_->stream.async_ping(
        websocket::ping_data(beast::string_view(payload.data(), payload.size())), std::move(ended)
    );
  });
}

bool live_client::say_raw(std::string_view octets) {
  return native_->write([&](auto ended) {
    asio::async_write(native_->stream.next_layer(), asio::buffer(octets), std::move(ended));
  });
}

bool live_client::close(std::uint16_t code, std::string_view reason) {
  auto& self = *native_;
  const websocket::close_reason last(
      static_cast<websocket::close_code>(code), beast::string_view(reason.data(), reason.size())
  );
  const bool answered =
      !self.is_over && self.write([&](auto ended) { self.stream.async_close(last, std::move(ended)); });
  self.is_over = true;
  return answered;
}

std::uint16_t live_client::await_close(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!native_->is_over && std::chrono::steady_clock::now() < until) {
    hear(std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()));
  }
  return native_->close_code;
}

const std::string& live_client::close_reason() const {
  return native_->close_reason;
}

bool live_client::is_over() const {
  return native_->is_over;
}

std::size_t live_client::ping_count() const {
  return native_->pings;
}

const std::string& live_client::last_pong() const {
  return native_->last_pong;
}

void live_client::drop() {
  error_code ignored;
  native_->stream.next_layer().close(ignored);
  native_->is_over = true;
}

}  // namespace meridian::http
