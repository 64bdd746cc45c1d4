// The console's JSON.
#pragma once

#include <string>
#include <string_view>

#include "console/lab.hpp"
#include "console/row_finder.hpp"
#include "console/view.hpp"

namespace meridian::console {

// `is_local`: addresses and files are told of nodes on this machine only. `lab` knows what restores took; it may be
// null.
std::string topology_json(
    const topology::topology& world, const topology::region& here, std::string_view instance, bool is_local,
    const lab_actions* lab
);
std::string view_json(const view& seen);
std::string rows_json(const found_rows& found, std::int64_t id, const topology::topology& world, bool is_local);

}  // namespace meridian::console
