// One connection, from its first byte to its last. Private to the room: the server makes them.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "http/handshake.hpp"
#include "http/live_connections.hpp"
#include "http/observer.hpp"
#include "http/problem.hpp"
#include "http/request_parser.hpp"
#include "http/response_head.hpp"
#include "http/router.hpp"
#include "http/server_limits.hpp"

namespace meridian::http {

// What the sessions of one server share, all on its lane.
struct session_shared {
  session_shared(
      router its_routes, const server_limits& its_limits, server_hooks hooks, std::shared_ptr<live_connections> its_live
  );

  std::string make_request_id();
  std::string encode(const response& answer, std::string_view request_id, bool keeps_alive);
  head_facts facts_of(std::string_view request_id, bool keeps_alive);

  // The head and the body as far as the kernel takes them at once, then the end: a last word that nobody waits for.
  void send_last(
      boost::asio::ip::tcp::socket& socket, const response& answer, std::string_view request_id, bool with_body
  );

  void tell(const exchange& done) const noexcept;

  const router routes;
  const server_limits limits;
  const std::shared_ptr<live_connections> live;
  const std::shared_ptr<observer> watcher;
  const std::string common_fields;  // as they are sent
  const std::vector<std::string> proxies;
  bool announcing = false;              // every answer is the last of its connection
  bool draining = false;                // and idle connections are closed
  std::size_t handling = 0;             // requests that are with a handler
  std::size_t bodies_bytes = 0;         // of limits.bodies_bytes_max
  std::array<char, 64 << 10> arrivals;  // every read lands here first, so that an idle connection holds no buffer
  date_text date;
  std::mt19937_64 random;  // for request ids: unique, not secret
};

// Strictly one request at a time: what a client pipelines waits in the socket and in `input_` (at most one read).
// Lives on the server's lane, in the server's list, until run() ends.
class session {
 public:
  session(boost::asio::ip::tcp::socket socket, session_shared& shared);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  // Serves the connection to its end. The coroutine holds both, so that they outlive a server that was not stopped.
  static boost::asio::awaitable<void> run(std::shared_ptr<session> self, std::shared_ptr<session_shared> shared);

  // Called by the server's clock: acts if this session's deadline has passed. A handler can't be interrupted, so the
  // client gets its 504 over the handler's head and the session ends when the handler does.
  void expire_if_due(deadline::clock::time_point now);

  // Ends the session now if it waits between two requests, else behind the request at hand. A connection that has said
  // nothing yet has a moment to say it: its request may be on its way.
  void drain();

  // Closes the socket. A handler that runs still runs to its end.
  void cut();

  bool in_handler() const { return phase_ == phase::handling; }

 private:
  enum class phase { idle, header, body, handling, writing, lingering };

  // How a connection ends early: with a last answer, or without a word.
  struct ending {
    ending() = default;
    explicit ending(response last, bool harmless = false) : answer(std::move(last)), is_harmless(harmless) {}

    std::optional<response> answer;
    bool is_harmless = false;  // the request was whole and well formed, so that the next one may come
  };
  template <class T>
  using outcome = boost::system::result<T, ending>;

  boost::asio::awaitable<bool> serve_next();
  boost::asio::awaitable<bool> deliver(const response& answer, bool may_keep_alive);
  boost::asio::awaitable<outcome<const route*>> receive_request();
  boost::asio::awaitable<outcome<void>> advance_to(bool (request_parser::*reached)() const);
  boost::asio::awaitable<outcome<void>> receive();
  outcome<const route*> admit();
  outcome<void> charge_body();
  void release_body();
  boost::asio::awaitable<response> call(const route& found);
  task<response> handle(const route& found, request message);
  boost::asio::awaitable<bool> become_live(const route& found);
  boost::asio::awaitable<bool> write(const response& answer, bool keeps_alive);
  boost::asio::awaitable<bool> write_all(std::string_view head, std::string_view body);
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<void> ready(boost::asio::ip::tcp::socket::wait_type readiness);

  void start_request();
  void enter(phase next, std::chrono::milliseconds time_max);
  std::chrono::milliseconds first_time_max() const;
  ending expired_ending() const;
  ending broken_ending(const boost::system::error_code& failed) const;
  std::string address_of_client(const request& received) const;
  void give_up();
  void tell(int status, std::size_t body_bytes) const noexcept;
  std::string_view rest() const { return std::string_view(input_).substr(input_taken_); }

  boost::asio::ip::tcp::socket socket_;
  session_shared& shared_;
  request_parser parser_;
  const std::string peer_address_;
  const bool is_from_proxy_;
  std::string input_;  // received; the first input_taken_ bytes are parsed
  std::size_t input_taken_ = 0;
  std::string request_id_;       // of the request at hand, also for problems found before a handler has it
  std::size_t body_charge_ = 0;  // this session's part of shared_.bodies_bytes
  std::optional<verb> method_;   // of the request at hand, as far as it is known; so are the next two
  const route* matched_ = nullptr;
  deadline::clock::time_point began_at_;
  phase phase_ = phase::idle;
  deadline::clock::time_point due_;
  bool expired_ = false;  // the deadline of this phase passed; whoever waits looks here first
  bool is_first_ = true;
  bool has_answered_ = false;
  bool is_head_ = false;
  std::unique_ptr<websocket_listener> listener_;  // the handshake is granted: this connection is to be live
  acceptance acceptance_;                         // and its 101
};

}  // namespace meridian::http
