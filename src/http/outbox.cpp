#include "http/outbox.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <boost/asio/buffer.hpp>

namespace meridian::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Asio gives the kernel no more at a time.
constexpr std::size_t frames_per_write = 64;

// For the frames of one turn behind the first.
constexpr std::size_t room_at_first = 7;

}  // namespace

void outbox::push(shared_frame frame) {
  bytes_ += frame->size();
  if (first_ == nullptr) {
    first_ = std::move(frame);
    return;
  }
  if (more_.capacity() == 0) {
    more_.reserve(room_at_first);
  }
  more_.push_back(std::move(frame));
}

// One system call.
outbox::attempt outbox::write_some(asio::ip::tcp::socket& socket, error_code& failed) const {
  const auto first = asio::buffer(*first_) + first_taken_;
  if (more_.empty()) {  // the usual case, which is worth no list
    return {first.size(), socket.write_some(first, failed)};
  }
  std::array<asio::const_buffer, frames_per_write> buffers;
  buffers[0] = first;
  std::size_t used = 1;
  for (auto at = more_taken_; at < more_.size() && used < buffers.size(); ++at) {
    buffers[used++] = asio::buffer(*more_[at]);
  }
  const auto all = std::span(buffers).first(used);
  return {asio::buffer_size(all), socket.write_some(all, failed)};
}

outbox::outcome outbox::flush(asio::ip::tcp::socket& socket) {
  outcome done;
  while (bytes_ > 0) {
    const auto [wanted, taken] = write_some(socket, done.failed);
    ++done.writes;
    if (done.failed == asio::error::would_block) {
      done.failed = error_code();
      done.would_block = true;
      return done;
    }
    if (done.failed) {
      return done;
    }
    done.bytes += taken;
    consume(taken);
    if (taken < wanted) {
      done.would_block = true;  // the next attempt would say so
      return done;
    }
  }
  return done;
}

outbox::outcome outbox::keep_rest(std::span<const shared_frame> frames, std::size_t taken, error_code failed) {
  outcome done;
  done.bytes = taken;
  for (const auto& frame : frames) {
    push(frame);
  }
  consume(taken);
  done.would_block = !is_empty() && (!failed || failed == asio::error::would_block);
  if (!done.would_block) {
    done.failed = failed;
  }
  return done;
}

void outbox::consume(std::size_t bytes) {
  bytes_ -= bytes;
  while (first_ != nullptr && bytes >= first_->size() - first_taken_) {
    bytes -= first_->size() - first_taken_;
    first_taken_ = 0;
    first_ = more_taken_ < more_.size() ? std::move(more_[more_taken_++]) : nullptr;
  }
  first_taken_ += bytes;
  if (more_taken_ == more_.size()) {
    more_ = {};
    more_taken_ = 0;
  } else if (more_taken_ > frames_per_write) {
    more_.erase(more_.begin(), more_.begin() + static_cast<std::ptrdiff_t>(more_taken_));
    more_taken_ = 0;
  }
}

void outbox::drop_unsent() {
  more_ = {};
  more_taken_ = 0;
  if (first_taken_ == 0) {
    first_ = nullptr;
  }
  bytes_ = first_ == nullptr ? 0 : first_->size() - first_taken_;
}

}  // namespace meridian::http
