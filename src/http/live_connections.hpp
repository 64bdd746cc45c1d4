// The WebSocket connections of one server. Private to the room.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "http/live_connection.hpp"
#include "http/send_ring.hpp"

namespace meridian::http {

// On the server's lane. Held by the server and by what it has posted.
class live_connections final : public websocket_group, public std::enable_shared_from_this<live_connections> {
 public:
  // `emptied` is called when the last connection has ended.
  live_connections(const boost::asio::any_io_executor& lane, bool has_ring, std::function<void()> emptied)
      : lane_(lane), emptied_(std::move(emptied)), may_have_ring_(has_ring) {}

  // A connection that has said its 101.
  void adopt(
      boost::asio::ip::tcp::socket socket, std::unique_ptr<websocket_listener> listener, const websocket_limits& limits,
      bool compresses, std::string received
  );

  void send_now(std::span<websocket* const> receivers, std::span<const shared_frame> frames) override;

  std::size_t size() const { return connections_.size(); }
  websocket_counters counters() const;

  // Each of them looks at its deadlines: every time when they are few, each tenth time when they are many.
  void sweep(deadline::clock::time_point now);

  // They say goodbye, behind what they have queued.
  void drain();

  // At once.
  void cut();

  // For the connections:
  // Writes what they have queued at the end of this turn of the lane, so that what one turn says to a peer leaves in
  // one system call.
  void flush_soon(live_connection& one);
  void forget(live_connection& one) noexcept;
  std::span<char> arrivals() { return arrivals_; }
  inflater& inflating() { return inflater_; }

  // The same text compressed, where that is worth while: done once for receivers that come one after the other.
  shared_frame compressed(const shared_frame& plain);
  websocket_counters& counted() { return counted_; }
  void count_queued(std::size_t bytes) { counted_.queued_bytes += bytes; }
  void count_unqueued(std::size_t bytes) { counted_.queued_bytes -= bytes; }

 private:
  void post_flush();
  void flush_some();
  bool find_ring();
  void drop_ring() noexcept;
  void gather(live_connection& one, std::span<const shared_frame> frames, const std::string& joined);
  void send_gathered(std::span<const shared_frame> frames, std::size_t bytes);

  const boost::asio::any_io_executor lane_;
  const std::function<void()> emptied_;
  std::vector<std::shared_ptr<live_connection>> connections_;
  std::vector<std::shared_ptr<live_connection>> unflushed_;  // the first flushed_to_ are done
  std::size_t flushed_to_ = 0;
  bool is_flush_posted_ = false;
  bool may_have_ring_;                    // until the kernel refuses one, or one breaks
  deadline::clock::time_point ring_due_;  // when to try again
  std::unique_ptr<send_ring> ring_;
  std::vector<live_connection*> gathered_;     // whose sends are in the ring
  std::vector<live_connection*> compressing_;  // of the receivers of what is being sent
  bool is_draining_ = false;
  std::size_t swept_to_ = 0;  // the next one to look at its deadlines
  websocket_counters counted_;
  inflater inflater_;
  deflater deflater_;
  shared_frame plain_;  // of which compressed_ was made
  shared_frame compressed_;
  std::array<char, 64 << 10> arrivals_;  // every read lands here first
};

}  // namespace meridian::http
