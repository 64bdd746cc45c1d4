#include "lab/wan_proxy.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <thread>
#include <unordered_set>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace meridian::lab {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

// On their way in one direction of one connection. Beyond it nothing is read: TCP slows the sender.
constexpr std::size_t underway_bytes_max = 4 << 20;

struct counters {
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> open = 0;
  std::atomic<std::uint64_t> round_trips = 0;
  std::atomic<std::uint64_t> bytes_sent = 0;
  std::atomic<std::uint64_t> bytes_received = 0;
};

// How the line behaves at the moment.
struct weather {
  std::chrono::milliseconds latency{0};
  bool is_frozen = false;
};

// One connection: two directions, each a reader, a queue of what is under way, and a writer.
class link : public std::enable_shared_from_this<link> {
 public:
  link(tcp::socket client, const weather& now, counters& counted)
      : now_(now),
        counted_(counted),
        to_server_(client.get_executor()),
        to_client_(client.get_executor()),
        client_(std::move(client)),
        server_(client_.get_executor()) {
    ++counted_.open;
  }
  link(const link&) = delete;
  link& operator=(const link&) = delete;
  ~link() { end(); }

  void connect(const tcp::endpoint& target) {
    server_.async_connect(target, [self = shared_from_this()](error_code failed) {
      if (failed) {
        self->reset();
        return;
      }
      error_code ignored;
      self->server_.set_option(tcp::no_delay(true), ignored);
      self->client_.set_option(tcp::no_delay(true), ignored);
      self->is_connected_ = true;
      self->read(self->client_, self->server_, self->to_server_);
      self->read(self->server_, self->client_, self->to_client_);
    });
  }

  bool is_connected() const { return is_connected_; }
  bool is_over() const { return is_over_; }

  // After a freeze.
  void go_on() {
    deliver(server_, to_server_);
    deliver(client_, to_client_);
  }

  void reset() {
    end();
    for (auto* side : {&client_, &server_}) {
      error_code ignored;
      side->set_option(asio::socket_base::linger(true, 0), ignored);  // closing resets the connection
      side->close(ignored);
    }
    to_server_.due.cancel();
    to_client_.due.cancel();
  }

 private:
  struct piece {
    clock::time_point due;
    std::string bytes;
  };
  struct direction {
    explicit direction(const asio::any_io_executor& lane) : due(lane) {}
    std::deque<piece> underway;
    std::size_t underway_bytes = 0;
    std::array<char, 64 << 10> arrivals;
    asio::steady_timer due;
    bool is_writing = false;
    bool is_waiting = false;
    bool has_ended = false;  // the sender says no more
    bool stalled = false;    // not reading: too much is under way
  };

  void read(tcp::socket& from, tcp::socket& to, direction& way) {
    from.async_read_some(
        asio::buffer(way.arrivals),
        [self = shared_from_this(), &from, &to, &way](error_code failed, std::size_t count) {
          self->take(from, to, way, failed, count);
        }
    );
  }

  void take(tcp::socket& from, tcp::socket& to, direction& way, error_code failed, std::size_t count) {
    if (failed && failed != asio::error::eof) {
      reset();
      return;
    }
    if (failed) {
      way.has_ended = true;
    } else {
      count_arrival(&way == &to_server_, count);
      way.underway.push_back({clock::now() + now_.latency, std::string(way.arrivals.data(), count)});
      way.underway_bytes += count;
    }
    deliver(to, way);
    if (!failed) {
      way.stalled = way.underway_bytes >= underway_bytes_max;
      if (!way.stalled) {
        read(from, to, way);
      }
    }
  }

  void count_arrival(bool is_for_server, std::size_t count) {
    if (is_for_server) {
      counted_.round_trips += server_spoke_last_ ? 1 : 0;
      counted_.bytes_sent += count;
      server_spoke_last_ = false;
    } else {
      counted_.bytes_received += count;
      server_spoke_last_ = true;
    }
  }

  void deliver(tcp::socket& to, direction& way) {
    if (is_over_ || now_.is_frozen || way.is_writing || way.is_waiting) {
      return;
    }
    if (way.underway.empty()) {
      end_if_over(to, way);
    } else if (way.underway.front().due > clock::now()) {
      way.is_waiting = true;
      way.due.expires_at(way.underway.front().due);
      way.due.async_wait([self = shared_from_this(), &to, &way](error_code) {
        way.is_waiting = false;
        self->deliver(to, way);
      });
    } else {
      way.is_writing = true;
      asio::async_write(
          to, asio::buffer(way.underway.front().bytes),
          [self = shared_from_this(), &to, &way](error_code failed, std::size_t) { self->wrote(to, way, failed); }
      );
    }
  }

  void wrote(tcp::socket& to, direction& way, error_code failed) {
    way.is_writing = false;
    if (failed) {
      reset();
      return;
    }
    way.underway_bytes -= way.underway.front().bytes.size();
    way.underway.pop_front();
    if (way.stalled && way.underway_bytes < underway_bytes_max) {
      way.stalled = false;
      read(&to == &server_ ? client_ : server_, to, way);
    }
    deliver(to, way);
  }

