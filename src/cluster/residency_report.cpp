#include "cluster/residency_report.hpp"

#include <algorithm>
#include <set>

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <boost/json.hpp>

namespace meridian::cluster {
namespace {

namespace json = boost::json;

std::string rfc3339(std::chrono::system_clock::time_point at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

json::object describe(const partition_place& place) {
  json::object out{
      {"table", place.table}, {"partition", place.partition},      {"region", place.region},
      {"node", place.node},   {"stored", to_string(place.stored)},
  };
  if (place.stored == storage::local) {
    out["rows"] = place.rows;
  }
  return out;
}

json::object describe(const canary_report& canary) {
  return {
      {"region", canary.region}, {"text", canary.text}, {"home", canary.home}, {"doors", json::value_from(canary.doors)}
  };
}

json::object describe(const sighting& seen) {
  return {{"region", seen.region}, {"node", seen.node},         {"file", seen.file}, {"offset", seen.offset},
          {"count", seen.count},   {"relation", seen.relation}, {"home", seen.home}};
}

json::object describe(const finding& found) {
  return {
      {"severity", to_string(found.weight)},
      {"node", found.node},
      {"subject", found.subject},
      {"message", found.message},
  };
}

template <class Thing>
json::array describe_all(const std::vector<Thing>& things) {
  json::array out;
  for (const auto& thing : things) {
    out.push_back(describe(thing));
  }
  return out;
}

}  // namespace

std::int64_t residency_report::count(severity weight) const {
  return std::ranges::count(findings, weight, &finding::weight);
}

bool residency_report::passed() const {
  return count(severity::stray) == 0 && count(severity::incomplete) == 0;
}

std::int64_t residency_report::rows() const {
  std::int64_t sum = 0;
  for (const auto& place : partitions) {
    sum += place.rows;
  }
  return sum;
}

std::string_view to_string(severity weight) {
  switch (weight) {
    case severity::stray:
      return "stray";
    case severity::incomplete:
      return "incomplete";
    case severity::warning:
      return "warning";
  }
  return "";
}

std::string_view to_string(storage stored) {
  switch (stored) {
    case storage::local:
      return "local";
    case storage::foreign:
      return "foreign";
    case storage::missing:
      return "missing";
  }
  return "";
}

std::string verdict_of(const residency_report& report) {
  const auto strays = report.count(severity::stray);
  const auto gaps = report.count(severity::incomplete);
  if (strays > 0) {
    return counted(strays, "stray", "strays") + ": data rests outside its region" +
           (gaps > 0 ? ", and the audit is incomplete." : ".");
  }
  if (gaps > 0) {
    return "The audit is incomplete: no stray was found, and nothing is proven.";
  }
  std::set<std::string> partitions;
  for (const auto& place : report.partitions) {
    if (place.stored == storage::local && !place.region.empty()) {
      partitions.insert(place.partition);
    }
  }
  return fmt::format(
      "No stray: {} in {} rest where they belong; {} found only at home.", counted(report.rows(), "row", "rows"),
      counted(static_cast<std::int64_t>(partitions.size()), "partition", "partitions"),
      counted(static_cast<std::int64_t>(report.canaries.size()), "canary", "canaries")
  );
}

std::vector<std::string_view> limits_of_proof() {
  return {
      "Memory, swap, core dumps, backups, archives and anything else outside of the state directory: not searched.",
      "Disk blocks that were freed and files that were deleted, such as those of a large sort: not searched.",
      "Copies that are compressed, encrypted or in another encoding: they don't show a canary's bytes.",
      "Copies made before this audit: only tables with a country column were judged, and no canary is in them.",
      "Other ways of a row's text than inserts, edits, sorted reads, failing statements and ANALYZE on every node.",
      "The signing key lies with the topology: whoever rules its state directory can sign anything.",
  };
}

std::string to_json(const residency_report& report) {
  const json::object out{
      {"format", "meridian-residency-report/1"},
      {"topology", report.topology},
      {"started_at", rfc3339(report.started_at)},
      {"seconds", report.seconds},
      {"passed", report.passed()},
      {"verdict", verdict_of(report)},
      {"rows", report.rows()},
      {"strays", report.count(severity::stray)},
      {"findings", describe_all(report.findings)},
      {"partitions", describe_all(report.partitions)},
      {"canaries", describe_all(report.canaries)},
      {"sightings", describe_all(report.sightings)},
      {"search",
       {{"files", report.files_searched}, {"bytes", report.bytes_searched}, {"seconds", report.search_seconds}}},
      {"does_not_prove", json::value_from(limits_of_proof())},
  };
  return json::serialize(out);
}

}  // namespace meridian::cluster
