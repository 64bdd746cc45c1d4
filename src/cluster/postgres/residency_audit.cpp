#include "cluster/postgres/residency_audit.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "cluster/postgres/canary.hpp"
#include "cluster/postgres/canary_search.hpp"
#include "cluster/postgres/row_census.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;
using topology::deployment_kind;

constexpr auto reach_duration_max = 3s;

class residency_audit {
 public:
  residency_audit(
      const topology::topology& world, const state& kept, const postgres_engine& engine, progress& told,
      residency_report& report
  )
      : world_(world), kept_(kept), told_(told), report_(report), flock_(make_canaries(world)) {
    for (const auto& part : world.deployments) {
      for (const auto& node : part.nodes) {
        const bool geo = part.kind == deployment_kind::geo_partitioned;
        nodes_.push_back({engine.instance_of(node), geo ? node.region : "", false});
      }
    }
  }

  bool has_regions() const {
    return std::ranges::any_of(nodes_, [](const searched_node& node) { return !node.home_of.empty(); });
  }

  task<void> run() {
    told_.step(fmt::format("Reaching {} nodes", nodes_.size()));
    MERIDIAN_CO_CHECK(co_await reach());
    co_await clean(severity::warning);
    told_.step("Counting the rows of every partition");
    co_await census();
    told_.step(fmt::format("Writing a canary of each region through {} nodes", doors().size()));
    // Nothing of this may stop the audit before the canaries are gone: what fails is in the report.
    co_await plant();
    told_.step("Flushing every node to disk");
    co_await flush_all();
    told_.step("Searching every file");
    const auto searched = co_await search_canaries(kept_, nodes_, flock_, planted_, report_);
    told_.step("Removing the canaries");
    co_await clean(severity::incomplete);
    told_.finish();
    co_return searched;
  }

 private:
  void tell(severity weight, const searched_node& node, std::string subject, std::string message) {
    report_.findings.push_back({weight, node.server.node().name, std::move(subject), std::move(message)});
  }

  // The nodes of the tree that answer.
  std::vector<const searched_node*> doors() const {
    std::vector<const searched_node*> found;
    for (const auto& node : nodes_) {
      if (!node.home_of.empty() && node.reachable) {
        found.push_back(&node);
      }
    }
    return found;
  }

  static task<void> probe(searched_node& node, std::string& problem) {
    const auto until = deadline::in(reach_duration_max);
    const auto opened = co_await node.server.connect(role_admin, "postgres", until);
    node.reachable = opened.has_value();
    if (!opened) {
      problem = opened.error().message.substr(0, opened.error().message.find('\n'));
    }
    co_return result<void>();
  }

