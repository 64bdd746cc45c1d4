#include "http/session.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "http/target.hpp"

namespace meridian::http {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// A handler that keeps its deadline answers for itself, a moment after it.
constexpr std::chrono::milliseconds handler_grace{250};

// Of an IP address in text (INET6_ADDRSTRLEN).
constexpr std::size_t address_size_max = 45;

// For the first request of a connection that was opened just before the server stopped accepting.
constexpr std::chrono::milliseconds last_chance{500};

// What an idle connection may keep of its input buffer.
constexpr std::size_t input_bytes_kept = 4 << 10;

constexpr std::string_view room = "http";

parser_limits parser_limits_of(const server_limits& limits) {
  return {limits.header_bytes_max, limits.header_count_max, limits.target_bytes_max};
}

class handling_count {
 public:
  explicit handling_count(std::size_t& count) : count_(count) { ++count_; }
  handling_count(const handling_count&) = delete;
  handling_count& operator=(const handling_count&) = delete;
  ~handling_count() { --count_; }

 private:
  std::size_t& count_;
};

std::string address_of(const tcp::socket& socket) {
  error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  return gone ? std::string() : peer.address().to_string();
}

}  // namespace

session_shared::session_shared(
    router its_routes, const server_limits& its_limits, server_hooks hooks, std::shared_ptr<live_connections> its_live
)
    : routes(std::move(its_routes)),
      limits(its_limits),
      live(std::move(its_live)),
      watcher(std::move(hooks.watcher)),
      common_fields(encode_fields(hooks.common_headers)),
      proxies(std::move(hooks.proxies)),
      random(std::random_device()()) {}

void session_shared::tell(const exchange& done) const noexcept {
  if (watcher != nullptr) {
    watcher->on_answer(done);
  }
}

std::string session_shared::make_request_id() {
  return fmt::format("{:016x}", random());
}

head_facts session_shared::facts_of(std::string_view request_id, bool keeps_alive) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {request_id, date.at(now), keeps_alive, common_fields};
}

std::string session_shared::encode(const response& answer, std::string_view request_id, bool keeps_alive) {
  return encode_head(answer, facts_of(request_id, keeps_alive));
}

void session_shared::send_last(
    tcp::socket& socket, const response& answer, std::string_view request_id, bool with_body
) {
  auto bytes = encode(answer, request_id, false);
  bytes += with_body ? answer.body : "";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  // Unread bytes at the close would reset the connection, perhaps before the client has read the answer.
  socket.read_some(asio::buffer(arrivals), ignored);
}

session::session(tcp::socket socket, session_shared& shared)
    : socket_(std::move(socket)),
      shared_(shared),
      parser_(parser_limits_of(shared.limits)),
      peer_address_(address_of(socket_)),
      is_from_proxy_(std::ranges::find(shared.proxies, peer_address_) != shared.proxies.end()) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

session::~session() {
  release_body();
}

awaitable<void> session::run(std::shared_ptr<session> self, [[maybe_unused]] std::shared_ptr<session_shared> shared) {
  while (co_await self->serve_next()) {
    // A client that pipelines takes turns with the others.
    if (!self->rest().empty()) {
      co_await asio::post(use_awaitable);
    }
  }
  error_code ignored;
  self->socket_.close(ignored);
}

// One request and its answer. False when the connection is over.
awaitable<bool> session::serve_next() {
  const auto received = co_await receive_request();
  if (!received) {
    release_body();
    const ending last = received.error();
    // Not `co_return last.answer && co_await ...`: g++ 12 awaits the right side whatever the left one is.
    if (!last.answer) {
      co_return false;
    }
    co_return co_await deliver(*last.answer, last.is_harmless);
  }
  const response answer = co_await call(**received);
  release_body();
  if (expired_) {
    co_return false;
  }
  if (listener_ != nullptr) {
    co_return co_await become_live(**received);
  }
  co_return co_await deliver(answer, true);
}

