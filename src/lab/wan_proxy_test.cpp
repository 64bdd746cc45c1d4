#include "lab/wan_proxy.hpp"

#include <chrono>
#include <list>
#include <thread>

#include <gtest/gtest.h>
#include <sys/time.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace meridian::lab {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Answers each line with the same line.
class echo_server {
 public:
  echo_server() {
    accept();
    thread_ = std::thread([this] { loop_.run(); });
  }
  echo_server(const echo_server&) = delete;
  echo_server& operator=(const echo_server&) = delete;
  ~echo_server() {
    loop_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  struct peer {
    explicit peer(tcp::socket taken) : socket(std::move(taken)) {}
    tcp::socket socket;
    std::string said = std::string(4096, '\0');
  };

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (!failed) {
        echo(peers_.emplace_back(std::move(socket)));
        accept();
      }
    });
  }

  static void echo(peer& who) {
    who.socket.async_read_some(asio::buffer(who.said), [&who](error_code failed, std::size_t count) {
      error_code lost;
      if (failed) {
        who.socket.shutdown(tcp::socket::shutdown_send, lost);
        return;
      }
      asio::write(who.socket, asio::buffer(who.said.data(), count), lost);
      echo(who);
    });
  }

  asio::io_context loop_{1};
  tcp::acceptor acceptor_{loop_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
  std::list<peer> peers_;
  std::thread thread_;
};

class wan_proxy_test : public testing::Test {
 protected:
  wan_proxy_test() {
    wan_settings settings;
    settings.target_address = "127.0.0.1";
    settings.target_port = server_.port();
    auto started = wan_proxy::start(settings);
    EXPECT_TRUE(started);
    proxy_ = std::move(*started);
  }

  tcp::socket open() {
    tcp::socket socket(loop_);
    socket.connect({asio::ip::make_address("127.0.0.1"), proxy_->port()});
    socket.set_option(tcp::no_delay(true));
    timeval patience{0, 500'000};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return socket;
  }

  // What comes back within half a second.
  static std::string hear(tcp::socket& socket, std::size_t size) {
    std::string heard(size, '\0');
    error_code failed;
    std::size_t count = 0;
    while (count < size && !failed) {
      const auto got = ::recv(socket.native_handle(), heard.data() + count, size - count, 0);
      if (got <= 0) {
        break;
      }
      count += static_cast<std::size_t>(got);
    }
    heard.resize(count);
    return heard;
  }

  static std::string ask(tcp::socket& socket, const std::string& said) {
    error_code failed;
    asio::write(socket, asio::buffer(said), failed);
    return hear(socket, said.size());
  }

  echo_server server_;
  std::unique_ptr<wan_proxy> proxy_;
  asio::io_context loop_{1};
};

TEST_F(wan_proxy_test, forwards_both_ways_and_counts) {
  auto first = open();
  auto second = open();
  EXPECT_EQ(ask(first, "hello"), "hello");
  EXPECT_EQ(ask(first, "again"), "again");
  EXPECT_EQ(ask(second, "me too"), "me too");
  const auto counted = proxy_->counts();
  EXPECT_EQ(counted.connections, 2U);
  EXPECT_EQ(counted.open, 2U);
  EXPECT_EQ(counted.round_trips, 3U);
  EXPECT_EQ(counted.bytes_sent, 16U);
  EXPECT_EQ(counted.bytes_received, 16U);
}

TEST_F(wan_proxy_test, counts_what_does_not_wait_once) {
  auto socket = open();
  proxy_->set_latency(100ms);  // the pieces are out before the first answer can be back
  for (const char* piece : {"one ", "two ", "three"}) {
    asio::write(socket, asio::buffer(std::string(piece)));
  }
  EXPECT_EQ(hear(socket, 13), "one two three");
  EXPECT_EQ(proxy_->counts().round_trips, 1U);
  EXPECT_EQ(ask(socket, "four"), "four");
  EXPECT_EQ(proxy_->counts().round_trips, 2U);
}

TEST_F(wan_proxy_test, delays_each_way) {
  auto socket = open();
  EXPECT_EQ(ask(socket, "near"), "near");
  proxy_->set_latency(60ms);
  const auto begin = clock::now();
  EXPECT_EQ(ask(socket, "far"), "far");
  EXPECT_GE(clock::now() - begin, 120ms);
  EXPECT_LT(clock::now() - begin, 400ms);
}

TEST_F(wan_proxy_test, carries_much_through_a_slow_line) {
  proxy_->set_latency(5ms);
  auto socket = open();
  std::string much(20 << 20, 'x');  // beyond what may be under way
  for (std::size_t i = 0; i < much.size(); i += 97) {
    much[i] = static_cast<char>('a' + i % 26);
  }
  std::thread sender([&] { asio::write(socket, asio::buffer(much)); });
  const auto heard = hear(socket, much.size());
  sender.join();
  EXPECT_TRUE(heard == much) << heard.size();
}

TEST_F(wan_proxy_test, a_half_closed_connection_still_hears) {
  auto socket = open();
  asio::write(socket, asio::buffer(std::string("last words")));
  socket.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(hear(socket, 100), "last words");
}

TEST_F(wan_proxy_test, cut_resets_and_refuses_until_healed) {
  auto socket = open();
  EXPECT_EQ(ask(socket, "hello"), "hello");
  proxy_->cut();
  EXPECT_EQ(ask(socket, "anyone?"), "");
  tcp::socket other(loop_);
  error_code refused;
  other.connect({asio::ip::make_address("127.0.0.1"), proxy_->port()}, refused);
  EXPECT_EQ(refused, asio::error::connection_refused);
  EXPECT_EQ(proxy_->counts().open, 0U);
  proxy_->heal();
  auto fresh = open();
  EXPECT_EQ(ask(fresh, "back"), "back");
}

TEST_F(wan_proxy_test, freeze_holds_back_what_heal_delivers) {
  auto socket = open();
  EXPECT_EQ(ask(socket, "hello"), "hello");
  proxy_->freeze();
  EXPECT_EQ(ask(socket, "held"), "");
  auto late = open();
  EXPECT_EQ(ask(late, "also"), "");
  proxy_->heal();
  EXPECT_EQ(hear(socket, 4), "held");
  EXPECT_EQ(hear(late, 4), "also");
}

TEST(wan_proxy, says_when_it_cannot_start) {
  wan_settings settings;
  settings.target_address = "nowhere";
  EXPECT_EQ(wan_proxy::start(settings).error().code, errc::invalid_argument);
  settings.target_address = "127.0.0.1";
  auto first = wan_proxy::start(settings);
  ASSERT_TRUE(first);
  settings.listen_port = (*first)->port();
  EXPECT_EQ(wan_proxy::start(settings).error().code, errc::conflict);
}

}  // namespace
}  // namespace meridian::lab