  void end_if_over(tcp::socket& to, const direction& way) {
    if (!way.has_ended) {
      return;
    }
    error_code ignored;
    to.shutdown(tcp::socket::shutdown_send, ignored);
    const auto is_done = [](const direction& one) { return one.has_ended && one.underway.empty(); };
    if (is_done(to_server_) && is_done(to_client_)) {
      end();
      client_.close(ignored);
      server_.close(ignored);
    }
  }

  void end() {
    counted_.open -= is_over_ ? 0 : 1;
    is_over_ = true;
  }

  const weather& now_;
  counters& counted_;
  direction to_server_;
  direction to_client_;
  tcp::socket client_;
  tcp::socket server_;
  bool is_connected_ = false;
  bool is_over_ = false;
  bool server_spoke_last_ = true;  // the first bytes of the client begin a round trip
};

}  // namespace

class wan_proxy::lane {
 public:
  explicit lane(const wan_settings& settings) { now_.latency = settings.latency; }
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane() {
    if (thread_.joinable()) {
      on_lane([this] { cut(); });
      work_.reset();
      thread_.join();
    }
  }

  result<void> start(const wan_settings& settings) {
    error_code malformed;
    error_code malformed_too;
    listens_at_ = {asio::ip::make_address(settings.listen_address, malformed), settings.listen_port};
    target_ = {asio::ip::make_address(settings.target_address, malformed_too), settings.target_port};
    if (malformed || malformed_too) {
      return error{errc::invalid_argument, "a proxy needs two IP addresses", ""};
    }
    if (const auto failed = listen()) {
      return error{errc::conflict, "can't listen on " + settings.listen_address + ": " + failed.message(), ""};
    }
    thread_ = std::thread([this] { loop_.run(); });
    return {};
  }

  void on_lane(const std::function<void()>& action) {
    std::promise<void> done;
    asio::post(loop_, [&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  void cut() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& one : links_) {
      one->reset();
    }
    links_.clear();
  }

  void freeze() { now_.is_frozen = true; }

  void heal() {
    now_.is_frozen = false;
    if (!acceptor_.is_open()) {
      listen();
    }
    for (const auto& one : links_) {
      if (one->is_connected()) {
        one->go_on();
      } else {
        one->connect(target_);
      }
    }
  }

  weather& now() { return now_; }
  const counters& counted() const { return counted_; }
  std::uint16_t port() const { return listens_at_.port(); }

 private:
  error_code listen() {
    error_code failed;
    acceptor_.open(listens_at_.protocol(), failed);
    if (!failed) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    }
    if (!failed) {
      acceptor_.bind(listens_at_, failed);
    }
    if (!failed) {
      acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    }
    if (failed) {
      error_code ignored;
      acceptor_.close(ignored);
      return failed;
    }
    listens_at_.port(acceptor_.local_endpoint().port());
    accept();
    return failed;
  }

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted || !acceptor_.is_open()) {
        return;
      }
      if (!failed) {
        ++counted_.connections;
        std::erase_if(links_, [](const auto& one) { return one->is_over(); });
        const auto made = std::make_shared<link>(std::move(socket), now_, counted_);
        links_.insert(made);
        if (!now_.is_frozen) {
          made->connect(target_);
        }
      }
      accept();
    });
  }

  weather now_;
  counters counted_;
  tcp::endpoint listens_at_;
  tcp::endpoint target_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  tcp::acceptor acceptor_{loop_};
  std::unordered_set<std::shared_ptr<link>> links_;
  std::thread thread_;
};

wan_proxy::wan_proxy(std::unique_ptr<lane> started) : lane_(std::move(started)) {}
wan_proxy::~wan_proxy() = default;

result<std::unique_ptr<wan_proxy>> wan_proxy::start(const wan_settings& settings) {
  auto made = std::make_unique<lane>(settings);
  MERIDIAN_CHECK(made->start(settings));
  return std::unique_ptr<wan_proxy>(new wan_proxy(std::move(made)));
}

std::uint16_t wan_proxy::port() const {
  return lane_->port();
}

wan_counts wan_proxy::counts() const {
  const auto& counted = lane_->counted();
  return {counted.connections, counted.open, counted.round_trips, counted.bytes_sent, counted.bytes_received};
}

void wan_proxy::set_latency(std::chrono::milliseconds each_way) {
  lane_->on_lane([&] { lane_->now().latency = each_way; });
}

void wan_proxy::cut() {
  lane_->on_lane([this] { lane_->cut(); });
}

void wan_proxy::freeze() {
  lane_->on_lane([this] { lane_->freeze(); });
}

void wan_proxy::heal() {
  lane_->on_lane([this] { lane_->heal(); });
}

}  // namespace meridian::lab