// False when the connection is over, because of this answer or the client's or the server's wish.
awaitable<bool> session::deliver(const response& answer, bool may_keep_alive) {
  const bool keeps_alive = may_keep_alive && parser_.keeps_alive() && !shared_.announcing;
  const bool was_taken = co_await write(answer, keeps_alive);
  has_answered_ = true;
  tell(answer.status, is_head_ ? 0 : answer.body.size());
  if (!was_taken) {
    co_return false;
  }
  if (!keeps_alive) {
    co_await linger();
  }
  co_return keeps_alive;
}

// Says the 101 and gives the socket away. False: the session is over either way.
awaitable<bool> session::become_live(const route& found) {
  enter(phase::writing, shared_.limits.write_time_max);
  const bool was_taken = co_await write_all(acceptance_.head, "");
  constexpr int switching = 101;
  tell(switching, 0);
  if (was_taken) {
    shared_.live->adopt(
        std::move(socket_), std::move(listener_), found.live_limits, acceptance_.compresses, std::string(rest())
    );
  }
  co_return false;
}

awaitable<session::outcome<const route*>> session::receive_request() {
  start_request();
  MERIDIAN_CO_CHECK(co_await advance_to(&request_parser::has_header));
  MERIDIAN_CO_TRY(const route* found, admit());
  enter(phase::body, shared_.limits.body_time_max);
  if (parser_.awaits_continue() && rest().empty()) {
    if (!co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", "")) {
      co_return ending();
    }
  }
  MERIDIAN_CO_CHECK(co_await advance_to(&request_parser::is_complete));
  co_return found;
}

void session::start_request() {
  parser_.reset();
  request_id_.clear();
  is_head_ = false;
  method_.reset();
  matched_ = nullptr;
  if (!rest().empty()) {
    enter(phase::header, shared_.limits.header_time_max);
  } else {
    enter(phase::idle, is_first_ ? first_time_max() : shared_.limits.idle_time_max);
    input_.clear();
    input_taken_ = 0;
    if (input_.capacity() > input_bytes_kept) {
      input_.shrink_to_fit();
    }
  }
  is_first_ = false;
}

awaitable<session::outcome<void>> session::advance_to(bool (request_parser::*reached)() const) {
  while (!(parser_.*reached)()) {
    if (!rest().empty()) {
      const auto taken = parser_.feed(rest());
      if (!taken) {
        co_return ending(problem_of(taken.error()));
      }
      input_taken_ += *taken;
      MERIDIAN_CO_CHECK(charge_body());
      if ((parser_.*reached)()) {
        break;
      }
    }
    MERIDIAN_CO_CHECK(co_await receive());
  }
  co_return outcome<void>();
}

// Waits for bytes and appends them to the input.
awaitable<session::outcome<void>> session::receive() {
  while (true) {
    // A request that is here already when the server drains is still served.
    const bool is_last_look = phase_ == phase::idle && shared_.draining && has_answered_;
    if (!is_last_look) {
      co_await ready(tcp::socket::wait_read);
    }
    if (expired_) {
      co_return expired_ending();
    }
    error_code failed;
    const auto count = socket_.read_some(asio::buffer(shared_.arrivals), failed);
    if (failed == asio::error::would_block && !is_last_look) {
      continue;
    }
    if (failed) {
      co_return broken_ending(failed);
    }
    if (phase_ == phase::idle) {
      enter(phase::header, shared_.limits.header_time_max);
    }
    input_.erase(0, input_taken_);
    input_taken_ = 0;
    input_.append(shared_.arrivals.data(), count);
    co_return outcome<void>();
  }
}

