// Everything a stranger can make this server wait for or hold, in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace meridian::http {

// Of one server, which is one lane. Deadlines are kept to within 100 ms (see server.hpp).
struct server_limits {
  // An idle connection costs about 5 KiB here, and more in the kernel; beyond the cap a 503 is said and the door
  // closed, since a connection that waits unheard looks like a hang.
  std::size_t connections_max = 10'000;

  // Live connections, which are not among those. A resting one costs less than 1 KiB here, what its listener holds, and
  // more in the kernel; beyond the cap the handshake gets a 503.
  std::size_t websockets_max = 50'000;

  // Ours are below 1 KiB. Cookies of other products on the same host make 8 KiB the customary least.
  std::size_t header_bytes_max = 16 << 10;
  std::size_t header_count_max = 100;
  std::size_t target_bytes_max = 8 << 10;

  // For routes that do not set their own: a message has 40,000 characters at most, in JSON up to 12 bytes each.
  std::size_t body_bytes_max = 1 << 20;

  // Of all bodies together that are being received or handled; connections_max bodies of the largest kind would not fit
  // in memory. Beyond it the newest gets a 503.
  std::size_t bodies_bytes_max = 256 << 20;

  // For a header from its first byte to its last, and for that first byte on a new connection. Slow on a bad phone line
  // is 2 s; more is somebody who holds connections open on purpose.
  std::chrono::milliseconds header_time_max{10'000};

  // For the rest of the request. The largest default body at 35 KB/s.
  std::chrono::milliseconds body_time_max{30'000};

  // For the handler, on routes that do not set their own; request::until says so to it.
  std::chrono::milliseconds handler_time_max{10'000};

  // For the whole response to be taken by the kernel. A slow reader holds the response's memory that long.
  std::chrono::milliseconds write_time_max{30'000};

  // Between requests. Above the 60 s at which common proxies close, so that they do and no request meets a closing
  // door.
  std::chrono::milliseconds idle_time_max{75'000};

  // How long, and for how many bytes, a connection that we end is still read, so that the client gets to see the answer
  // and not a reset.
  std::chrono::milliseconds linger_time_max{1'000};
  std::size_t linger_bytes_max = 1 << 20;

  // No limit: whether one frame to many live connections may go out in one system call, by io_uring(7), where the
  // kernel allows it.
  bool has_io_uring = true;
};

}  // namespace meridian::http
