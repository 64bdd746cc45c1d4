#include "cluster/postgres/row_census.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto catalog_duration_max = 30s;
constexpr auto count_duration_max = 600s;  // of one table: counting reads all of it

constexpr std::string_view partitions_query = R"(
SELECT CASE pn.nspname WHEN 'public' THEN p.relname ELSE pn.nspname || '.' || p.relname END,
       CASE cn.nspname WHEN 'public' THEN c.relname ELSE cn.nspname || '.' || c.relname END,
       format('%I.%I', cn.nspname, c.relname), t.partstrat, a.attname, c.relkind,
       pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT',
       (SELECT option_value FROM pg_options_to_table(s.srvoptions) WHERE option_name = 'host'),
       (SELECT option_value FROM pg_options_to_table(s.srvoptions) WHERE option_name = 'port')
  FROM pg_partitioned_table t
  JOIN pg_class p ON p.oid = t.partrelid AND NOT p.relispartition
  JOIN pg_namespace pn ON pn.oid = p.relnamespace AND pn.nspname IN ('public', 'identity')
  LEFT JOIN pg_attribute a ON t.partstrat = 'l' AND a.attrelid = p.oid AND a.attnum = t.partattrs[0]
  JOIN pg_inherits i ON i.inhparent = p.oid
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_namespace cn ON cn.oid = c.relnamespace
  LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
 ORDER BY pn.nspname = 'public' DESC, 1, 2
)";

// Tables outside of the tree, by the names of the columns that decide where a row rests. The country map itself has
// such a column and belongs everywhere. A view that was never filled holds nothing.
constexpr std::string_view other_tables_query = R"(
SELECT format('%I.%I', n.nspname, c.relname), a.attname, c.relpersistence = 't'
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($1::text[])
 WHERE c.relkind IN ('r', 'm') AND c.relispopulated
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND (n.nspname, c.relname) <> ('meridian', 'country')
   AND NOT EXISTS (SELECT FROM pg_inherits i
                     JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p' AND NOT p.relispartition
                     JOIN pg_namespace pn ON pn.oid = p.relnamespace AND pn.nspname IN ('public', 'identity')
                    WHERE i.inhrelid = c.oid)
 ORDER BY 1, 2
)";

constexpr std::string_view statistics_query = R"(
SELECT format('%I.%I', n.nspname, c.relname), string_agg(DISTINCT a.attname, ', ' ORDER BY a.attname)
  FROM pg_statistic s
  JOIN pg_class c ON c.oid = s.starelid AND c.relkind IN ('p', 'f')
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
 WHERE num_nonnulls(s.stavalues1, s.stavalues2, s.stavalues3, s.stavalues4, s.stavalues5) > 0
 GROUP BY 1
 ORDER BY 1
)";

// Where each spelling of a country, or a region's own name, belongs.
struct meaning {
  std::string region;
  bool canonical = false;
};
using vocabulary = std::map<std::string, meaning, std::less<>>;

vocabulary words_of(const topology::topology& world, std::string_view column) {
  vocabulary words;
  if (column == "region") {
    for (const auto& region : world.regions) {
      words[region.name] = {region.name, true};
    }
    return words;
  }
  for (const auto& country : world.countries) {
    for (const auto& spelling : country.accepted()) {
      words[spelling] = {country.region, spelling == country.name};
    }
  }
  return words;
}

// {"a","b"}, as PostgreSQL reads an array.
std::string array_of(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) {
    out += out.empty() ? "{\"" : ",\"";
    for (const char letter : item) {
      if (letter == '"' || letter == '\\') {
        out += '\\';
      }
      out += letter;
    }
    out += '"';
  }
  return out.empty() ? "{}" : out + "}";
}

std::string rows_text(std::int64_t count) {
  return fmt::format("{} row{}", count, count == 1 ? "" : "s");
}

// The rows of one table by what their deciding column says.
class tally {
 public:
  void add(std::string_view value, bool is_null, std::int64_t rows, const vocabulary& words) {
    rows_ += rows;
    const auto found = words.find(value);
    if (is_null || found == words.end()) {
      (is_null ? without_ : unknown_) += rows;
      return;
    }
    by_region_[found->second.region].push_back(fmt::format("{} {}", value, rows));
    rows_by_region_[found->second.region] += rows;
    if (!found->second.canonical) {
      aliased_ += rows;
    }
  }

  std::int64_t rows() const { return rows_; }

