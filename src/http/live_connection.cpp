#include "http/live_connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "base/log.hpp"
#include "http/live_connections.hpp"

namespace meridian::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// What the kernel may hold for a peer that does not read; left to itself it takes up to 4 MB. At a round trip of 200 ms
// it is still 1 MB a second.
constexpr int kernel_buffer_bytes = 256 << 10;

constexpr std::string_view room = "http";

shared_frame make_ping() {
  std::string frame;
  append_frame(frame, opcode::ping, "");
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace

live_connection::live_connection(
    tcp::socket socket, std::unique_ptr<websocket_listener> listener, const websocket_limits& limits, bool compresses,
    live_connections& all
)
    : compresses_(compresses),
      limits_(limits),
      all_(all),
      socket_(std::move(socket)),
      listener_(std::move(listener)),
      reader_(limits.message_bytes_max, compresses ? &all.inflating() : nullptr),
      heard_at_(clock::now()),
      taken_at_(heard_at_),
      changed_at_(heard_at_),
      refilled_at_(heard_at_),
      frames_left_(static_cast<float>(limits.frames_burst)) {
  error_code ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(kernel_buffer_bytes), ignored);
}

void live_connection::begin(std::string received) {
  listener_->begin(*this);
  digest(received);
  settle();
  await_input();
}

void live_connection::send(shared_frame frame) {
  if (phase_ == phase::open && push(std::move(frame))) {
    all_.flush_soon(*this);
  }
}

void live_connection::send_now(const shared_frame& frame) {
  if (phase_ != phase::open) {
    return;
  }
  if (!is_clear()) {
    if (push(frame) && !is_blocked_) {
      flush_early();
    }
    return;
  }
  error_code failed;
  const auto taken = socket_.write_some(asio::buffer(*frame), failed);
  ++all_.counted().writes;
  if (taken == frame->size()) {
    ++all_.counted().frames_sent;
  } else {
    sent(std::span(&frame, 1), taken, failed);
  }
}

// As in flush_early(), it does not end here.
void live_connection::sent(std::span<const shared_frame> frames, std::size_t taken, error_code failed) {
  for (const auto& frame : frames) {
    count_frame(*frame);
  }
  if (!note(outbox_.keep_rest(frames, taken, failed), false)) {
    all_.flush_soon(*this);
  }
}

void live_connection::abandon() noexcept {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
}

void live_connection::prefetch() const {
  constexpr std::size_t cache_line = 64;
  const auto* end = reinterpret_cast<const char*>(&listener_);
  for (const auto* line = reinterpret_cast<const char*>(this); line < end; line += cache_line) {
    __builtin_prefetch(line);
  }
}

websocket_group& live_connection::group() {
  return all_;
}

void live_connection::send_ephemeral(shared_frame frame) {
  if (phase_ != phase::open) {
    return;
  }
  if (outbox_.bytes() + frame->size() > limits_.ephemeral_bytes_max) {
    ++all_.counted().ephemeral_dropped;
    return;
  }
  send(std::move(frame));
}

void live_connection::close(close_code code, std::string_view reason) {
  if (phase_ == phase::open) {
    say_close(code, reason, phase::closing);
  }
}

// Of an open connection; false when that closes it.
bool live_connection::push(shared_frame frame) {
  if (compresses_) {
    frame = all_.compressed(frame);
  }
  // Much may be said in one turn of the lane: the kernel may take it.
  if (outbox_.bytes() + frame->size() > limits_.queued_bytes_max && !is_blocked_) {
    flush_early();
  }
  if (outbox_.bytes() + frame->size() > limits_.queued_bytes_max) {
    give_up_on_slow("too far behind");
    return false;
  }
  count_frame(*frame);
  outbox_.push(std::move(frame));
  return true;
}

void live_connection::count_frame(const std::string& frame) {
  all_.count_queued(frame.size());
  ++all_.counted().frames_sent;
}

void live_connection::say_close(close_code code, std::string_view reason, phase next) {
  auto frame = std::make_shared<const std::string>(encode_close(code, reason));
  phase_ = next;
  changed_at_ = clock::now();
  all_.count_queued(frame->size());
  outbox_.push(std::move(frame));
  all_.flush_soon(*this);
}

// What it has not begun to take is dropped: the close would never be reached behind it, and the client resumes.
void live_connection::give_up_on_slow(std::string_view why) {
  ++all_.counted().closed_slow;
  const auto before = outbox_.bytes();
  outbox_.drop_unsent();
  all_.count_unqueued(before - outbox_.bytes());
  if (auto last = listener_->farewell(close_code::try_again_later)) {
    all_.count_queued(last->size());
    outbox_.push(std::move(last));
  }
  say_close(close_code::try_again_later, why, phase::closing);
}

void live_connection::drain() {
  if (phase_ != phase::open) {
    return;
  }
  if (auto last = listener_->farewell(close_code::going_away)) {
    send(std::move(last));
  }
  close(close_code::going_away, "the server stops");
}

void live_connection::await_input() {
  if (phase_ == phase::ended || is_peer_done_) {
    return;
  }
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code&) {
    if (self->phase_ != phase::ended) {
      self->receive();
    }
  });
}

