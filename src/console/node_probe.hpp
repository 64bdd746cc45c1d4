// Asks one node how it is.
#pragma once

#include <optional>

#include "console/view.hpp"
#include "pg/connection.hpp"

namespace meridian::console {

// Keeps its connection between questions. On one lane, one question at a time.
class node_probe {
 public:
  // `sign_in` has no address; the node's is put in.
  node_probe(const topology::deployment& part, const topology::node& node, const pg::endpoint& sign_in);

  // What the node says, into `seen`, and of the tables of its own deployment into `tables`, where `with_tables`. Always
  // succeeds: a node that does not answer by then is one that is not reachable.
  task<void> look(bool with_tables, node_view& seen, std::vector<table_view>& tables, deadline until);

  void close() { connection_.reset(); }

 private:
  task<void> ask(node_view& seen, deadline until);
  task<void> count(std::vector<table_view>& tables, deadline until);

  const topology::deployment& part_;
  const topology::node& node_;
  pg::endpoint where_;
  std::optional<pg::connection> connection_;
};

}  // namespace meridian::console
