#include "cli/json_output.hpp"

namespace meridian::cli {

boost::json::object describe_link(const cluster::link_state& link) {
  boost::json::object out{
      {"name", link.name}, {"from", link.from}, {"to", link.to}, {"kind", link.kind}, {"state", link.state}
  };
  if (link.lag_bytes) {
    out["lag_bytes"] = *link.lag_bytes;
    out["lag_seconds"] = link.lag_seconds.value_or(0);
  }
  if (link.conflicts) {
    out["conflicts"] = *link.conflicts;
  }
  return out;
}

}  // namespace meridian::cli