// Whether the request whose header is here may go on, and to which route.
session::outcome<const route*> session::admit() {
  auto& message = parser_.message();
  is_head_ = message.method == verb::head;
  method_ = message.method;
  const auto given_id = message.headers.find("X-Request-Id");
  request_id_ = given_id && is_request_id(*given_id) ? std::string(*given_id) : shared_.make_request_id();
  auto decoded = decode_target(parser_.target());
  if (!decoded) {
    return ending(problem_of(decoded.error()));
  }
  message.path = std::move(decoded->path);
  message.query = std::move(decoded->query);
  const auto match = shared_.routes.find(message.method, message.path);
  if (match.found == nullptr) {
    return ending(unmatched(message.method, match), parser_.is_complete());
  }
  matched_ = match.found;
  message.captures = match.captures;
  const auto body_bytes_max = match.found->limits.body_bytes_max.value_or(shared_.limits.body_bytes_max);
  if (const auto limited = parser_.limit_body(body_bytes_max); !limited) {
    return ending(problem_of(limited.error()));
  }
  return match.found;
}

session::outcome<void> session::charge_body() {
  const auto added = parser_.body_size() - body_charge_;
  shared_.bodies_bytes += added;
  body_charge_ += added;
  if (shared_.bodies_bytes > shared_.limits.bodies_bytes_max) {
    return ending(problem_of(error{errc::overloaded, "the server holds too many request bodies", ""}));
  }
  return {};
}

void session::release_body() {
  shared_.bodies_bytes -= body_charge_;
  body_charge_ = 0;
}

awaitable<response> session::call(const route& found) {
  const auto time_max = found.limits.time_max.value_or(shared_.limits.handler_time_max);
  enter(phase::handling, time_max + handler_grace);
  request message = std::move(parser_.message());
  message.peer_address = address_of_client(message);
  message.id = request_id_;
  message.until = deadline::in(time_max);
  const handling_count counted(shared_.handling);
  std::string thrown;
  try {
    auto answer = co_await handle(found, std::move(message));
    if (!answer) {
      if (answer.error().code == errc::internal) {
        log::error(
            room, "{} {} failed ({}): {}", to_string(found.method), found.pattern, request_id_, answer.error().message
        );
      }
      co_return problem_of(answer.error());
    }
    const auto fault = listener_ != nullptr ? std::string() : check_response(*answer);
    if (fault.empty()) {
      co_return std::move(*answer);
    }
    thrown = fault;
  } catch (const std::exception& caught) {
    thrown = caught.what();
  } catch (...) {
    thrown = "something was thrown that is no exception";
  }
  log::error(room, "{} {} has a bug ({}): {}", to_string(found.method), found.pattern, request_id_, thrown);
  co_return problem_of(error{errc::internal, "", ""});
}

// For a handshake that is granted, listener_ is set and the answer means nothing.
task<response> session::handle(const route& found, request message) {
  if (!found.upgrade || refuse_handshake(message)) {
    co_return co_await found.handle(std::move(message));
  }
  if (shared_.announcing || shared_.live->size() >= shared_.limits.websockets_max) {
    co_return error{errc::overloaded, "the server has no room for another live connection", ""};
  }
  const auto facts = shared_.facts_of(request_id_, true);
  acceptance_ = accept_handshake(message, facts, found.live_limits.compresses, socket_.get_executor());
  MERIDIAN_CO_TRY(listener_, co_await found.upgrade(std::move(message)));
  co_return response();
}

awaitable<bool> session::write(const response& answer, bool keeps_alive) {
  enter(phase::writing, shared_.limits.write_time_max);
  if (request_id_.empty()) {
    request_id_ = shared_.make_request_id();
  }
  const auto head = shared_.encode(answer, request_id_, keeps_alive);
  const bool sends_body = !is_head_ && has_body(answer.status);
  co_return co_await write_all(head, sends_body ? answer.body : std::string_view());
}

// False when the client has gone or does not take it in time.
awaitable<bool> session::write_all(std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    const std::array buffers = {asio::buffer(head), asio::buffer(body)};
    error_code failed;
    const auto count = socket_.write_some(buffers, failed);
    if (failed == asio::error::would_block) {
      co_await ready(tcp::socket::wait_write);
    } else if (failed) {
      co_return false;
    }
    if (expired_) {
      co_return false;
    }
    const auto of_head = std::min(count, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(count - of_head);
  }
  co_return true;
}

