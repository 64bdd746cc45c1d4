#include "cluster/postgres/canary_search.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/core.h>

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto flush_duration_max = 300s;
constexpr auto ask_duration_max = 10s;

// Copies of a node's rows that leave its directory.
constexpr std::string_view outlets_query = R"(
SELECT name, 'is ' || setting || ': the archive was not searched'
  FROM pg_settings WHERE name = 'archive_mode' AND setting <> 'off'
UNION ALL
SELECT name, 'is ' || setting || ': only log files were searched'
  FROM pg_settings WHERE name = 'log_destination' AND setting ~ 'syslog|eventlog'
UNION ALL
SELECT 'pg_stat_replication', 'shows ' || application_name || ' at ' || coalesce(host(client_addr), 'a socket')
       || ', which receives all rows of this node'
  FROM pg_stat_replication
UNION ALL
SELECT 'pg_subscription', 'has ' || subname || ', which brings rows from elsewhere'
  FROM pg_subscription
)";

// A log outside of the data directory.
constexpr std::string_view log_directory_query =
    "SELECT current_setting('log_directory') WHERE current_setting('logging_collector')::bool "
    "AND current_setting('log_directory') LIKE '/%'";

// Whose file holds a relation, by PostgreSQL's naming of files (manual, 73.1).
struct relation_file {
  std::string database;    // oid; "0" for the shared ones
  std::string tablespace;  // oid; "0" for the database's own
  std::string node;
};

std::string digits_at_start(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  return std::string(text.substr(0, end));
}

std::optional<relation_file> relation_file_of(const std::filesystem::path& inside_data) {
  const std::vector<std::string> parts(inside_data.begin(), inside_data.end());
  const auto node = parts.empty() ? "" : digits_at_start(parts.back());
  if (node.empty()) {
    return {};
  }
  if (parts.size() == 2 && parts[0] == "global") {
    return relation_file{"0", "1664", node};
  }
  if (parts.size() == 3 && parts[0] == "base") {
    return relation_file{parts[1], "0", node};
  }
  if (parts.size() == 5 && parts[0] == "pg_tblspc") {
    return relation_file{parts[3], parts[1], node};
  }
  return {};
}

bool is_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const auto relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

std::string path_shown(const std::filesystem::path& file, const std::filesystem::path& root) {
  return is_below(file, root) ? file.lexically_relative(root).string() : file.string();
}

// Names the relations of one node's files.
class relation_names {
 public:
  explicit relation_names(instance node) : node_(std::move(node)) {}

  // Empty when the file is no relation's, or of one that is gone by now.
  task<std::string> name_of(relation_file file) {
    const auto until = deadline::in(ask_duration_max);
    MERIDIAN_CO_TRY(auto* at, co_await database(file.database));
    std::vector<pg::parameter> where{file.tablespace, file.node};
    MERIDIAN_CO_TRY(
        const auto rows, co_await at->query(
                             "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON "
                             "n.oid = c.relnamespace "
                             "WHERE c.oid = pg_filenode_relation($1::oid, $2::oid)",
                             std::move(where), until
                         )
    );
    co_return rows.empty() ? "" : std::string(rows[0].text(0));
  }

 private:
  task<pg::connection*> database(std::string oid) {
    if (const auto known = open_.find(oid); known != open_.end()) {
      co_return &known->second;
    }
    const auto until = deadline::in(ask_duration_max);
    std::string name(database_name);
    if (oid != "0") {
      MERIDIAN_CO_TRY(auto product, co_await node_.connect(role_admin, until));
      std::vector<pg::parameter> wanted{oid};
      MERIDIAN_CO_TRY(
          const auto rows,
          co_await product.query("SELECT datname FROM pg_database WHERE oid = $1::oid", std::move(wanted), until)
      );
      if (rows.empty()) {
        co_return error{errc::not_found, "no database " + oid, ""};
      }
      name = rows[0].text(0);
    }
    MERIDIAN_CO_TRY(auto opened, co_await node_.connect(role_admin, name, until));
    co_return &open_.emplace(oid, std::move(opened)).first->second;
  }

  const instance node_;
  std::map<std::string, pg::connection> open_;
};

class canary_hunt {
 public:
  canary_hunt(
      const state& kept, const std::vector<searched_node>& nodes, const canary_flock& flock, residency_report& report
  )
      : kept_(kept), nodes_(nodes), flock_(flock), report_(report), search_(flock.targets()) {}

  task<void> run() {
    const auto started = std::chrono::steady_clock::now();
    for (const auto& node : nodes_) {
      MERIDIAN_CO_CHECK(co_await search_node(node));
    }
    // The rest: secrets, the agent's log, directories of nodes that are not in the topology any more.
    note(search_.search_directory(kept_.root()), nullptr);
    report_.search_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    report_.files_searched = search_.files_searched();
    report_.bytes_searched = search_.bytes_searched();
    for (const auto& reason : search_.unreadable()) {
      report_.findings.push_back({severity::incomplete, "", reason, "can't be read"});
    }
    co_return result<void>();
  }

