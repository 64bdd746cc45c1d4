#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "cli/overview.hpp"
#include "cli/session.hpp"
#include "cluster/postgres/residency_audit.hpp"
#include "cluster/sealed_report.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

namespace json = boost::json;
using cluster::residency_report;
using cluster::severity;

// The file that --report names. It is opened with the caller's rights and in the caller's directory, before root's
// rights are given up; what it held stays until there is a report to replace it.
class report_file {
 public:
  report_file() = default;
  report_file(const report_file&) = delete;
  report_file& operator=(const report_file&) = delete;
  ~report_file() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  result<void> open(const std::filesystem::path& path) {
    path_ = path;
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode_public);
    return descriptor_ < 0 ? result<void>(failed()) : result<void>();
  }

  bool is_open() const { return descriptor_ >= 0; }

  result<void> write(std::string_view content) const {
    struct stat facts{};
    const bool regular = ::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode);
    if (regular && ::ftruncate(descriptor_, 0) != 0) {
      return failed();
    }
    while (!content.empty()) {
      const auto written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno != EINTR) {
        return failed();
      }
      content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return regular && ::fsync(descriptor_) != 0 ? result<void>(failed()) : result<void>();
  }

 private:
  error failed() const {
    return {errc::internal, fmt::format("can't write {}: {}", path_.string(), std::strerror(errno)), ""};
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
};

std::string cell_of(const cluster::partition_place& place) {
  switch (place.stored) {
    case cluster::storage::local:
      return std::to_string(place.rows);
    case cluster::storage::foreign:
      return "-";
    case cluster::storage::missing:
      return "missing";
  }
  return "";
}

// One line a partition, one column a node. The partitions that no row may enter are left out while they are empty.
std::string table_of_partitions(const residency_report& report) {
  std::vector<std::string> nodes;
  std::vector<std::string> order;
  std::map<std::string, std::map<std::string, std::string>> cells;
  std::set<std::string> shown;
  for (const auto& place : report.partitions) {
    if (std::ranges::find(nodes, place.node) == nodes.end()) {
      nodes.push_back(place.node);
    }
    if (!cells.contains(place.partition)) {
      order.push_back(place.partition);
    }
    cells[place.partition][place.node] = cell_of(place);
    if (!place.region.empty() || place.rows > 0) {
      shown.insert(place.partition);
    }
  }
  std::vector<std::vector<std::string>> rows{{"PARTITION"}};
  rows[0].insert(rows[0].end(), nodes.begin(), nodes.end());
  for (const auto& partition : order) {
    if (shown.contains(partition)) {
      std::vector<std::string> row{partition};
      for (const auto& node : nodes) {
        row.push_back(cells[partition][node]);
      }
      rows.push_back(std::move(row));
    }
  }
  return table_of(rows);
}

// "public.profile_asia (6)", or the file where there is no name.
std::string place_of(const cluster::sighting& seen) {
  return fmt::format("{} ({})", seen.relation.empty() ? seen.file : seen.relation, seen.count);
}

std::string table_of_canaries(const residency_report& report) {
  std::vector<std::vector<std::string>> rows{{"CANARY OF", "FOUND ON", "", "IN (TIMES)"}};
  for (const auto& canary : report.canaries) {
    const auto before = rows.size();
    for (const auto& seen : report.sightings) {
      if (seen.region == canary.region) {
        const auto where = seen.node.empty() ? "no node" : seen.node;
        rows.push_back({canary.region, where, seen.home ? "" : "STRAY", place_of(seen)});
      }
    }
    if (rows.size() == before) {
      rows.push_back({canary.region, "nowhere", "", ""});
    }
  }
  return table_of(rows);
}

void print_findings(const residency_report& report) {
  for (const auto weight : {severity::warning, severity::incomplete, severity::stray}) {
    for (const auto& found : report.findings) {
      if (found.weight == weight) {
        const auto who = found.node.empty() ? "" : found.node + ": ";
        const auto what = found.subject.empty() ? "" : found.subject + " ";
        fmt::print("{}: {}{}{}\n", to_string(weight), who, what, found.message);
      }
    }
  }
}

void print_report(const residency_report& report) {
  fmt::print("\nRows by partition and node; - is read from the partition's own node\n\n");
  fmt::print("{}\n", table_of_partitions(report));
  for (const auto& canary : report.canaries) {
    fmt::print("Canary of {}: {}, written through {}\n", canary.region, canary.text, fmt::join(canary.doors, ", "));
  }
  fmt::print("\n{}\n", table_of_canaries(report));
  fmt::print(
      "Searched {} files, {:.0f} MB, in {:.1f} s\n\nWhat this does not prove\n", report.files_searched,
      static_cast<double>(report.bytes_searched) / 1e6, report.search_seconds
  );
  for (const auto limit : cluster::limits_of_proof()) {
    fmt::print("  {}\n", limit);
  }
  fmt::print("\n");
  print_findings(report);
  fmt::print("{} ({:.1f} s)\n", verdict_of(report), report.seconds);
}

result<bool> audit(session& local, const audit_options& options, const report_file& file) {
  MERIDIAN_TRY(const auto lock, local.kept.lock());
  MERIDIAN_TRY(const auto key, local.kept.audit_key());
  const auto& engine = *local.engine;
  cluster::progress told(options.json);
  MERIDIAN_TRY(const auto report, run(cluster::postgres::audit_residency(local.world, local.kept, engine, told)));
  const auto text = to_json(report);
  if (file.is_open()) {
    MERIDIAN_CHECK(file.write(cluster::seal_report(text, key)));
  }
  if (options.json) {
    fmt::print("{}\n", text);
  } else {
    print_report(report);
    if (file.is_open()) {
      const auto name = options.report.string();
      fmt::print("Signed report: {} (check it with: meridian audit verify {})\n", name, name);
    }
  }
  return report.passed();
}

result<std::string> verified(const topology_path& path, const std::filesystem::path& file) {
  MERIDIAN_TRY(const auto world, topology::read_topology(path));
  MERIDIAN_TRY(const auto kept, cluster::state::look(world));
  MERIDIAN_TRY(const auto key, kept.audit_public_key());
  MERIDIAN_TRY(const auto content, read_file(file));
  return cluster::open_report(content, key);
}

}  // namespace

int audit_residency(const topology_path& path, const audit_options& options) {
  report_file file;
  if (!options.report.empty()) {
    if (const auto opened = file.open(options.report); !opened) {
      return fail(opened.error());
    }
  }
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto passed = audit(**local, options, file);
  return passed ? (*passed ? exit_done : exit_failed) : fail(passed.error());
}

int audit_verify(const topology_path& path, const verify_options& options) {
  const auto report = verified(path, options.file);
  if (!report) {
    return fail(report.error());
  }
  const auto facts = json::parse(*report);
  const auto text = [&facts](const char* name) { return std::string(facts.at(name).as_string()); };
  fmt::print("The signature is right: the topology {} made this report at {}.\n", text("topology"), text("started_at"));
  fmt::print("It says: {}\n", text("verdict"));
  return exit_done;
}

}  // namespace meridian::cli