  // What does not belong on a node of that region. Rows that name no known country are strays in the tree, whose
  // partitions admit none; elsewhere the column may mean something else.
  void judge(const instance& node, const std::string& relation, bool in_tree, std::vector<finding>& findings) const {
    const auto tell = [&](severity weight, std::string what) {
      findings.push_back({weight, node.node().name, relation, std::move(what)});
    };
    for (const auto& [region, values] : by_region_) {
      if (region != node.node().region) {
        const auto count = rows_text(rows_by_region_.at(region));
        tell(severity::stray, fmt::format("holds {} of {} ({})", count, region, fmt::join(values, ", ")));
      }
    }
    const auto weight = in_tree ? severity::stray : severity::warning;
    if (without_ > 0) {
      tell(weight, fmt::format("holds {} without a country", rows_text(without_)));
    }
    if (unknown_ > 0) {
      tell(weight, fmt::format("holds {} of a country that is not on the map", rows_text(unknown_)));
    }
    if (aliased_ > 0 && in_tree) {
      tell(
          severity::warning, fmt::format("holds {} with another spelling than the country's name", rows_text(aliased_))
      );
    }
  }

 private:
  std::int64_t rows_ = 0;
  std::int64_t without_ = 0;
  std::int64_t unknown_ = 0;
  std::int64_t aliased_ = 0;
  std::map<std::string, std::vector<std::string>> by_region_;
  std::map<std::string, std::int64_t> rows_by_region_;
};

task<tally> count_by_value(
    const topology::topology& world, pg::connection& at, std::string relation, std::string column
) {
  const auto words = words_of(world, column);
  // What is not on the map is not told apart: a table of somebody's may hold millions of values.
  auto statement = fmt::format(
      "SELECT CASE WHEN {0}::text = ANY ($1::text[]) THEN {0}::text END, {0} IS NULL, count(*) FROM ONLY {1} GROUP BY "
      "1, 2",
      pg::identifier(column), relation
  );
  std::vector<std::string> spellings;
  for (const auto& [spelling, meant] : words) {
    spellings.push_back(spelling);
  }
  std::vector<pg::parameter> known{array_of(spellings)};
  MERIDIAN_CO_TRY(
      const auto groups, co_await at.query(std::move(statement), std::move(known), deadline::in(count_duration_max))
  );
  tally counted;
  for (const auto group : groups) {
    counted.add(group.text(0), group.boolean(1), group.number<std::int64_t>(2), words);
  }
  co_return counted;
}

task<std::int64_t> count_all(pg::connection& at, std::string relation) {
  auto statement = fmt::format("SELECT count(*) FROM ONLY {}", relation);
  MERIDIAN_CO_TRY(const auto rows, co_await at.query(std::move(statement), deadline::in(count_duration_max)));
  co_return rows[0].number<std::int64_t>(0);
}

// One partition as the node's catalog has it.
struct partition {
  std::string table;
  std::string name;
  std::string relation;  // quoted
  std::string strategy;  // 'l' or 'h'
  std::string column;    // of a list
  std::string kind;      // relkind
  bool unplaced = false;
  std::string host;  // of a foreign one's server
  std::string port;
};

task<std::vector<partition>> list_partitions(pg::connection& at) {
  MERIDIAN_CO_TRY(
      const auto rows, co_await at.query(std::string(partitions_query), deadline::in(catalog_duration_max))
  );
  std::vector<partition> found;
  for (const auto row : rows) {
    const auto text = [&row](int column) { return std::string(row.text(column)); };
    found.push_back({text(0), text(1), text(2), text(3), text(4), text(5), row.boolean(6), text(7), text(8)});
  }
  co_return found;
}

// Looks at one node, in its product database and in the others.
class census {
 public:
  census(const topology::topology& world, instance node, residency_report& report)
      : world_(world), node_(std::move(node)), report_(report) {}

  task<void> take() {
    const auto until = deadline::in(catalog_duration_max);
    MERIDIAN_CO_TRY(auto product, co_await node_.connect(role_admin, until));
    MERIDIAN_CO_TRY(const auto partitions, co_await list_partitions(product));
    if (partitions.empty()) {
      tell(severity::incomplete, "", "has no partitioned tables: its schema was never loaded");
      co_return result<void>();
    }
    for (const auto& part : partitions) {
      MERIDIAN_CO_CHECK(co_await look_at(product, part));
    }
    tell_missing(partitions);
    std::set<std::string> columns;
    for (const auto& part : partitions) {
      if (!part.column.empty()) {
        columns.insert(part.column);
      }
    }
    MERIDIAN_CO_TRY(
        const auto databases,
        co_await product.query("SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname", until)
    );
    for (const auto database : databases) {
      MERIDIAN_CO_CHECK(co_await look_outside(std::string(database.text(0)), columns));
    }
    co_return result<void>();
  }

 private:
  void tell(severity weight, std::string subject, std::string message) {
    report_.findings.push_back({weight, node_.node().name, std::move(subject), std::move(message)});
  }

  // The region whose partition bears that name; empty when there is none.
  std::string region_of(const partition& part) const {
    for (const auto& region : world_.regions) {
      if (part.name == part.table + "_" + region.name) {
        return region.name;
      }
    }
    return "";
  }

