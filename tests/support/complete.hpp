// What a finished `up` promises.
#pragma once

#include <string>

#include "support/local_topology.hpp"

namespace meridian::test {

// Looks at every part of it: nodes in their roles, links, the agent, the sample company (or its absence), and whether
// changes flow on every link. A test failure names what is missing.
void expect_complete(const local_topology& world, bool with_sample = true);

// How the nodes' databases are made: relations, columns, rights, triggers, functions, roles, servers, subscriptions,
// the steps that were applied. The same for every complete topology of the same deployments, whatever its ports.
std::string shape_of(const local_topology& world);

// Rows of the sample tables: profiles, workspaces, memberships, channels, channel members.
inline constexpr auto sample_counts =
    "SELECT (SELECT count(*) FROM Profile), (SELECT count(*) FROM Workspace), (SELECT count(*) FROM WorkspaceProfile), "
    "(SELECT count(*) FROM Channel), (SELECT count(*) FROM channel_member)";
inline constexpr auto sample_company = "10|5|11|8|19";

}  // namespace meridian::test
