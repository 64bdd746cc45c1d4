// The partition tree's roots: how each node of the geo-distributed deployment reaches the partitions of the others.
#pragma once

#include <vector>

#include "cluster/postgres/instance.hpp"
#include "cluster/postgres/passwords.hpp"

namespace meridian::cluster::postgres {

// Declares the other regions' nodes as foreign servers on `here`, each under its region's name, and maps the roles to
// themselves there. Repeating it brings addresses and passwords up to date.
task<void> connect_regions(instance here, std::vector<instance> others, const state& kept);

// The SQL of it.
std::string connect_script(const std::vector<instance>& others, const passwords& secrets);

}  // namespace meridian::cluster::postgres
