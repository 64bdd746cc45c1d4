// A statement that services run, and its form for one server.
#pragma once

#include <string>
#include <string_view>

namespace meridian::pg {

// One file of sql/query/. Its name is the prepared statement's, the metric's and the log's. ${region} in the text
// stands for the region whose partitions are meant; whoever runs it fills it in.
struct query {
  std::string_view name;
  std::string_view text;
};

// Ready for a server. Two statements with one name have one text and arguments of the same types. A name has at most 55
// octets: PostgreSQL tells names apart by their first 63, and a statement that is prepared anew gets a number.
struct statement {
  std::string name;
  std::string text;
};

}  // namespace meridian::pg
