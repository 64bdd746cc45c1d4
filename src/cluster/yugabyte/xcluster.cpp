#include "cluster/yugabyte/xcluster.hpp"

#include <fmt/core.h>

#include "cluster/state.hpp"

namespace meridian::cluster::yugabyte {
namespace {

constexpr std::string_view table = "status";

constexpr std::string_view admin = "yb-admin -certs_dir_name \"$MERIDIAN_CERTS\" -master_addresses";

// Leaves behind "$from" and "$to", the yb-masters of both sides, "$source", the id of the universe that changes come
// from, and "$group", the name of the replication.
std::string look_up_source(const universe& from, const universe& to) {
  return fmt::format(
      "from={}\n"
      "to={}\n"
      "source=$({} \"$from\" get_universe_config |\n"
      "  sed -n 's/.*\"clusterUuid\" *: *\"\\([^\"]*\\)\".*/\\1/p' | head -n 1)\n"
      ": \"${{source:?no clusterUuid in the answer of {}}}\"\n"
      "group=${{source}}_{}\n",
      master_addresses(from), master_addresses(to), admin, from.name, from.name
  );
}

}  // namespace

std::string compare_types_command(const universe& one, const universe& other) {
  return fmt::format(
      "labels=\"SELECT string_agg(oid || ' ' || enumlabel, ', ' ORDER BY oid) FROM pg_enum\n"
      " WHERE enumtypid = 'public.profile_status'::regtype\"\n"
      "one=$({} -Atc \"$labels\")\n"
      "other=$({} -Atc \"$labels\")\n"
      "test -n \"$one\" && test \"$one\" = \"$other\" || {{\n"
      "  echo \"the labels of profile_status differ: $one on {}, $other on {}\" >&2\n"
      "  echo \"Drop the database {} on both, while it holds nothing, and apply again.\" >&2\n"
      "  exit 1\n"
      "}}",
      sql_command(one.first(), database_name), sql_command(other.first(), database_name), one.name, other.name,
      database_name
  );
}

std::string replicate_command(const universe& from, const universe& to) {
  return look_up_source(from, to) + fmt::format(
                                        "table=$({0} \"$from\" list_tables include_table_id |\n"
                                        "  awk '$1 == \"{1}.{2}\" {{ print $2 }}')\n"
                                        ": \"${{table:?no table {2} on {3}}}\"\n"
                                        "{0} \"$to\" \\\n  setup_universe_replication \"$group\" \"$from\" \"$table\"",
                                        admin, database_name, table, from.name
                                    );
}

std::string replicates_command(const universe& from, const universe& to) {
  return look_up_source(from, to) +
         fmt::format("{} \"$to\" get_replication_status \"$group\" | grep -q table_id", admin);
}

std::string check_replication_command(const universe& to) {
  return fmt::format(
      "streams=$({} get_replication_status)\n"
      "echo \"$streams\"\n"
      "case $streams in *error:*) exit 1 ;; *table_id*) ;; *) exit 1 ;; esac",
      admin_command(to)
  );
}

}  // namespace meridian::cluster::yugabyte
