// Statements to the regions of one deployment: each is sent straight to the node that owns the rows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pg/pool.hpp"
#include "topology/topology.hpp"

namespace meridian::residency {

struct region_answer {
  const topology::region* where;
  pg::rows rows;
};

struct missing_region {
  const topology::region* where;
  error why;
};

// What the regions said, in the topology's order, and which did not.
struct gathered {
  std::vector<region_answer> answers;
  std::vector<missing_region> missing;
};

// "Meridian-Missing-Regions: asia, europe"; "" when all answered.
std::string names_of(const std::vector<missing_region>& missing);

// One for each lane; lives and is used on it. The topology must outlive it.
class regions {
 public:
  // `settings` is each pool's, with the sign-in of its endpoint but no address; the nodes are the deployment's own.
  // `here` is a region of the deployment: waits for the others are waits for an ocean.
  regions(
      boost::asio::any_io_executor lane, const topology::topology& world, const topology::deployment& part,
      const topology::region& here, const pg::endpoint& sign_in, pg::pool_settings settings = {}
  );

  const topology::region& here() const { return here_; }
  const std::vector<const topology::region*>& all() const { return all_; }

  // nullptr for none with that number.
  const topology::region* find(int number) const;
  const topology::region* find(std::string_view name) const;

  // The region where rows of that country rest, by name, code or alias; nullptr for an unknown one.
  const topology::region* find_of_country(std::string_view country) const;

  const topology::topology& world() const { return world_; }

  // As pg::pool::run. unavailable names the region.
  task<pg::rows> run(
      const topology::region& where, const pg::query& what, pg::arguments with, deadline until,
      pg::repeat again = pg::repeat::safe
  );

  // Asks every region at once. Never fails as a whole; whoever does not answer within 2 s is missing.
  task<gathered> ask_all(const pg::query& what, pg::arguments with, deadline until);

  // Looks for what may rest anywhere: here first, then in the others side by side. Answers with the first region that
  // has a row and does not wait for the rest; those questions end by themselves, at the latest in stop(). None when
  // every region answered without a row, unavailable when one is missing that could have it.
  task<std::optional<region_answer>> find_first(const pg::query& what, pg::arguments with, deadline until);

  pg::pool_state observe(const topology::region& where) const { return pools_.at(where.number)->observe(); }
  task<void> stop(deadline until);

 private:
  struct search;
  void look_elsewhere(
      const std::shared_ptr<search>& shared, const pg::query& what, const pg::arguments& with, deadline until
  );
  const pg::statement& rendered(const topology::region& where, const pg::query& what);
  task<void> ask(
      const topology::region& where, const pg::query& what, pg::arguments with, deadline until, gathered& so_far
  );

  const topology::topology& world_;
  const topology::region& here_;
  std::vector<const topology::region*> all_;
  std::map<int, std::unique_ptr<pg::pool>> pools_;  // by the region's number
  std::map<std::pair<const char*, int>, pg::statement> statements_;
};

}  // namespace meridian::residency