  void tell_strays() const {
    for (const auto& seen : report_.sightings) {
      const auto times = seen.count == 1 ? "once" : fmt::format("{} times", seen.count);
      const auto what = fmt::format("holds the canary of {}, {}, from byte {}", seen.region, times, seen.offset);
      const auto relation = seen.relation.empty() ? "" : ", in " + seen.relation;
      if (!seen.home) {
        report_.findings.push_back({severity::stray, seen.node, seen.file, what + relation});
      } else if (!is_below(seen.file, std::filesystem::path("nodes") / seen.node / "data")) {
        // At home, and yet where no one expects people's words: a log.
        report_.findings.push_back({severity::warning, seen.node, seen.file, what});
      }
    }
  }

  void tell_blindness(const std::vector<std::string>& planted) const {
    for (const auto& node : nodes_) {
      if (std::ranges::find(planted, node.home_of) == planted.end()) {
        continue;
      }
      const auto data = path_shown(kept_.data_directory(node.server.node()), kept_.root());
      for (const std::string part : {"base", "pg_wal"}) {
        const bool seen = std::ranges::any_of(report_.sightings, [&](const sighting& one) {
          const bool in_part = is_below(one.file, std::filesystem::path(data) / part) ||
                               (part == "base" && is_below(one.file, std::filesystem::path(data) / "pg_tblspc"));
          return one.home && one.node == node.server.node().name && in_part;
        });
        if (!seen) {
          report_.findings.push_back(
              {severity::incomplete, node.server.node().name, part,
               fmt::format("does not show the canary of {}, which rests there: this search is blind", node.home_of)}
          );
        }
      }
    }
  }

 private:
  task<void> search_node(const searched_node& node) {
    note(search_.search_directory(kept_.node_directory(node.server.node())), &node);
    if (!node.reachable) {
      co_return result<void>();
    }
    const auto until = deadline::in(ask_duration_max);
    MERIDIAN_CO_TRY(auto at, co_await node.server.connect(role_admin, "postgres", until));
    MERIDIAN_CO_TRY(const auto logs, co_await at.query(std::string(log_directory_query), until));
    for (const auto log : logs) {
      note(search_.search_directory(std::string(log.text(0))), &node);
    }
    co_return co_await name_relations(node);
  }

  // Files of `node`; of none for a null one.
  void note(const std::vector<file_hit>& hits, const searched_node* node) {
    for (const auto& hit : hits) {
      const auto& region = flock_.each[hit.target / 2].region;
      const auto file = path_shown(hit.file, kept_.root());
      const auto known = std::ranges::find_if(report_.sightings, [&](const sighting& one) {
        return one.file == file && one.region == region;
      });
      if (known != report_.sightings.end()) {  // the other half
        known->offset = std::min(known->offset, hit.first_offset);
        known->count = std::max(known->count, hit.count);
        continue;
      }
      const bool home = node != nullptr && node->home_of == region;
      report_.sightings.push_back(
          {region, node == nullptr ? "" : node->server.node().name, file, hit.first_offset, hit.count, "", home}
      );
    }
  }

  // A name is for the reader; where there is none the file says enough.
  task<void> name_relations(const searched_node& node) {
    relation_names names(node.server);
    for (auto& seen : report_.sightings) {
      if (seen.node != node.server.node().name) {
        continue;
      }
      const auto inside = (kept_.root() / seen.file).lexically_relative(kept_.data_directory(node.server.node()));
      auto file = relation_file_of(inside);
      if (!file) {
        continue;
      }
      if (const auto name = co_await names.name_of(std::move(*file))) {
        seen.relation = *name;
      }
    }
    co_return result<void>();
  }

  const state& kept_;
  const std::vector<searched_node>& nodes_;
  const canary_flock& flock_;
  residency_report& report_;
  file_search search_;
};

}  // namespace

task<void> flush(instance node) {
  const auto until = deadline::in(flush_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, "postgres", until));
  MERIDIAN_CO_CHECK(co_await at.query("CHECKPOINT", until));
  MERIDIAN_CO_CHECK(co_await at.query("SELECT pg_switch_wal() WHERE NOT pg_is_in_recovery()", until));
  co_return result<void>();
}

task<void> search_canaries(
    const state& kept, const std::vector<searched_node>& nodes, const canary_flock& flock,
    const std::vector<std::string>& planted, residency_report& report
) {
  canary_hunt hunt(kept, nodes, flock, report);
  MERIDIAN_CO_CHECK(co_await hunt.run());
  hunt.tell_strays();
  hunt.tell_blindness(planted);
  co_return result<void>();
}

task<void> check_outlets(instance node, residency_report& report) {
  const auto until = deadline::in(ask_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, until));
  MERIDIAN_CO_TRY(const auto rows, co_await at.query(std::string(outlets_query), until));
  for (const auto row : rows) {
    report.findings.push_back({severity::warning, node.node().name, std::string(row.text(0)), std::string(row.text(1))}
    );
  }
  co_return result<void>();
}

}  // namespace meridian::cluster::postgres
