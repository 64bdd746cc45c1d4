#include "cluster/schema.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/core.h>

#include "cluster/sql_files.hpp"
#include "pg/quote.hpp"

namespace meridian::cluster {
namespace {

using variables = std::map<std::string, std::string, std::less<>>;

error malformed(std::string_view path, std::string_view what) {
  return {errc::internal, fmt::format("sql/{}: {}", path, what), ""};
}

// Replaces each ${name}; an unknown one is an error, so that a typing mistake never reaches a database.
result<std::string> fill(std::string_view path, std::string_view text, const variables& known) {
  std::string out;
  while (true) {
    const auto start = text.find("${");
    out += text.substr(0, start);
    if (start == std::string_view::npos) {
      return out;
    }
    const auto end = text.find('}', start);
    const auto name = text.substr(start + 2, end == std::string_view::npos ? end : end - start - 2);
    const auto found = known.find(name);
    if (end == std::string_view::npos || found == known.end()) {
      return malformed(path, fmt::format("unknown variable {}", name));
    }
    out += found->second;
    text.remove_prefix(end + 1);
  }
}

struct section {
  enum class kind { once, partition, region };
  kind what = kind::once;
  std::string table;   // of a partition section
  std::string column;  // its partition column, or "hash"
  std::string body;
};

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const auto start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(start);
    const auto end = std::min(line.find(' '), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

result<section> section_of(std::string_view path, std::string_view directive) {
  const auto words = words_of(directive);
  if (words.size() == 1 && words[0] == "once") {
    return section{};
  }
  if (words.size() == 1 && words[0] == "region") {
    return section{section::kind::region, "", "", ""};
  }
  if (words.size() == 4 && words[0] == "partition" && words[2] == "by") {
    return section{section::kind::partition, words[1], words[3], ""};
  }
  return malformed(path, fmt::format("unknown directive @{}", directive));
}

result<std::vector<section>> sections_of(std::string_view path, std::string_view text) {
  constexpr std::string_view mark = "-- @";
  std::vector<section> sections(1);
  while (!text.empty()) {
    const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    if (line.starts_with(mark)) {
      MERIDIAN_TRY(auto next, section_of(path, line.substr(mark.size(), line.find('\n') - mark.size())));
      sections.push_back(std::move(next));
    } else {
      sections.back().body += line;
    }
  }
  return sections;
}

std::string without_blank_ends(std::string_view text) {
  const auto start = text.find_first_not_of('\n');
  const auto end = text.find_last_not_of(" \n");
  return start == std::string_view::npos ? "" : std::string(text.substr(start, end - start + 1));
}

std::string country_rows(const topology::topology& world) {
  std::string rows;
  for (const auto& country : world.countries) {
    for (const auto& accepted : country.accepted()) {
      rows += fmt::format(
          "{}  ({}, {}, {}, {})", rows.empty() ? "" : ",\n", pg::literal(accepted), pg::literal(country.name),
          pg::literal(country.alpha2), pg::literal(country.region)
      );
    }
  }
  return rows;
}

// The number of a node among those of its deployment, from 1.
int number_of(const topology::deployment& part, const topology::node& where) {
  const auto found = std::ranges::find(part.nodes, where.name, &topology::node::name);
  return static_cast<int>(found - part.nodes.begin()) + 1;
}

class renderer {
 public:
  renderer(
      const topology::topology& world, const topology::deployment& part, const topology::node& where, dialect language
  )
      : world_(world),
        where_(where),
        language_(language),
        rows_(country_rows(world)),
        node_number_(std::to_string(number_of(part, where))) {}

  result<migration> render(const sql_file& file, std::string name) const {
    MERIDIAN_TRY(const auto sections, sections_of(file.path, file.text));
    migration rendered{std::move(name), ""};
    for (const auto& part : sections) {
      MERIDIAN_TRY(const auto sql, render(file.path, part));
      rendered.sql += sql;
    }
    return rendered;
  }

 private:
  result<std::string> render(std::string_view path, const section& part) const {
    if (part.what == section::kind::once) {
      return fill(path, part.body, {{"country_rows", rows_}, {"node_number", node_number_}});
    }
    std::string sql;
    for (const auto& region : world_.regions) {
      if (part.what == section::kind::partition) {
        MERIDIAN_TRY(const auto partition, render_partition(path, part, region));
        sql += partition;
      } else if (rests_here(region)) {
        MERIDIAN_TRY(const auto statements, fill(path, part.body, variables_of(region)));
        sql += statements;
      }
    }
    if (part.what == section::kind::partition && part.column != "hash" && part.column != "region") {
      MERIDIAN_TRY(
          const auto unplaced,
          fill(path, sql_text("placement/partition_unplaced.sql"), {{"table", part.table}, {"column", part.column}})
      );
      sql += unplaced;
    }
    return sql;
  }

  result<std::string> render_partition(std::string_view path, const section& part, const topology::region& region)
      const {
    auto known = variables_of(region);
    MERIDIAN_TRY(known["body"], fill(path, without_blank_ends(part.body), known));
    const auto dot = part.table.find('.');
    known["table"] = part.table;
    known["leaf"] = part.table + "_" + region.name;
    known["schema"] = dot == std::string::npos ? "public" : part.table.substr(0, dot);
    known["leaf_name"] = (dot == std::string::npos ? part.table : part.table.substr(dot + 1)) + "_" + region.name;
    known["bounds"] = bounds_of(part.column, region);
    known["readers"] = known["schema"] == "public" ? "meridian_service, meridian_adhoc" : "meridian_service";
    const auto file = language_ != dialect::postgres ? "placement/yugabyte/partition.sql"
                      : rests_here(region)           ? "placement/postgres/partition_here.sql"
                                                     : "placement/postgres/partition_elsewhere.sql";
    return fill(file, sql_text(file), known);
  }

  std::string bounds_of(const std::string& column, const topology::region& region) const {
    if (column == "hash") {
      const auto remainder =
          std::ranges::find(world_.regions, region.name, &topology::region::name) - world_.regions.begin();
      return fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", world_.regions.size(), remainder);
    }
    const auto values = column == "region" ? std::vector{region.name} : world_.partition_values(region.name);
    return fmt::format("FOR VALUES IN ({})", pg::literals(values));
  }

  bool rests_here(const topology::region& region) const {
    return language_ != dialect::postgres || where_.region == region.name;
  }

  variables variables_of(const topology::region& region) const {
    return {
        {"region", region.name},
        {"region_number", std::to_string(region.number)},
        {"placed", language_ == dialect::postgres ? "" : " TABLESPACE " + tablespace_of(region)},
    };
  }

  const topology::topology& world_;
  const topology::node& where_;
  dialect language_;
  std::string rows_;
  std::string node_number_;
};

// The folders of sql/schema/ that make up a deployment's schema, in order: what its services need.
std::vector<std::string> folders_of(const topology::deployment& part) {
  const std::set<std::string> services(part.services.begin(), part.services.end());
  std::vector<std::string> folders{"platform"};
  if (part.kind == topology::deployment_kind::geo_partitioned) {
    folders.insert(folders.end(), {"geography", "profile", "identity", "messaging"});
  }
  for (const std::string service : {"reminders", "status"}) {
    if (services.contains(service)) {
      folders.push_back(service);
    }
  }
  return folders;
}

// "schema/status/001_status.sql" is called "status/001_status", "placement/postgres/status/x.sql" "postgres/status/x".
std::string name_of(std::string_view path) {
  path.remove_prefix(path.find('/') + 1);
  return std::string(path.substr(0, path.rfind('.')));
}

}  // namespace

std::string_view sql_text(std::string_view path) {
  const auto files = sql_files();
  const auto found = std::ranges::find(files, path, &sql_file::path);
  if (found == files.end()) {
    throw std::logic_error("there is no sql/" + std::string(path));
  }
  return found->text;
}

result<migration> render_file(
    const topology::topology& world, const topology::deployment& part, const topology::node& where, dialect language,
    std::string_view path, std::string_view text
) {
  return renderer(world, part, where, language).render({path, text}, name_of(path));
}

result<std::vector<migration>> render_schema(
    const topology::topology& world, const topology::deployment& part, const topology::node& where, dialect language
) {
  const renderer render(world, part, where, language);
  std::vector<migration> migrations;
  const auto add = [&](const std::string& prefix) -> result<void> {
    for (const auto& file : sql_files()) {
      if (file.path.starts_with(prefix)) {
        MERIDIAN_TRY(auto rendered, render.render(file, name_of(file.path)));
        migrations.push_back(std::move(rendered));
      }
    }
    return {};
  };
  for (const auto& folder : folders_of(part)) {
    MERIDIAN_CHECK(add("schema/" + folder + "/"));
    MERIDIAN_CHECK(add((language == dialect::postgres ? "placement/postgres/" : "placement/yugabyte/") + folder + "/"));
  }
  return migrations;
}

std::string tablespace_of(const topology::region& place) {
  return place.name + "_tablespace";
}

namespace {

// YugabyteDB's replica_placement: the region's zones, each with its share of the copies, leaders in the first by
// choice. Zones beyond the number of copies get none: YugabyteDB refuses shares that add up to more.
std::string replica_placement(const topology::deployment& part, const topology::region& region) {
  std::vector<topology::location> zones;
  for (const auto& node : part.nodes) {
    if (node.region == region.name && std::ranges::find(zones, node.place) == zones.end() &&
        std::ssize(zones) < part.replication_factor) {
      zones.push_back(node.place);
    }
  }
  std::string blocks;
  const auto count = static_cast<int>(zones.size());
  for (int i = 0; i < count; ++i) {
    const auto& zone = zones[static_cast<std::size_t>(i)];
    const int copies = part.replication_factor / count + (i < part.replication_factor % count ? 1 : 0);
    blocks += fmt::format(
        R"({}{{"cloud":"{}","region":"{}","zone":"{}","min_num_replicas":{},"leader_preference":{}}})",
        i == 0 ? "\n  " : ",\n  ", zone.cloud, zone.region, zone.zone, copies, i + 1
    );
  }
  return fmt::format(R"({{"num_replicas":{},"placement_blocks":[{}]}})", part.replication_factor, blocks);
}

}  // namespace

std::vector<std::string> render_tablespaces(
    const topology::topology& world, const topology::deployment& part, dialect language
) {
  std::vector<std::string> statements;
  if (language == dialect::postgres || part.kind != topology::deployment_kind::geo_partitioned) {
    return statements;
  }
  for (const auto& region : world.regions) {
    const auto placed = language == dialect::yugabyte
                            ? fmt::format("WITH (replica_placement={})", pg::literal(replica_placement(part, region)))
                            : "LOCATION ''";
    statements.push_back(fmt::format("CREATE TABLESPACE {} OWNER meridian_owner {}", tablespace_of(region), placed));
  }
  return statements;
}

}  // namespace meridian::cluster
