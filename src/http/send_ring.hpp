// Many sends in one system call: io_uring(7). Private to the room.
#pragma once

#include <array>
#include <climits>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.hpp"

struct io_uring;

namespace meridian::http {

// Belongs to the thread that makes it: the kernel holds it to that. Nothing in it waits.
class send_ring {
 public:
  static constexpr unsigned capacity = 256;  // sends at a time

  // The outcome of a send that the kernel did not begin.
  static constexpr int not_begun = INT_MIN;

  // Of one that it began and said nothing of: some of it may have been sent, or may still be.
  static constexpr int unknown = INT_MIN + 1;

  // unavailable where the kernel has no io_uring of that kind (Linux 6.1) or forbids it, as many containers do;
  // overloaded when the process has no descriptor or the machine no memory left for one.
  static result<std::unique_ptr<send_ring>> make();

  // At most `capacity` of them until submit(), each to another socket. `bytes` hold until then.
  void add(int socket, std::string_view bytes);

  // One system call. What came of each, in their order and until the next call: how many bytes the kernel took, or a
  // negated errno, -EAGAIN when it takes none now; else not_begun or unknown, and then the ring is broken and takes no
  // more.
  std::span<const int> submit();

  std::size_t size() const { return size_; }
  bool is_broken() const { return is_broken_; }

 private:
  struct closer {
    void operator()(io_uring* ring) const noexcept;
  };

  explicit send_ring(std::unique_ptr<io_uring, closer> ring) : ring_(std::move(ring)) {}

  std::unique_ptr<io_uring, closer> ring_;
  std::size_t size_ = 0;
  std::array<int, capacity> outcomes_{};
  bool is_broken_ = false;
};

}  // namespace meridian::http
