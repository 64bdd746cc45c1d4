// What a process counts and measures, for Prometheus. The only room that knows prometheus-cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {  // NOLINT(modernize-concat-nested-namespaces): not ours
class Counter;          // NOLINT(readability-identifier-naming)
class Gauge;            // NOLINT(readability-identifier-naming)
class Histogram;        // NOLINT(readability-identifier-naming)
}  // namespace prometheus

namespace meridian::metrics {

// Names and values. Few values each: a label never holds an id, a path or a person's words.
using labels = std::vector<std::pair<std::string, std::string>>;

// Handles to one series each: made once by the registry, which must outlive them, then used from any thread for some
// tens of nanoseconds. One that was not made by a registry does nothing.
class counter {
 public:
  counter() = default;
  explicit counter(prometheus::Counter& series) : series_(&series) {}

  void add(double amount = 1) const;

 private:
  prometheus::Counter* series_ = nullptr;
};

class gauge {
 public:
  gauge() = default;
  explicit gauge(prometheus::Gauge& series) : series_(&series) {}

  void set(double value) const;
  void add(double amount) const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

class histogram {
 public:
  histogram() = default;
  explicit histogram(prometheus::Histogram& series) : series_(&series) {}

  void observe(double value) const;

 private:
  prometheus::Histogram* series_ = nullptr;
};

// Upper bounds, ascending. 100 µs to 10 s in steps of about two; seconds.
const std::vector<double>& latency_buckets();

// 1, 2, 4, ... 4096.
const std::vector<double>& batch_size_buckets();

// Values that somebody else counts, as they are at the moment of a scrape.
class snapshot {
 public:
  snapshot();
  snapshot(snapshot&&) noexcept;
  snapshot& operator=(snapshot&&) noexcept;
  ~snapshot();

  // Series of one name are to have the same help and the same label names.
  void counter(std::string_view name, std::string_view help, const labels& of, double value);
  void gauge(std::string_view name, std::string_view help, const labels& of, double value);

 private:
  friend class registry;
  struct families;
  std::unique_ptr<families> families_;
};

// Lives as long as the process serves; may be used from any thread.
class registry {
 public:
  registry();
  registry(registry&&) noexcept;
  registry& operator=(registry&&) noexcept;
  ~registry();

  // The same name and labels give the same series. A name that is malformed, or that another kind of metric has, is a
  // bug in the program and throws.
  metrics::counter make_counter(std::string_view name, std::string_view help, const labels& of = {});
  metrics::gauge make_gauge(std::string_view name, std::string_view help, const labels& of = {});
  metrics::histogram make_histogram(
      std::string_view name, std::string_view help, const std::vector<double>& buckets, const labels& of = {}
  );

  // The text exposition format 0.0.4, of this registry and of what the snapshot adds.
  std::string to_text(const snapshot& more = {}) const;

 private:
  struct native;
  std::unique_ptr<native> native_;
};

// Of what to_text gives.
inline constexpr std::string_view text_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace meridian::metrics
