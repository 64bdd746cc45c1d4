#include "cli/session.hpp"

#include <cstdio>

#include <fmt/core.h>

#include "base/suggest.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {

result<const topology::node*> session::node_named(const std::string& name) const {
  if (const auto* found = world.find_node(name)) {
    return found;
  }
  std::vector<std::string> names;
  std::string list;
  for (const auto& part : world.deployments) {
    for (const auto& node : part.nodes) {
      names.push_back(node.name);
      list += (list.empty() ? "" : ", ") + node.name + " (" + node.address + ")";
    }
  }
  return error{
      errc::not_found, fmt::format("there is no node {}{}", name, did_you_mean(name, names)),
      "The nodes are " + list + "."
  };
}

namespace {

result<cluster::state> state_for(purpose why, const topology::topology& world) {
  switch (why) {
    case purpose::create:
      // Without PostgreSQL there is to be no directory either.
      MERIDIAN_CHECK(run(cluster::postgres::find_installation()));
      return cluster::state::create(world);
    case purpose::change:
      return cluster::state::open(world);
    case purpose::look:
      return cluster::state::look(world);
  }
  return error{errc::internal, "no such purpose", ""};
}

}  // namespace

result<std::unique_ptr<session>> open_session(const topology_path& path, purpose why) {
  MERIDIAN_TRY(auto world, topology::read_topology(path));
  if (world.engine != topology::engine_kind::postgres) {
    return error{
        errc::invalid_argument,
        fmt::format("the topology {} runs on {}, not on this machine", world.name, to_string(world.engine)),
        "`meridian plan` prints what sets it up, `meridian apply` does it."
    };
  }
  MERIDIAN_TRY(auto kept, state_for(why, world));
  MERIDIAN_CHECK(cluster::follow_failovers(world, kept));
  auto opened = std::make_unique<session>(std::move(world), std::move(kept), nullptr);
  MERIDIAN_TRY(opened->engine, run(cluster::postgres::postgres_engine::make(opened->world, opened->kept)));
  return opened;
}

int fail(const error& failure) {
  fmt::print(stderr, "meridian: {}\n", to_string(failure));
  return exit_failed;
}

}  // namespace meridian::cli
