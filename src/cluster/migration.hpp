// Applying a schema's steps to a node: in order, once each, recorded; what was applied is never altered.
#pragma once

#include <string>
#include <vector>

#include "cluster/schema.hpp"
#include "pg/connection.hpp"

namespace meridian::cluster {

// SHA-256 of the step's SQL, in hexadecimal.
std::string checksum_of(const migration& step);

// The SQL that records a step, for those who apply it by hand (a plan).
std::string record_of(const migration& step);

// The script that migrate() runs for a step.
std::string transaction_of(const migration& step);

// CREATE of the table that holds the records, which may exist.
std::string_view migration_table();

// Applies the steps that are not recorded yet, each with its record in one transaction, as meridian_owner. Answers how
// many there were. conflict when a recorded step reads otherwise now, or when the node has steps that this program does
// not know; nothing is applied then.
task<int> migrate(pg::connection& node, const std::vector<migration>& steps, deadline until);

}  // namespace meridian::cluster