void live_connection::receive() {
  error_code failed;
  const auto arrivals = all_.arrivals();
  const auto count = socket_.read_some(asio::buffer(arrivals.data(), arrivals.size()), failed);
  if (failed && failed != asio::error::would_block) {
    is_peer_done_ = true;
    if (phase_ == phase::open || failed != asio::error::eof) {
      end();
      return;
    }
    phase_ = phase::leaving;
  }
  if (count > 0) {
    heard_at_ = clock::now();
    has_asked_ = false;
    digest(arrivals.first(count));
  }
  settle();
  await_input();
}

void live_connection::digest(std::span<char> bytes) {
  if (bytes.empty() || phase_ == phase::leaving || phase_ == phase::ended) {
    return;
  }
  if (reader_.is_at_rest()) {
    began_at_ = heard_at_;
  }
  if (const auto fault = reader_.feed(bytes, *this)) {
    refuse(fault->code, fault->reason);
  }
}

// The peer broke a rule. It may still be sending: what comes is read and dropped, so that it gets to see why.
void live_connection::refuse(close_code code, std::string_view reason) {
  ++all_.counted().closed_faulty;
  if (phase_ == phase::open) {
    say_close(code, reason, phase::leaving);
  } else {
    phase_ = phase::leaving;
  }
}

bool live_connection::on_frame() {
  ++all_.counted().frames_received;
  const std::chrono::duration<float> rested = heard_at_ - refilled_at_;
  refilled_at_ = heard_at_;
  const auto refilled = frames_left_ + rested.count() * static_cast<float>(limits_.frames_per_second_max);
  frames_left_ = std::min(static_cast<float>(limits_.frames_burst), refilled) - 1;
  if (frames_left_ < 0) {
    refuse(close_code::policy, "too many frames");
  }
  return phase_ == phase::open || phase_ == phase::closing;
}

bool live_connection::on_text(std::string_view text) {
  began_at_ = heard_at_;
  if (phase_ != phase::open) {
    return true;
  }
  try {
    listener_->on_text(text);
  } catch (const std::exception& caught) {
    log::error(room, "a live connection's listener has a bug: {}", caught.what());
    close(close_code::internal, "");
  }
  return true;
}

bool live_connection::on_ping(std::string_view payload) {
  if (phase_ == phase::open) {
    std::string frame;
    append_frame(frame, opcode::pong, payload);
    send(std::make_shared<const std::string>(std::move(frame)));
  }
  return true;
}

void live_connection::on_close(std::uint16_t code) {
  is_peer_done_ = true;
  if (phase_ == phase::open) {
    say_close(code == 0 ? close_code::normal : static_cast<close_code>(code), "", phase::leaving);
  } else {
    phase_ = phase::leaving;
  }
}

void live_connection::await_output() {
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code&) {
    if (self->phase_ != phase::ended) {
      self->is_blocked_ = false;
      self->write(true);
    }
  });
}

void live_connection::flush() {
  if (phase_ != phase::ended && !is_blocked_) {
    write(false);
  }
}

// What came of an attempt to write; false when it failed.
bool live_connection::note(const outbox::outcome& done, bool was_blocked) {
  all_.counted().writes += done.writes;
  all_.count_unqueued(done.bytes);
  if (done.would_block) {
    if (done.bytes > 0 || !was_blocked) {
      taken_at_ = clock::now();
    }
    is_blocked_ = true;
    await_output();
  }
  return !done.failed;
}

void live_connection::write(bool was_blocked) {
  if (!note(outbox_.flush(socket_), was_blocked)) {
    end();
    return;
  }
  settle();
}

// Within a call of somebody who holds this connection: it does not end here. A failure shows again in a turn of its
// own.
void live_connection::flush_early() {
  if (!note(outbox_.flush(socket_), false)) {
    all_.flush_soon(*this);
  }
}

// After anything that may have been the last thing to wait for; never within a call of the listener.
void live_connection::settle() {
  if (phase_ != phase::leaving || !outbox_.is_empty()) {
    return;
  }
  if (is_peer_done_) {
    end();
  } else if (!std::exchange(has_shut_down_, true)) {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
}

void live_connection::look_at_clock(clock::time_point now) {
  if (phase_ != phase::open) {
    if (now - changed_at_ >= limits_.closing_time_max) {
      end();
    }
    return;
  }
  if (is_blocked_ && now - taken_at_ >= limits_.queued_time_max) {
    give_up_on_slow("takes nothing");
  } else if (!reader_.is_at_rest() && now - began_at_ >= limits_.message_time_max) {
    refuse(close_code::policy, "a text takes too long");
  } else if (now - heard_at_ >= limits_.silence_max) {
    ++all_.counted().closed_silent;
    end();
  } else if (now - heard_at_ >= limits_.ping_interval && !std::exchange(has_asked_, true)) {
    static const auto ping = make_ping();
    send(ping);
  }
}

void live_connection::end() noexcept {
  if (std::exchange(phase_, phase::ended) == phase::ended) {
    return;
  }
  all_.count_unqueued(outbox_.bytes());
  outbox_ = outbox();
  error_code ignored;
  socket_.close(ignored);
  if (const auto listener = std::move(listener_)) {
    listener->ended();
  }
  all_.forget(*this);
}

}  // namespace meridian::http
