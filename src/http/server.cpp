#include "http/server.hpp"

#include <cerrno>
#include <exception>
#include <list>
#include <utility>

#include <fmt/core.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "http/session.hpp"

namespace meridian::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Every deadline of every session is kept by one clock that looks at all of them this often: a deadline then costs a
// request one store instead of a timer's heap and system call. Looking at 10,000 sessions costs less than 1 % of the
// lane.
constexpr std::chrono::milliseconds sweep_interval{100};

// After a failed accept (no descriptors left): accepting at once would fail at once, all over.
constexpr std::chrono::milliseconds accept_pause{100};

constexpr std::string_view room = "http";

error listen_error(const listen_address& where, const error_code& failed) {
  const auto place = fmt::format("{}:{}", where.address, where.port);
  if (failed == asio::error::address_in_use) {
    return {
        errc::conflict, fmt::format("can't listen on {}: the port is taken", place),
        fmt::format("stop what listens there (ss -ltnp 'sport = :{}' shows it) or choose another port", where.port)
    };
  }
  if (failed == asio::error::access_denied) {
    return {
        errc::forbidden, fmt::format("can't listen on {}: {}", place, failed.message()),
        "choose a port from 1024 up, or give the program CAP_NET_BIND_SERVICE"
    };
  }
  if (failed.value() == EADDRNOTAVAIL) {
    return {
        errc::invalid_argument, fmt::format("can't listen on {}: this machine does not have that address", place),
        "choose one that `ip address` shows"
    };
  }
  return {errc::internal, fmt::format("can't listen on {}: {}", place, failed.message()), ""};
}

result<tcp::acceptor> listen(const asio::any_io_executor& lane, const listen_address& where) {
  error_code failed;
  const auto address = asio::ip::make_address(where.address, failed);
  if (failed) {
    return error{errc::invalid_argument, fmt::format("{} is not an IP address", where.address), ""};
  }
  const tcp::endpoint endpoint(address, where.port);
  tcp::acceptor acceptor(lane);
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  }
  const int yes = 1;
  if (!failed && where.shares_port &&
      ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0) {
    failed.assign(errno, boost::system::system_category());
  }
  if (!failed) {
    acceptor.bind(endpoint, failed);
  }
  if (!failed) {
    acceptor.listen(tcp::acceptor::max_listen_connections, failed);
  }
  if (failed) {
    return listen_error(where, failed);
  }
  return acceptor;
}

}  // namespace

result<void> check_free(const listen_address& where) {
  asio::io_context loop;
  auto alone = where;
  alone.shares_port = false;
  MERIDIAN_TRY(const auto tried, listen(loop.get_executor(), alone));
  return {};
}

// Held by the server, by the pending accept and timers, and by each session's coroutine.
struct server::state final : session_shared, std::enable_shared_from_this<server::state> {
  state(tcp::acceptor its_acceptor, router its_routes, const server_limits& its_limits, server_hooks its_hooks)
      : session_shared(
            std::move(its_routes), its_limits, std::move(its_hooks),
            std::make_shared<live_connections>(
                its_acceptor.get_executor(), its_limits.has_io_uring, [this] { tell_if_empty(); }
            )
        ),
        acceptor(std::move(its_acceptor)),
        sweep_timer(acceptor.get_executor()),
        accept_timer(acceptor.get_executor()),
        emptied(acceptor.get_executor()) {}

  void accept_next();
  void accept_later();
  void open_session(tcp::socket socket);
  void close_session(std::list<std::shared_ptr<session>>::iterator ended, const std::exception_ptr& thrown);
  bool is_empty() const { return sessions.empty() && live->size() == 0; }
  void tell_if_empty();
  void sweep_later();
  void close_doors();
  void accept_waiting();

  tcp::acceptor acceptor;
  std::list<std::shared_ptr<session>> sessions;
  asio::steady_timer sweep_timer;
  asio::steady_timer accept_timer;
  asio::steady_timer emptied;  // cancelled when the last session ends
  bool sweeping = false;
  bool is_starved = false;  // of descriptors: told once, not ten times a second
};

void server::state::accept_next() {
  acceptor.async_accept([self = shared_from_this()](const error_code& failed, tcp::socket socket) {
    if (!self->acceptor.is_open()) {
      return;
    }
    if (failed && failed != asio::error::connection_aborted) {
      if (!std::exchange(self->is_starved, true)) {
        log::warning(room, "can't accept connections for now: {}", failed.message());
      }
      self->accept_later();
      return;
    }
    self->is_starved = false;
    if (!failed) {
      self->open_session(std::move(socket));
    }
    self->accept_next();
  });
}

