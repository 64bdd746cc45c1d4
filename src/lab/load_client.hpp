// Many HTTP clients on one thread: the load generator. It must cost less than what it measures.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "lab/latency_histogram.hpp"
#include "lab/reply_parser.hpp"

namespace meridian::lab {

// What the clients ask for and make of the answers. Called on the thread of run_load.
class workload {
 public:
  virtual ~workload() = default;

  // Appends that client's next request, head and body, to `out`, which is empty. A client has one request at a time.
  virtual void write_request(std::size_t client, std::string& out) = 0;

  enum class verdict { done, failed, again };

  // The answer to it, and how long it took since it was meant to be sent. `again` sends the same request once more
  // while there is patience; then it has failed.
  virtual verdict take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds took) = 0;
};

// Appends a request with a bearer token and, unless it is empty, a JSON body.
void append_request(
    std::string& out, std::string_view method, std::string_view target, std::string_view token, std::string_view body
);

struct door {
  std::string address;  // in digits
  std::uint16_t port = 0;
};

struct load_settings {
  std::vector<door> doors;   // client i uses doors[i % doors.size()]
  std::size_t clients = 64;  // connections, kept alive; at most 10,000

  // Open loop: requests arrive at this rate over all clients, with exponential gaps, whether earlier ones are answered
  // or not, and their time counts from when they arrived. Zero: closed loop, each client asks again once it has its
  // answer.
  double arrivals_per_second = 0;

  std::chrono::milliseconds warm_up{500};  // not measured; part of no other duration
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds answer_time_max{10'000};  // of one attempt; then the connection is closed

  // How long a request whose connection was lost, or whose verdict was `again`, is repeated byte for byte. Zero: it has
  // failed at once.
  std::chrono::milliseconds patience{0};

  std::uint64_t seed = 1;  // of the gaps
};

struct load_outcome {
  latency_histogram latencies;   // of what was done, and meant to be sent after the warm-up
  std::uint64_t answers = 0;     // done between warm-up and end
  std::uint64_t failures = 0;    // at any time: verdict `failed`, or patience over
  std::uint64_t unanswered = 0;  // arrivals that found 100,000 waiting, and requests without an answer at the very end
  std::uint64_t repeats = 0;
  double seconds = 0;         // between warm-up and end
  double cpu_seconds = 0;     // of this thread, in that time
  std::string first_failure;  // in words

  double answers_per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
};

// Called once between warm-up and measurement, and once at its end: to read other processes' clocks.
struct load_marks {
  void (*at_begin)(void* context) = nullptr;
  void (*at_end)(void* context) = nullptr;
  void* context = nullptr;
};

// Runs the load on this thread until it is over, or soon after `interrupted` became true. unavailable when a client
// can't connect within 5 s at the beginning.
result<load_outcome> run_load(
    const load_settings& settings, workload& work, const std::atomic<bool>& interrupted, const load_marks& marks = {}
);

}  // namespace meridian::lab