  task<void> reach() {
    std::vector<task<void>> work;
    std::vector<std::string> problems(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      work.push_back(probe(nodes_[i], problems[i]));
    }
    MERIDIAN_CO_CHECK(co_await all(std::move(work)));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].reachable) {
        continue;
      }
      if (nodes_[i].home_of.empty()) {
        tell(
            severity::warning, nodes_[i], "", "can't be reached, so its files were searched as they are: " + problems[i]
        );
      } else {
        tell(
            severity::incomplete, nodes_[i], "",
            fmt::format("can't be reached, so nothing is known of {}: {}", nodes_[i].home_of, problems[i])
        );
      }
    }
    co_return result<void>();
  }

  task<void> census() {
    for (const auto* node : doors()) {
      if (const auto taken = co_await take_census(world_, node->server, report_); !taken) {
        tell(severity::incomplete, *node, "", "could not be counted: " + taken.error().message);
      }
      if (const auto checked = co_await check_outlets(node->server, report_); !checked) {
        tell(severity::incomplete, *node, "", "could not be asked for its settings: " + checked.error().message);
      }
    }
    co_return result<void>();
  }

  // Through every door that answers, for every region whose home does.
  task<void> plant() {
    for (const auto& one : flock_.each) {
      const auto homes = doors();
      const auto home = std::ranges::find(homes, one.region, &searched_node::home_of);
      if (home == homes.end()) {
        continue;
      }
      canary_report written{one.region, one.text, (*home)->server.node().name, {}};
      co_await insert_everywhere(one, written.doors);
      if (!written.doors.empty()) {
        planted_.push_back(one.region);
        report_.canaries.push_back(std::move(written));
      }
    }
    for (const auto* door : doors()) {
      for (const auto& one : flock_.each) {
        if (std::ranges::find(planted_, one.region) != planted_.end()) {
          co_await bring_out(*door, one);
        }
      }
    }
    co_return co_await gather_statistics();
  }

  task<void> insert_everywhere(canary what, std::vector<std::string>& through) {
    int number = 0;
    for (const auto* door : doors()) {
      if (const auto written = co_await insert_canary(door->server, what, ++number); written) {
        through.push_back(door->server.node().name);
      } else {
        tell(
            severity::incomplete, *door, "",
            fmt::format("can't write into {}: {}", what.region, written.error().message)
        );
      }
    }
    co_return result<void>();
  }

  // What takes a row's text through a node after it was written.
  task<void> bring_out(const searched_node& door, canary what) {
    if (const auto edited = co_await edit_canary(door.server, what); !edited) {
      tell(severity::incomplete, door, "", fmt::format("can't edit in {}: {}", what.region, edited.error().message));
    }
    if (const auto failed = co_await fail_with_canary(door.server, what); !failed) {
      tell(severity::incomplete, door, "", "was lost: " + failed.error().message);
    }
    co_return result<void>();
  }

  task<void> gather_statistics() {
    for (const auto* node : doors()) {
      if (const auto analyzed = co_await analyze_canaries(world_, node->server); !analyzed) {
        tell(severity::incomplete, *node, "", "can't be analyzed: " + analyzed.error().message);
      }
      if (const auto checked = co_await check_statistics(node->server, report_); !checked) {
        tell(severity::incomplete, *node, "pg_statistic", "can't be read: " + checked.error().message);
      }
    }
    co_return result<void>();
  }

  task<void> flush_one(const searched_node& node) {
    if (const auto flushed = co_await flush(node.server); !flushed) {
      tell(severity::incomplete, node, "", "could not be flushed: " + flushed.error().message);
    }
    co_return result<void>();
  }

  task<void> flush_all() {
    std::vector<task<void>> work;
    for (const auto& node : nodes_) {
      if (node.reachable) {
        work.push_back(flush_one(node));
      }
    }
    co_return co_await all(std::move(work));
  }

  // Before the audit what is found is news; afterwards that something stays is.
  task<void> clean(severity weight) {
    for (const auto* node : doors()) {
      const auto removed = co_await remove_canaries(world_, node->server);
      if (!removed) {
        tell(weight, *node, "", "still has canaries, which the next audit removes: " + removed.error().message);
      } else if (*removed > 0 && weight == severity::warning) {
        tell(weight, *node, "", fmt::format("had {} rows of an interrupted audit; they were removed", *removed));
      }
    }
    co_return result<void>();
  }

  const topology::topology& world_;
  const state& kept_;
  progress& told_;
  residency_report& report_;
  const canary_flock flock_;
  std::vector<searched_node> nodes_;
  std::vector<std::string> planted_;  // regions
};

}  // namespace

task<residency_report> audit_residency(
    const topology::topology& world, const state& kept, const postgres_engine& engine, progress& told
) {
  const auto started = std::chrono::steady_clock::now();
  residency_report report;
  report.topology = world.name;
  report.started_at = std::chrono::system_clock::now();
  residency_audit audit(world, kept, engine, told, report);
  if (!audit.has_regions()) {
    co_return error{
        errc::not_found,
        fmt::format("the topology {} has no geo-distributed deployment, so no row is bound to a region", world.name), ""
    };
  }
  MERIDIAN_CO_CHECK(co_await audit.run());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  co_return report;
}

}  // namespace meridian::cluster::postgres
