#include "metrics/registry.hpp"

#include <algorithm>
#include <sstream>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace meridian::metrics {
namespace {

prometheus::Labels native_labels(const labels& of) {
  return {of.begin(), of.end()};
}

prometheus::ClientMetric series_of(const labels& of) {
  prometheus::ClientMetric series;
  for (const auto& [name, value] : of) {
    series.label.push_back({name, value});
  }
  return series;
}

std::vector<double> doubled(double first, double last) {
  std::vector<double> bounds;
  for (auto bound = first; bound <= last; bound *= 2) {
    bounds.push_back(bound);
  }
  return bounds;
}

}  // namespace

void counter::add(double amount) const {
  if (series_ != nullptr) {
    series_->Increment(amount);
  }
}

void gauge::set(double value) const {
  if (series_ != nullptr) {
    series_->Set(value);
  }
}

void gauge::add(double amount) const {
  if (series_ != nullptr) {
    series_->Increment(amount);
  }
}

void histogram::observe(double value) const {
  if (series_ != nullptr) {
    series_->Observe(value);
  }
}

const std::vector<double>& latency_buckets() {
  static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                          0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return bounds;
}

const std::vector<double>& batch_size_buckets() {
  static const auto bounds = doubled(1, 4096);
  return bounds;
}

struct snapshot::families {
  prometheus::MetricFamily& named(std::string_view name, std::string_view help, prometheus::MetricType type) {
    const auto found = std::ranges::find(all, name, &prometheus::MetricFamily::name);
    if (found != all.end()) {
      return *found;
    }
    return all.emplace_back(prometheus::MetricFamily{std::string(name), std::string(help), type, {}});
  }

  std::vector<prometheus::MetricFamily> all;
};

snapshot::snapshot() : families_(std::make_unique<families>()) {}
snapshot::snapshot(snapshot&&) noexcept = default;
snapshot& snapshot::operator=(snapshot&&) noexcept = default;
snapshot::~snapshot() = default;

void snapshot::counter(std::string_view name, std::string_view help, const labels& of, double value) {
  auto series = series_of(of);
  series.counter.value = value;
  families_->named(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(series));
}

void snapshot::gauge(std::string_view name, std::string_view help, const labels& of, double value) {
  auto series = series_of(of);
  series.gauge.value = value;
  families_->named(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(series));
}

struct registry::native {
  prometheus::Registry all;
};

registry::registry() : native_(std::make_unique<native>()) {}
registry::registry(registry&&) noexcept = default;
registry& registry::operator=(registry&&) noexcept = default;
registry::~registry() = default;

counter registry::make_counter(std::string_view name, std::string_view help, const labels& of) {
  auto& family = prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(native_->all);
  return metrics::counter(family.Add(native_labels(of)));
}

gauge registry::make_gauge(std::string_view name, std::string_view help, const labels& of) {
  auto& family = prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(native_->all);
  return metrics::gauge(family.Add(native_labels(of)));
}

histogram registry::make_histogram(
    std::string_view name, std::string_view help, const std::vector<double>& buckets, const labels& of
) {
  auto& family = prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(native_->all);
  return metrics::histogram(family.Add(native_labels(of), buckets));
}

std::string registry::to_text(const snapshot& more) const {
  auto families = native_->all.Collect();
  families.insert(families.end(), more.families_->all.begin(), more.families_->all.end());
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace meridian::metrics
