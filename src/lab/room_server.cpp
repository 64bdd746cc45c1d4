// Our sockets without what is behind them: the fan-out's cost by itself.
#include <csignal>
#include <vector>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "http/server.hpp"
#include "lab/peer_server.hpp"

namespace meridian::lab {
namespace {

constexpr std::size_t text_bytes = 200;

class listener final : public http::websocket_listener {
 public:
  explicit listener(std::vector<http::websocket*>& all) : all_(all) {}

  void begin(http::websocket& connection) override {
    connection_ = &connection;
    all_.push_back(connection_);
    connection.send(http::make_text_frame("hello"));
  }
  void on_text(std::string_view) override {}
  void ended() noexcept override { std::erase(all_, connection_); }

 private:
  std::vector<http::websocket*>& all_;
  http::websocket* connection_ = nullptr;
};

// The child: everybody who comes to /live hears what is posted to /say.
class room {
 public:
  [[noreturn]] void run(int told) {
    http::router routes;
    routes.add_websocket("/live", [this](const http::request&) { return admit(); });
    routes.add(http::verb::post, "/say", [this](http::request received) { return say(std::move(received)); });
    auto started = http::server::start(loop_.get_executor(), {}, std::move(routes));
    const std::uint16_t port = started ? started->port() : 0;
    if (::write(told, &port, sizeof port) == sizeof port && port != 0) {
      loop_.run();
    }
    ::_exit(1);
  }

 private:
  task<std::unique_ptr<http::websocket_listener>> admit() { co_return std::make_unique<listener>(all_); }

  task<http::response> say(http::request received) {
    const auto frame = http::make_text_frame(received.body);
    if (!all_.empty()) {
      all_.front()->group().send_now(all_, std::span(&frame, 1));
    }
    co_return http::response();
  }

  boost::asio::io_context loop_{1};
  std::vector<http::websocket*> all_;
};

class room_server final : public peer_server {
 public:
  explicit room_server(std::size_t speaking) : speaking_(speaking) {}
  ~room_server() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  result<void> start() {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
      return error{errc::unavailable, "can't make a pipe", ""};
    }
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      room().run(ends[1]);
    }
    ::close(ends[1]);
    const auto count = pid_ > 0 ? ::read(ends[0], &port_, sizeof port_) : 0;
    ::close(ends[0]);
    if (count != sizeof port_ || port_ == 0) {
      return error{errc::unavailable, "the room does not start", ""};
    }
    return {};
  }

  std::string name() const override { return "our sockets alone"; }
  pid_t pid() const override { return pid_; }
  door where() const override { return {"127.0.0.1", port_}; }

  crowd_script member_script(std::size_t) const override {
    return {
        {"",
         "GET /live HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"},
        {"hello", ""},
    };
  }

  std::string still_here() const override { return unasked_pong(); }

  crowd_speakers speakers() const override {
    crowd_speakers made;
    made.connections = speaking_;
    made.accepted = "HTTP/1.1 200";
    made.message = [](std::uint64_t number) {
      auto text = fmt::format("{}message {} ", crowd_mark, number);
      text.resize(text_bytes, '.');
      return fmt::format("POST /say HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n\r\n{}", text.size(), text);
    };
    return made;
  }

 private:
  std::size_t speaking_;  // connections that post
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace

result<std::unique_ptr<peer_server>> start_room(std::size_t speaking) {
  auto made = std::make_unique<room_server>(speaking);
  MERIDIAN_CHECK(made->start());
  return std::unique_ptr<peer_server>(std::move(made));
}

}  // namespace meridian::lab
