// One WebSocket connection, from its 101 to its end. Private to the room: live_connections makes them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "http/frame.hpp"
#include "http/outbox.hpp"
#include "http/websocket.hpp"
#include "runtime/deadline.hpp"

namespace meridian::http {

class live_connections;

// Lives on the server's lane, in its live_connections, until end(); held by its pending waits too. No coroutine and no
// buffer of its own: it waits for readiness and reads into the lane's, so that one that rests costs a few hundred
// bytes. Frames go straight to the socket: those of the hub, pongs and closes are whole frames in one queue, so nothing
// comes between.
class live_connection final : public websocket,
                              private frame_listener,
                              public std::enable_shared_from_this<live_connection> {
 public:
  using clock = deadline::clock;

  // `limits` and `all` outlive it, or its end(). The socket does not block.
  live_connection(
      boost::asio::ip::tcp::socket socket, std::unique_ptr<websocket_listener> listener, const websocket_limits& limits,
      bool compresses, live_connections& all
  );

  // `received` is what came behind the handshake.
  void begin(std::string received);

  void send(shared_frame frame) override;
  void send_now(const shared_frame& frame) override;
  void send_ephemeral(shared_frame frame) override;
  void close(close_code code, std::string_view reason) override;
  std::size_t queued_bytes() const override { return outbox_.bytes(); }
  websocket_group& group() override;

  // Whether frames may be given to the kernel at once, and as they are. Unless it takes all of them, what came of it
  // must then be told to sent().
  bool is_clear() const { return phase_ == phase::open && !compresses_ && !is_blocked_ && outbox_.is_empty(); }
  bool compresses() const { return compresses_; }
  int descriptor() { return socket_.native_handle(); }
  void sent(std::span<const shared_frame> frames, std::size_t taken, boost::system::error_code failed);

  // Nobody knows what the kernel took: nothing more may follow, and it ends in a turn of its own.
  void abandon() noexcept;

  // Fetches what those need into the nearest caches: thousands of connections don't stay there.
  void prefetch() const;

  // What the set does with all of them.
  void flush();
  void look_at_clock(clock::time_point now);
  void drain();

  // At once, without a word.
  void end() noexcept;

  bool has_ended() const { return phase_ == phase::ended; }

  // Kept by live_connections.
  std::size_t place = 0;  // in its list
  bool is_waiting_for_flush = false;

 private:
  enum class phase : std::uint8_t {
    open,
    closing,  // our close is said; the peer's is awaited
    leaving,  // nothing that comes is read any more; what is said still goes out
    ended
  };

  bool on_frame() override;
  bool on_text(std::string_view text) override;
  bool on_ping(std::string_view payload) override;
  void on_close(std::uint16_t code) override;

  void await_input();
  void await_output();
  void receive();
  void digest(std::span<char> bytes);
  void refuse(close_code code, std::string_view reason);
  void write(bool was_blocked);
  bool note(const outbox::outcome& done, bool was_blocked);
  void flush_early();
  bool push(shared_frame frame);
  void count_frame(const std::string& frame);
  void say_close(close_code code, std::string_view reason, phase next);
  void give_up_on_slow(std::string_view why);
  void settle();

  // What each frame that goes out needs is in front, for prefetch().
  phase phase_ = phase::open;
  const bool compresses_;       // as was agreed on
  bool is_blocked_ = false;     // waits until the kernel takes more
  bool has_asked_ = false;      // a ping since the last byte
  bool is_peer_done_ = false;   // its close or its end of the stream has come
  bool has_shut_down_ = false;  // our side of the stream has ended
  const websocket_limits& limits_;
  live_connections& all_;
  boost::asio::ip::tcp::socket socket_;
  outbox outbox_;

  std::unique_ptr<websocket_listener> listener_;
  frame_reader reader_;
  clock::time_point heard_at_;    // the last byte from the peer
  clock::time_point taken_at_;    // when a queue that is blocked last moved, or began
  clock::time_point changed_at_;  // when this phase began
  clock::time_point began_at_;    // the text that is unfinished
  clock::time_point refilled_at_;
  float frames_left_;  // a bucket of tokens, one a frame
};

}  // namespace meridian::http