// Tells the client that nothing more will come, and reads on until it has understood: closing a socket with unread
// bytes resets the connection, and the client may lose the answer.
awaitable<void> session::linger() {
  enter(phase::lingering, shared_.limits.linger_time_max);
  error_code failed;
  socket_.shutdown(tcp::socket::shutdown_send, failed);
  std::size_t count = 0;
  while (!expired_ && count <= shared_.limits.linger_bytes_max && (!failed || failed == asio::error::would_block)) {
    co_await ready(tcp::socket::wait_read);
    count += socket_.read_some(asio::buffer(shared_.arrivals), failed);
  }
}

// Whatever ends the wait, the next read or write tells.
awaitable<void> session::ready(tcp::socket::wait_type readiness) {
  error_code ignored;
  co_await socket_.async_wait(readiness, asio::redirect_error(use_awaitable, ignored));
}

std::chrono::milliseconds session::first_time_max() const {
  return shared_.draining ? std::min(last_chance, shared_.limits.header_time_max) : shared_.limits.header_time_max;
}

void session::enter(phase next, std::chrono::milliseconds time_max) {
  phase_ = next;
  const auto now = deadline::clock::now();
  if (next == phase::header) {
    began_at_ = now;
  }
  due_ = now + time_max;
  expired_ = false;
}

session::ending session::expired_ending() const {
  if (phase_ == phase::idle) {
    return ending();
  }
  return ending(problem_of(refusal{408, "request_timed_out", "the request did not arrive in time"}));
}

session::ending session::broken_ending(const error_code& failed) const {
  if (failed != asio::error::eof || phase_ == phase::idle) {
    return ending();
  }
  return ending(problem_of(refusal{400, "invalid_argument", "the request ends before it is whole"}));
}

void session::expire_if_due(deadline::clock::time_point now) {
  if (expired_ || now < due_) {
    return;
  }
  expired_ = true;
  if (phase_ == phase::handling) {
    give_up();
  } else {
    error_code ignored;
    socket_.cancel(ignored);
  }
}

// The last address of the last such field is what the proxy itself has added.
std::string session::address_of_client(const request& received) const {
  std::string_view forwarded;
  for (std::size_t index = 0; is_from_proxy_ && index < received.headers.size(); ++index) {
    const auto [name, value] = received.headers.at(index);
    forwarded = equal_tokens(name, "X-Forwarded-For") ? value : forwarded;
  }
  forwarded.remove_prefix(forwarded.rfind(',') + 1);  // npos + 1 is 0
  forwarded.remove_prefix(std::min(forwarded.size(), forwarded.find_first_not_of(' ')));
  error_code malformed;
  const auto address = asio::ip::make_address(forwarded.substr(0, address_size_max), malformed);
  return malformed ? peer_address_ : address.to_string();
}

void session::give_up() {
  log::warning(room, "a handler outlived its deadline ({})", request_id_);
  const auto last = problem_of(error{errc::timed_out, "the request was not done in time", ""});
  shared_.send_last(socket_, last, request_id_, !is_head_);
  tell(last.status, is_head_ ? 0 : last.body.size());
}

void session::tell(int status, std::size_t body_bytes) const noexcept {
  if (shared_.watcher == nullptr) {
    return;
  }
  exchange done;
  done.method = method_;
  done.matched = matched_;
  done.status = status;
  done.duration = deadline::clock::now() - began_at_;
  done.body_bytes = body_bytes;
  done.request_id = request_id_;
  shared_.tell(done);
}

void session::drain() {
  if (phase_ != phase::idle) {
    return;
  }
  if (!has_answered_) {
    due_ = std::min(due_, deadline::clock::now() + first_time_max());
    return;
  }
  error_code ignored;
  socket_.cancel(ignored);
}

void session::cut() {
  expired_ = true;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace meridian::http
