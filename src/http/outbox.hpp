// What one live connection still has to say.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "http/websocket.hpp"

namespace meridian::http {

// Whole frames in their order, shared with the outboxes of others. Belongs to a connection, on its lane; its owner
// bounds it. An empty one holds no memory of its own.
class outbox {
 public:
  void push(shared_frame frame);

  // That the kernel has not taken.
  std::size_t bytes() const { return bytes_; }
  bool is_empty() const { return bytes_ == 0; }

  struct outcome {
    std::size_t bytes = 0;   // taken now
    std::size_t writes = 0;  // system calls
    bool would_block = false;
    boost::system::error_code failed;
  };

  // Gives the kernel what it takes without waiting, many frames in one system call.
  outcome flush(boost::asio::ip::tcp::socket& socket);

  // For who has given frames to the kernel past this outbox, which is empty: of those bytes it has taken some, what is
  // left waits here. `writes` is 0.
  outcome keep_rest(std::span<const shared_frame> frames, std::size_t taken, boost::system::error_code failed);

  // Forgets the frames of which nothing has been sent yet.
  void drop_unsent();

 private:
  struct attempt {
    std::size_t wanted = 0;
    std::size_t taken = 0;
  };
  attempt write_some(boost::asio::ip::tcp::socket& socket, boost::system::error_code& failed) const;
  void consume(std::size_t bytes);
  std::size_t count() const { return first_ == nullptr ? 0 : 1 + more_.size() - more_taken_; }

  std::size_t bytes_ = 0;

  // The usual one costs no allocation.
  shared_frame first_;
  std::size_t first_taken_ = 0;     // of its bytes
  std::vector<shared_frame> more_;  // behind it; the first more_taken_ are gone
  std::size_t more_taken_ = 0;
};

}  // namespace meridian::http
