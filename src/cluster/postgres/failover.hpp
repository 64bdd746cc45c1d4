// Another node takes over the writes of a read_replicas deployment, and the former primary comes back as a replica.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/postgres/instance.hpp"

namespace meridian::cluster::postgres {

// A replica that may take over.
struct candidate {
  std::string node;
  bool is_reachable = false;
  std::int64_t received = 0;  // up to where in the primary's log it has everything on disk, in octets
};

struct failover_plan {
  std::string deployment;
  std::string from;                   // the primary until now
  bool is_primary_alive = false;      // it answers: it will be stopped, and the replicas have all it wrote
  std::vector<candidate> candidates;  // in the topology's order
  std::string to;                     // the freshest, or the one that was asked for
  bool is_wanted = false;             // the latter
  bool is_synchronous = true;         // a replica has all that was acknowledged
  std::int64_t missing = 0;           // what that one lacks of the freshest, in octets, before the primary stops
};

struct failover_report {
  failover_plan plan;
  std::chrono::milliseconds fenced_in{};    // until the former primary could take no writes
  std::chrono::milliseconds promoted_in{};  // until the new one did
  std::optional<std::chrono::milliseconds>
      restored_in;  // until a write was acknowledged (synchronous: on a replica too); none: no replica confirms it
};

// `nodes` are those of one deployment with the roles that they have; they outlive the calls. `wanted` names the node
// that is to take over; "": the freshest. not_found, unavailable when no replica answers, conflict when the wanted one
// is the primary already.
task<failover_plan> plan_failover(std::vector<instance> nodes, std::string deployment, std::string wanted);

// Fences the primary (it is stopped, and will start as a standby only), records the new one by calling `record`, and
// promotes it. A kill in between leaves what `up` completes: before the record the former primary is the primary, after
// it the new one is. conflict when a replica that answers has more than the wanted one.
task<failover_report> fail_over(
    std::vector<instance> nodes, failover_plan plan, std::function<result<void>(const std::string& node)> record
);

// These are what `up` uses; each is idempotent.

// Stops the server, whatever state it is in, and makes it a standby that has to rejoin.
task<void> fence(instance node);

// Takes that back, for a node that is the primary after all.
result<void> unfence(const instance& node);

// Takes writes when it comes back.
task<void> promote(instance node);

// A fenced node loses what the new primary does not have, by pg_rewind, or all of its data when that can't be done.
task<void> rejoin(instance former, instance primary);

}  // namespace meridian::cluster::postgres
