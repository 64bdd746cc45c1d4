#include "serve/answer_watcher.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace meridian::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto slow = 1s;

void write_log(const http::exchange& done) {
  const bool remarkable = done.status >= 500 || done.duration > slow;
  const auto level = remarkable ? log::level::info : log::level::debug;
  if (!log::is_written(level)) {
    return;
  }
  const std::chrono::duration<double, std::milli> took = done.duration;
  const auto method = done.method ? to_string(*done.method) : std::string_view();
  log::write(
      level, "http", "answered",
      {{"request", done.request_id},
       {"method", method},
       {"route", done.pattern()},
       {"status", std::int64_t{done.status}},
       {"ms", took.count()}}
  );
}

}  // namespace

void answer_watcher::on_answer(const http::exchange& done) noexcept {
  try {
    measure(done);
    write_log(done);
  } catch (const std::exception& failed) {
    log::error("serve", "an answer could not be counted: {}", failed.what());
  }
}

void answer_watcher::measure(const http::exchange& done) {
  const auto digit = std::min<std::size_t>(static_cast<std::size_t>(done.status) / 100, classes - 1);
  auto& handle = series_[done.matched][digit];
  if (!handle) {
    // What matches no route has no method either: made-up ones are not to make series.
    const auto method = done.matched == nullptr ? std::string_view() : to_string(done.matched->method);
    handle = numbers_.make_histogram(
        "meridian_http_request_seconds", "From a request's first byte to its answer's last.",
        metrics::latency_buckets(),
        {{"route", std::string(done.pattern())},
         {"method", std::string(method)},
         {"status", std::to_string(digit) + "xx"}}
    );
  }
  handle->observe(std::chrono::duration<double>(done.duration).count());
}

}  // namespace meridian::serve
