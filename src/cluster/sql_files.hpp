// The files of sql/, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace meridian::cluster {

struct sql_file {
  std::string_view path;  // below sql/: "schema/messaging/003_message.sql"
  std::string_view text;
};

// Sorted by path.
std::span<const sql_file> sql_files();

}  // namespace meridian::cluster
