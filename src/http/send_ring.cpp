#include "http/send_ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <liburing.h>
#include <sys/socket.h>

namespace meridian::http {

void send_ring::closer::operator()(io_uring* ring) const noexcept {
  ::io_uring_queue_exit(ring);
  delete ring;
}

result<std::unique_ptr<send_ring>> send_ring::make() {
  auto ring = std::make_unique<io_uring>();
  io_uring_params settings{};
  // One thread's own: without locks, and what has ended waits until that thread looks.
  settings.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  if (const int failed = -::io_uring_queue_init_params(capacity, ring.get(), &settings); failed > 0) {
    const bool may_pass = failed == EMFILE || failed == ENFILE || failed == ENOMEM;
    return error{may_pass ? errc::overloaded : errc::unavailable, std::strerror(failed), ""};
  }
  return std::unique_ptr<send_ring>(new send_ring(std::unique_ptr<io_uring, closer>(ring.release())));
}

void send_ring::add(int socket, std::string_view bytes) {
  auto* entry = ::io_uring_get_sqe(ring_.get());
  // MSG_DONTWAIT: the kernel says -EAGAIN rather than waiting for room, so that all of them end within the call.
  ::io_uring_prep_send(entry, socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::io_uring_sqe_set_data64(entry, size_++);
}

std::span<const int> send_ring::submit() {
  const auto count = std::exchange(size_, 0);
  const auto outcomes = std::span(outcomes_).first(count);
  const int answer = ::io_uring_submit_and_wait(ring_.get(), static_cast<unsigned>(count));
  const auto begun = static_cast<std::size_t>(std::max(answer, 0));
  std::ranges::fill(outcomes.first(begun), unknown);
  std::ranges::fill(outcomes.subspan(begun), not_begun);
  unsigned head = 0;
  unsigned ended = 0;
  io_uring_cqe* entry = nullptr;
  io_uring_for_each_cqe(ring_.get(), head, entry) {
    outcomes[::io_uring_cqe_get_data64(entry)] = entry->res;
    ++ended;
  }
  ::io_uring_cq_advance(ring_.get(), ended);
  is_broken_ = begun != count || ended != count;
  return outcomes;
}

}  // namespace meridian::http
