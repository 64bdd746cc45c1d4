// Replication between standalone clusters, by pglogical: one subscription a direction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/engine.hpp"
#include "cluster/postgres/instance.hpp"

namespace meridian::cluster::postgres {

// A table that may be replicated, with the id that YugabyteDB would give it: the database's oid and the table's, in
// hexadecimal, 32 digits.
struct replicated_table {
  std::string id;
  std::string name;
  bool is_published = false;  // in the set that subscriptions read
};

// Makes the node known to pglogical and publishes its replicable tables. Idempotent.
task<void> publish(instance node);
std::string publish_script(const instance& node);

task<std::vector<replicated_table>> list_tables(instance node);

// One direction: changes made on `from` reach `to`, and rows that `from` held before are merged in. Idempotent;
// finishes what an interrupted call began. not_found while a side has no replicable table.
task<void> subscribe(instance from, instance to);

// What subscribe() runs on `to`, before it merges the rows.
std::string subscribe_script(const instance& from);

// "from_status_americas"
std::string subscription_name(const instance& from);

task<void> pause_subscription(instance from, instance to);
task<void> resume_subscription(instance from, instance to);

// Brings a subscription that went down back, and merges `from`'s rows into `to`'s once more. not_found without one.
task<void> repair_subscription(instance from, instance to);

// The state of one direction: "replicating", "initializing", "paused", "down", "missing" or "unreachable", with its
// lag.
task<link_state> observe_subscription(instance from, instance to);

// Re-enables the subscription when it is down (not when it is paused); answers whether it had to.
task<bool> revive_subscription(instance from, instance to);

}  // namespace meridian::cluster::postgres
