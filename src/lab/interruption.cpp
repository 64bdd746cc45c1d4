#include "lab/interruption.hpp"

#include <csignal>

namespace meridian::lab {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) {
  interrupted = true;
}

}  // namespace

const std::atomic<bool>& catch_interruption() {
  struct sigaction action{};
  action.sa_handler = note;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

result<void> check_interruption() {
  return interrupted ? result<void>(error{errc::cancelled, "interrupted", ""}) : result<void>();
}

}  // namespace meridian::lab