void server::state::accept_later() {
  accept_timer.expires_after(accept_pause);
  accept_timer.async_wait([self = shared_from_this()](const error_code&) {
    if (self->acceptor.is_open()) {
      self->accept_next();
    }
  });
}

void server::state::open_session(tcp::socket socket) {
  if (sessions.size() >= limits.connections_max) {
    // Said at once or not at all: nobody waits for a client that there is no room for.
    const auto busy = problem_of(error{errc::overloaded, "the server has no room for another connection", ""});
    const auto id = make_request_id();
    send_last(socket, busy, id, true);
    exchange done;
    done.status = busy.status;
    done.body_bytes = busy.body.size();
    done.request_id = id;
    tell(done);
    return;
  }
  const auto opened = sessions.insert(sessions.end(), std::make_shared<session>(std::move(socket), *this));
  const auto self = shared_from_this();
  asio::co_spawn(
      acceptor.get_executor(), session::run(*opened, self),
      [self, opened](const std::exception_ptr& thrown) { self->close_session(opened, thrown); }
  );
  sweep_later();
}

void server::state::close_session(
    std::list<std::shared_ptr<session>>::iterator ended, const std::exception_ptr& thrown
) {
  sessions.erase(ended);
  tell_if_empty();
  if (thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& caught) {
      log::error(room, "a connection ended by an exception: {}", caught.what());
    }
  }
}

void server::state::tell_if_empty() {
  if (is_empty()) {
    emptied.cancel();
  }
}

void server::state::sweep_later() {
  if (sweeping || is_empty()) {
    return;
  }
  sweeping = true;
  sweep_timer.expires_after(sweep_interval);
  sweep_timer.async_wait([self = shared_from_this()](const error_code& cancelled) {
    self->sweeping = false;
    if (cancelled) {
      return;
    }
    const auto now = deadline::clock::now();
    for (const auto& one : self->sessions) {
      one->expire_if_due(now);
    }
    self->live->sweep(now);
    self->sweep_later();
  });
}

// Closing the acceptor resets the connections that the kernel holds for it.
void server::state::accept_waiting() {
  error_code none_waits;
  acceptor.non_blocking(true, none_waits);
  while (!none_waits) {
    tcp::socket socket(acceptor.get_executor());
    acceptor.accept(socket, none_waits);
    if (!none_waits) {
      open_session(std::move(socket));
    }
  }
}

void server::state::close_doors() {
  announcing = true;
  draining = true;
  error_code ignored;
  acceptor.close(ignored);
  accept_timer.cancel();
}

result<server> server::start(
    const asio::any_io_executor& lane, const listen_address& where, router routes, const server_limits& limits,
    server_hooks hooks
) {
  response with_common;
  with_common.headers = hooks.common_headers;
  if (const auto fault = check_response(with_common); !fault.empty()) {
    return error{errc::invalid_argument, fault, ""};
  }
  MERIDIAN_TRY(auto acceptor, listen(lane, where));
  auto made = std::make_shared<state>(std::move(acceptor), std::move(routes), limits, std::move(hooks));
  made->accept_next();
  return server(std::move(made));
}

server::server(std::shared_ptr<state> its_state) : state_(std::move(its_state)) {}

server::~server() {
  if (state_ == nullptr) {
    return;
  }
  state_->close_doors();
  state_->sweep_timer.cancel();
  for (const auto& one : state_->sessions) {
    one->cut();
  }
  state_->live->cut();
}

std::uint16_t server::port() const {
  error_code closed;
  return state_->acceptor.local_endpoint(closed).port();
}

std::size_t server::connection_count() const {
  return state_->sessions.size();
}

std::size_t server::handling_count() const {
  return state_->handling;
}

websocket_counters server::websockets() const {
  return state_->live->counters();
}

void server::announce_stop() {
  state_->announcing = true;
}

task<void> server::stop(deadline until) {
  const auto kept = state_;
  kept->accept_waiting();
  kept->close_doors();
  for (const auto& one : kept->sessions) {
    one->drain();
  }
  kept->live->drain();
  kept->emptied.expires_at(until.at());
  while (!kept->is_empty() && !until.passed()) {
    error_code woken;
    co_await kept->emptied.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  kept->sweep_timer.cancel();
  const auto open_count = kept->sessions.size() + kept->live->size();
  std::size_t handler_count = 0;
  for (const auto& one : kept->sessions) {
    handler_count += one->in_handler() ? 1 : 0;
    one->cut();
  }
  kept->live->cut();
  if (open_count > 0) {
    co_return error{
        errc::timed_out,
        fmt::format("connections cut off at the deadline: {}, of which in a handler: {}", open_count, handler_count),
        ""
        ""
    };
  }
  co_return result<void>();
}

}  // namespace meridian::http
