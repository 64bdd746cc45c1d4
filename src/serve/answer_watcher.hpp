// Measures every answer of one lane, and writes the access log.
#pragma once

#include <array>
#include <unordered_map>

#include "http/observer.hpp"
#include "metrics/registry.hpp"

namespace meridian::serve {

// Series are by route (its pattern), method and class of the status, so that their number is bounded whatever is asked
// for. The log has the pattern too and nothing else of the request: no path, query, header or body.
class answer_watcher final : public http::observer {
 public:
  // `numbers` must outlive it.
  explicit answer_watcher(metrics::registry& numbers) : numbers_(numbers) {}

  void on_answer(const http::exchange& done) noexcept override;

 private:
  static constexpr std::size_t classes = 6;  // of statuses, by their first digit
  using handles = std::array<std::optional<metrics::histogram>, classes>;

  void measure(const http::exchange& done);

  metrics::registry& numbers_;
  std::unordered_map<const http::route*, handles> series_;
};

}  // namespace meridian::serve
