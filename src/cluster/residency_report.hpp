// What an audit of residency found: rows, strays, and where the canaries' bytes lie.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::cluster {

enum class severity {
  stray,       // something rests outside its region
  incomplete,  // something could not be looked at, so nothing is proven
  warning,     // for a person to judge
};

struct finding {
  severity weight = severity::warning;
  std::string node;     // empty: of the topology as a whole
  std::string subject;  // a relation, a file
  std::string message;  // goes on after the subject: "holds 3 rows of asia (China 3)"
};

// How a node of the tree has a partition.
enum class storage { local, foreign, missing };

struct partition_place {
  std::string table;      // "profile", "identity.account"
  std::string partition;  // "profile_asia", "identity.account_asia"
  std::string region;     // empty: of the partition that no row may enter
  std::string node;
  storage stored = storage::missing;
  std::int64_t rows = 0;  // of a local one
};

// A text that nobody else writes, and what it was written into.
struct canary_report {
  std::string region;
  std::string text;
  std::string home;                // the node
  std::vector<std::string> doors;  // the nodes through which it was written
};

// Where a canary's bytes lie.
struct sighting {
  std::string region;        // whose canary
  std::string node;          // in whose files; empty: in the topology's own
  std::string file;          // below the state directory, or absolute
  std::uint64_t offset = 0;  // of the first
  std::int64_t count = 0;
  std::string relation;  // of a relation's file: its name
  bool home = false;
};

struct residency_report {
  std::string topology;
  std::chrono::system_clock::time_point started_at;
  double seconds = 0;
  std::vector<partition_place> partitions;
  std::vector<canary_report> canaries;
  std::vector<sighting> sightings;
  std::int64_t files_searched = 0;
  std::uint64_t bytes_searched = 0;
  double search_seconds = 0;
  std::vector<finding> findings;

  std::int64_t count(severity weight) const;
  // No stray, and nothing left out.
  bool passed() const;
  std::int64_t rows() const;
};

std::string_view to_string(severity weight);
std::string_view to_string(storage stored);

// One sentence.
std::string verdict_of(const residency_report& report);

// What a passed audit still does not prove, a line each.
std::vector<std::string_view> limits_of_proof();

// One line of JSON, without a line break.
std::string to_json(const residency_report& report);

}  // namespace meridian::cluster
