// Live connections (RFC 6455), as handlers see them: whole texts in, encoded frames out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "runtime/task.hpp"

namespace meridian::http {

// A text frame as it goes over the wire, unmasked and uncompressed: encoded once and shared by all its receivers. One
// for each lane is better than one for all: its count of owners would travel between the cores.
using shared_frame = std::shared_ptr<const std::string>;
shared_frame make_text_frame(std::string_view text);

// Everything that a client can make a live connection wait for or hold.
struct websocket_limits {
  std::size_t message_bytes_max = 64 << 10;            // of one text from the client, over all its fragments
  std::chrono::milliseconds message_time_max{10'000};  // for a text, or a frame, that has begun to end
  std::size_t queued_bytes_max = 1 << 20;             // that a slow reader has not taken; beyond: closed, it can resume
  std::size_t ephemeral_bytes_max = 64 << 10;         // queued beyond this, ephemeral frames are dropped
  std::chrono::milliseconds queued_time_max{20'000};  // for which nothing of a queue is taken
  std::chrono::milliseconds ping_interval{15'000};    // of silence, before the server asks whether the peer lives
  std::chrono::milliseconds silence_max{40'000};      // then it is gone
  double frames_per_second_max = 50;                  // from the client, of any kind; beyond: closed with 1008
  double frames_burst = 200;                          // after a rest; a text may come in that many fragments
  bool compresses = false;  // permessage-deflate, for clients that offer it; docs/performance.md says why not
  std::chrono::milliseconds closing_time_max{2'000};  // for the peer to take the last word and to answer it
};

// The codes of RFC 6455, 7.4, that this house uses.
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,  // the server stops, or asks to come back later
  broken = 1002,      // what came is not the protocol
  not_text = 1003,
  not_utf8 = 1007,
  policy = 1008,  // not signed in any more, too many texts
  too_large = 1009,
  internal = 1011,
  try_again_later = 1013  // too slow to keep up: resume
};

class websocket;

// All live connections of one server.
class websocket_group {
 public:
  websocket_group() = default;
  websocket_group(const websocket_group&) = delete;
  websocket_group& operator=(const websocket_group&) = delete;
  virtual ~websocket_group() = default;

  // These frames (at least one), in their order, as by send_now() to each of these members, none of them twice. Where
  // the kernel has a way to, many are written to in one system call.
  virtual void send_now(std::span<websocket* const> receivers, std::span<const shared_frame> frames);
};

// One live connection. Belongs to its session; lives and is used on the server's lane, from the listener's begin() to
// its ended().
class websocket {
 public:
  websocket() = default;
  websocket(const websocket&) = delete;
  websocket& operator=(const websocket&) = delete;
  virtual ~websocket() = default;

  // Never waits. Frames leave in this order; those queued in one turn of the lane leave in one system call. A peer that
  // does not take them is closed as websocket_limits say.
  virtual void send(shared_frame frame) = 0;

  // The same, and what is queued leaves with this call: for the last of several frames, or the only one. Many receivers
  // cost less so than with a second look at each of them.
  virtual void send_now(const shared_frame& frame) { send(frame); }

  // The same as send() for what may be lost: dropped when the peer is behind.
  virtual void send_ephemeral(shared_frame frame) = 0;

  // Says the code and the reason (at most 123 octets) behind what is queued, then ends. Once; later calls do nothing.
  virtual void close(close_code code, std::string_view reason) = 0;

  virtual std::size_t queued_bytes() const = 0;

  // Of its server; lives as long as this connection at least.
  virtual websocket_group& group() = 0;
};

// Who hears a live connection.
class websocket_listener {
 public:
  websocket_listener() = default;
  websocket_listener(const websocket_listener&) = delete;
  websocket_listener& operator=(const websocket_listener&) = delete;
  virtual ~websocket_listener() = default;

  // The handshake is done. `connection` lives until ended().
  virtual void begin(websocket& connection) = 0;

  // A whole text, valid UTF-8; the view holds for the call.
  virtual void on_text(std::string_view text) = 0;

  // The server is about to close the connection by itself, going_away (it drains) or try_again_later (too slow): what
  // to say before, if anything.
  virtual shared_frame farewell(close_code) { return nullptr; }

  // The connection is over, whoever ended it; nothing can be sent any more. Called once, then the listener is
  // destroyed.
  virtual void ended() noexcept = 0;
};

// Decides on a handshake: an error becomes a problem instead of the 101. The request's Origin, cookies and headers are
// its to check.
using websocket_handler = std::function<task<std::unique_ptr<websocket_listener>>(request)>;

// What the live connections of one server have done so far, and hold now.
struct websocket_counters {
  websocket_counters& operator+=(const websocket_counters& other);

  std::size_t open = 0;
  std::size_t queued_bytes = 0;  // frames that a peer has not taken yet, summed over the connections
  std::uint64_t opened = 0;
  std::uint64_t frames_sent = 0;        // taken over to be sent
  std::uint64_t writes = 0;             // system calls that sent them
  std::uint64_t ephemeral_dropped = 0;  // because a peer was behind
  std::uint64_t frames_received = 0;    // of any kind
  std::uint64_t closed_slow = 0;        // 1013
  std::uint64_t closed_silent = 0;      // no pong
  std::uint64_t closed_faulty = 0;      // 1002, 1003, 1007, 1008, 1009: the peer broke a rule
};

}  // namespace meridian::http
