#include "http/live_connections.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/log.hpp"

namespace meridian::http {

namespace asio = boost::asio;

namespace {

// Looked at each time; of more than ten times as many a tenth.
constexpr std::size_t swept_at_least = 1'000;
constexpr std::size_t sweep_parts = 10;

// Then others have a turn of the lane: some 2 ms.
constexpr std::size_t flushed_per_turn = 256;

// Fewer receivers gain nothing from one system call for all.
constexpr std::size_t gathered_at_least = 8;

// Connections, while the one before them is written to.
constexpr std::size_t fetched_ahead = 4;

// When there was no descriptor or memory for a ring.
constexpr std::chrono::seconds ring_retry_interval{10};

constexpr std::string_view room = "http";

// Shorter texts gain nothing.
constexpr std::size_t compressed_at_least = 128;

shared_frame join(std::span<const shared_frame> frames) {
  if (frames.size() == 1) {
    return frames.front();
  }
  auto all = std::make_shared<std::string>();
  for (const auto& frame : frames) {
    all->append(*frame);
  }
  return all;
}

// They leave together all the same.
void send_one_by_one(live_connection& one, std::span<const shared_frame> frames) {
  for (const auto& frame : frames.first(frames.size() - 1)) {
    one.send(frame);
  }
  one.send_now(frames.back());
}

}  // namespace

void live_connections::adopt(
    asio::ip::tcp::socket socket, std::unique_ptr<websocket_listener> listener, const websocket_limits& limits,
    bool compresses, std::string received
) {
  auto made = std::make_shared<live_connection>(std::move(socket), std::move(listener), limits, compresses, *this);
  made->place = connections_.size();
  connections_.push_back(made);
  ++counted_.opened;
  made->begin(std::move(received));
  if (is_draining_) {
    made->drain();
  }
}

websocket_counters live_connections::counters() const {
  auto counted = counted_;
  counted.open = connections_.size();
  return counted;
}

void live_connections::sweep(deadline::clock::time_point now) {
  const auto count = std::min(connections_.size(), std::max(swept_at_least, connections_.size() / sweep_parts));
  for (std::size_t looked = 0; looked < count && !connections_.empty(); ++looked) {
    swept_to_ = swept_to_ < connections_.size() ? swept_to_ : 0;
    const auto one = connections_[swept_to_++];
    one->look_at_clock(now);
  }
}

void live_connections::drain() {
  is_draining_ = true;
  for (const auto& one : std::vector(connections_)) {
    one->drain();
  }
}

void live_connections::cut() {
  while (!connections_.empty()) {
    const auto last = connections_.back();
    last->end();
  }
}

void live_connections::send_now(std::span<websocket* const> receivers, std::span<const shared_frame> frames) {
  const auto connection = [&](std::size_t at) { return static_cast<live_connection*>(receivers[at]); };
  const auto joined = receivers.size() >= gathered_at_least && find_ring() ? join(frames) : nullptr;
  compressing_.clear();
  try {
    for (std::size_t at = 0; at < receivers.size(); ++at) {
      if (at + fetched_ahead < receivers.size()) {
        connection(at + fetched_ahead)->prefetch();
      }
      auto* one = connection(at);
      if (one->compresses()) {
        compressing_.push_back(one);
      } else if (ring_ != nullptr && joined != nullptr && one->is_clear()) {
        gather(*one, frames, *joined);
      } else {
        send_one_by_one(*one, frames);
      }
    }
    if (!gathered_.empty()) {
      send_gathered(frames, joined->size());
    }
  } catch (...) {
    drop_ring();  // what is in it points at what goes
    throw;
  }
  // Frame by frame, so that each is compressed once.
  for (const auto& frame : frames) {
    for (auto* one : compressing_) {
      &frame == &frames.back() ? one->send_now(frame) : one->send(frame);
    }
  }
}

// On the lane, whose thread it is to belong to.
bool live_connections::find_ring() {
  if (ring_ != nullptr || !may_have_ring_ || deadline::clock::now() < ring_due_) {
    return ring_ != nullptr;
  }
  auto made = send_ring::make();
  if (!made) {
    may_have_ring_ = made.error().code == errc::overloaded;
    ring_due_ = deadline::clock::now() + ring_retry_interval;
    log::info(room, "frames to many connections go out one by one: no io_uring: {}", made.error().message);
    return false;
  }
  ring_ = std::move(*made);
  log::info(room, "frames to many connections go out by io_uring");
  return true;
}

void live_connections::drop_ring() noexcept {
  gathered_.clear();
  ring_.reset();
}

void live_connections::gather(live_connection& one, std::span<const shared_frame> frames, const std::string& joined) {
  gathered_.push_back(&one);
  ring_->add(one.descriptor(), joined);
  if (gathered_.size() == send_ring::capacity) {
    send_gathered(frames, joined.size());
  }
}

void live_connections::send_gathered(std::span<const shared_frame> frames, std::size_t bytes) {
  const auto outcomes = ring_->submit();
  ++counted_.writes;
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    const int outcome = outcomes[at];
    if (outcome == static_cast<int>(bytes)) {
      counted_.frames_sent += frames.size();  // and nothing of the connection is touched
    } else if (outcome == send_ring::not_begun) {
      send_one_by_one(*gathered_[at], frames);
    } else if (outcome == send_ring::unknown) {
      gathered_[at]->abandon();
    } else if (outcome < 0) {
      gathered_[at]->sent(frames, 0, {-outcome, boost::system::system_category()});
    } else {
      gathered_[at]->sent(frames, static_cast<std::size_t>(outcome), {});
    }
  }
  gathered_.clear();
  if (ring_->is_broken()) {
    log::error(room, "io_uring failed: frames to many connections go out one by one from now on");
    drop_ring();
    may_have_ring_ = false;
  }
}

shared_frame live_connections::compressed(const shared_frame& plain) {
  if (plain == plain_) {
    return compressed_;
  }
  const auto text = text_of(*plain);
  plain_ = plain;
  compressed_ = plain;
  if (text.size() >= compressed_at_least) {
    auto smaller = std::make_shared<std::string>();
    append_frame(*smaller, opcode::text, deflater_.compress(text), true);
    compressed_ = smaller->size() < plain->size() ? std::move(smaller) : plain;
  }
  return compressed_;
}

void live_connections::flush_soon(live_connection& one) {
  if (one.is_waiting_for_flush) {
    return;
  }
  one.is_waiting_for_flush = true;
  unflushed_.push_back(one.shared_from_this());
  post_flush();
}

void live_connections::post_flush() {
  if (!std::exchange(is_flush_posted_, true)) {
    asio::post(lane_, [self = shared_from_this()] { self->flush_some(); });
  }
}

void live_connections::flush_some() {
  is_flush_posted_ = false;
  const auto end = std::min(unflushed_.size(), flushed_to_ + flushed_per_turn);
  while (flushed_to_ < end) {
    const auto one = std::move(unflushed_[flushed_to_++]);
    one->is_waiting_for_flush = false;
    one->flush();
  }
  if (flushed_to_ < unflushed_.size()) {
    post_flush();
  } else {
    unflushed_.clear();
    flushed_to_ = 0;
  }
}

// The last one takes its place.
void live_connections::forget(live_connection& one) noexcept {
  const auto place = one.place;
  connections_.back()->place = place;
  std::swap(connections_[place], connections_.back());
  connections_.pop_back();
  if (connections_.empty()) {
    emptied_();
  }
}

}  // namespace meridian::http