  task<void> look_at(pg::connection& at, const partition& part) {
    const auto region = region_of(part);
    partition_place place{part.table, part.name, region, node_.node().name, storage::foreign, 0};
    if (part.kind == "f") {
      check_server(part, region);
      report_.partitions.push_back(std::move(place));
      co_return result<void>();
    }
    if (part.kind != "r") {
      tell(severity::incomplete, part.name, "is neither a table nor a foreign table: this audit can't count it");
      co_return result<void>();
    }
    place.stored = storage::local;
    if (!part.unplaced && region.empty()) {
      tell(severity::warning, part.name, "is a partition of no region of the topology");
    } else if (!part.unplaced && region != node_.node().region) {
      tell(
          severity::stray, part.name,
          fmt::format("is a table here, although rows of {} don't rest on this node", region)
      );
    }
    if (part.column.empty() || part.unplaced) {
      MERIDIAN_CO_TRY(place.rows, co_await count_all(at, part.relation));
      if (part.unplaced && place.rows > 0) {
        tell(severity::stray, part.name, fmt::format("holds {}, and must hold none", rows_text(place.rows)));
      }
    } else {
      MERIDIAN_CO_TRY(const auto counted, co_await count_by_value(world_, at, part.relation, part.column));
      counted.judge(node_, part.name, true, report_.findings);
      place.rows = counted.rows();
    }
    report_.partitions.push_back(std::move(place));
    co_return result<void>();
  }

  // A foreign table that leads elsewhere would send the region's rows there.
  void check_server(const partition& part, const std::string& region) {
    for (const auto& deployment : world_.deployments) {
      for (const auto& other : deployment.nodes) {
        const bool owner = deployment.kind == topology::deployment_kind::geo_partitioned && other.region == region;
        if (owner && part.host == other.address && part.port == std::to_string(other.sql_port)) {
          return;
        }
      }
    }
    tell(
        severity::stray, part.name,
        fmt::format(
            "is fetched from {}:{}, which is not the node of {}", part.host, part.port,
            region.empty() ? "any region" : region
        )
    );
  }

  void tell_missing(const std::vector<partition>& partitions) {
    std::set<std::string> tables;
    for (const auto& part : partitions) {
      tables.insert(part.table);
    }
    for (const auto& table : tables) {
      for (const auto& region : world_.regions) {
        const auto name = table + "_" + region.name;
        if (std::ranges::find(partitions, name, &partition::name) == partitions.end()) {
          report_.partitions.push_back({table, name, region.name, node_.node().name, storage::missing, 0});
          tell(severity::incomplete, name, "is not a partition on this node");
        }
      }
    }
  }

  task<void> look_outside(std::string database, const std::set<std::string>& columns) {
    const auto until = deadline::in(catalog_duration_max);
    MERIDIAN_CO_TRY(auto at, co_await node_.connect(role_admin, database, until));
    std::vector<pg::parameter> names{array_of({columns.begin(), columns.end()})};
    MERIDIAN_CO_TRY(const auto tables, co_await at.query(std::string(other_tables_query), std::move(names), until));
    for (const auto table : tables) {
      const std::string relation(table.text(0));
      const auto shown = database == database_name ? relation : database + ": " + relation;
      if (table.boolean(2)) {
        tell(severity::warning, shown, "is a temporary table of somebody's session: its rows can't be counted");
        continue;
      }
      MERIDIAN_CO_TRY(const auto counted, co_await count_by_value(world_, at, relation, std::string(table.text(1))));
      counted.judge(node_, shown, false, report_.findings);
    }
    MERIDIAN_CO_TRY(const auto objects, co_await at.query("SELECT count(*) FROM pg_largeobject_metadata", until));
    if (const auto count = objects[0].number<std::int64_t>(0); count > 0) {
      tell(severity::warning, database, fmt::format("has {} large objects, whose content can't be judged", count));
    }
    co_return result<void>();
  }

  const topology::topology& world_;
  const instance node_;
  residency_report& report_;
};

}  // namespace

task<void> take_census(const topology::topology& world, instance node, residency_report& report) {
  census look(world, std::move(node), report);
  co_return co_await look.take();
}

task<void> check_statistics(instance node, residency_report& report) {
  const auto until = deadline::in(catalog_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, until));
  MERIDIAN_CO_TRY(const auto rows, co_await at.query(std::string(statistics_query), until));
  for (const auto row : rows) {
    report.findings.push_back(
        {severity::stray, node.node().name, "pg_statistic",
         fmt::format("holds values of other regions' rows: {} ({})", row.text(0), row.text(1))}
    );
  }
  co_return result<void>();
}

}  // namespace meridian::cluster::postgres
