// Work that would hold up a lane: hashing of passwords, images, imports.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian {

// Threads of its own, shared by all lanes of a process. It must be gone, or stopped, before the lanes' contexts are:
// work that has ended tells its lane so.
class cpu_pool {
 public:
  // `queue_max` is how many pieces may wait besides those that run.
  cpu_pool(std::size_t threads, std::size_t queue_max);
  cpu_pool(const cpu_pool&) = delete;
  cpu_pool& operator=(const cpu_pool&) = delete;
  // Waits for what runs; what waits is dropped.
  ~cpu_pool();

  // Runs the work on a thread and comes back to the caller's lane; to be called on a lane. overloaded when the queue is
  // full. timed_out at the deadline: work that still waits then never starts, work that runs goes on to its end, so it
  // owns what it uses. What it throws is thrown here.
  template <class T>
  task<T> run(std::function<T()> work, deadline until) {
    const auto made = std::make_shared<std::optional<T>>();
    std::function<void()> wrapped = [made, work = std::move(work)] { made->emplace(work()); };
    MERIDIAN_CO_CHECK(co_await run_wrapped(std::move(wrapped), until));
    co_return std::move(**made);
  }

  // Pieces that wait or run.
  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct threads;
  task<void> run_wrapped(std::function<void()> work, deadline until);

  const std::size_t count_max_;
  std::atomic<std::size_t> count_ = 0;
  std::unique_ptr<threads> threads_;
};

}  // namespace meridian
