// For the tests of this room: a topology of two regions that is right, to be made wrong one line at a time.
#pragma once

#include <map>
#include <string>

#include "topology/topology_file.hpp"

namespace meridian::topology {

// Line number → what stands there instead; several lines or none as well.
using line_edits = std::map<int, std::string>;

// The topology file, called small.toml, with some lines replaced.
std::string small_topology(const line_edits& edits = {});

// The country map that it names, map.toml.
std::string small_map(const line_edits& edits = {});

// The two as one topology, read by root in /etc.
result<topology> parse_small(const std::string& text, const std::string& map = small_map());

// "MESSAGE | REMEDY" of a topology that is wrong, "" of one that is right.
std::string mistake_of(const result<topology>& parsed);
std::string mistake_with(const line_edits& edits);
std::string mistake_with_map(const line_edits& edits);

}  // namespace meridian::topology
