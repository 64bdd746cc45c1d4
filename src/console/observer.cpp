#include "console/observer.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "console/queries.hpp"

namespace meridian::console {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto view_age_max = 1s;
constexpr auto count_age_max = 5s;
constexpr auto answer_time_max = 1500ms;

// Of a region: its first node in the deployment that holds messages.
const topology::node* node_in(const topology::topology& world, const topology::region& where) {
  const auto* part = world.find_deployment_of_service("messaging");
  if (part == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(part->nodes, where.name, &topology::node::region);
  return found == part->nodes.end() ? nullptr : &*found;
}

}  // namespace

observer::observer(residency::regions& where, const pg::endpoint& sign_in) : regions_(where) {
  auto as_console = sign_in;
  as_console.application_name = "meridian-console";
  for (const auto& part : where.world().deployments) {
    for (const auto& node : part.nodes) {
      probes_.emplace_back(part, node, as_console);
    }
  }
}

task<std::shared_ptr<const view>> observer::look(deadline until) {
  while (!last_ || deadline::clock::now() - last_at_ >= view_age_max) {
    if (until.passed()) {
      co_return error{errc::timed_out, "the topology could not be looked at in time", ""};
    }
    if (looked_) {
      const auto shared = looked_;  // the one who looks lets go of it
      boost::system::error_code woken;
      co_await shared->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      continue;
    }
    const auto lane = co_await asio::this_coro::executor;
    looked_ = std::make_shared<asio::steady_timer>(lane, answer_time_max * 2);
    const auto looked = co_await look_at_all();
    looked_->cancel();
    looked_.reset();
    MERIDIAN_CO_CHECK(looked);
  }
  co_return last_;
}

task<void> observer::count_rows(std::vector<table_view>& tables, deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(const auto counted, co_await regions_.ask_all(queries::count_rows, std::move(none), until));
  for (const auto& answer : counted.answers) {
    for (const auto row : answer.rows) {
      auto one = table_of(
          row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2), row.get<std::int64_t>(3)
      );
      one.region = answer.where;
      one.node = node_in(regions_.world(), *answer.where);
      tables.push_back(std::move(one));
    }
  }
  co_return result<void>();
}

task<void> observer::look_at_all() {
  const auto begun = deadline::clock::now();
  const auto until = deadline::in(answer_time_max);
  const bool counts = last_ == nullptr || begun - counted_at_ >= count_age_max;
  auto seen = std::make_shared<view>();
  seen->seen_at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  seen->nodes.resize(probes_.size());
  std::vector<std::vector<table_view>> counted(probes_.size() + 1);
  std::vector<task<void>> questions;
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    questions.push_back(probes_[i].look(counts, seen->nodes[i], counted[i], until));
  }
  if (counts) {
    questions.push_back(count_rows(counted.back(), until));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(questions)));
  if (counts) {
    tables_.clear();
    std::ranges::rotate(counted, counted.end() - 1);
    for (auto& some : counted) {
      std::ranges::move(some, std::back_inserter(tables_));
    }
    counted_at_ = begun;
  }
  for (auto& table : tables_) {
    if (table.region == nullptr) {
      table.region = &regions_.world().region_named(table.node->region);
    }
  }
  seen->tables = tables_;
  seen->links = links_between(seen->nodes);
  for (const auto* place : regions_.all()) {
    const auto pool = regions_.observe(*place);
    seen->ways.push_back({place, pool.is_open, pool.in_flight});
  }
  last_ = std::move(seen);
  last_at_ = deadline::clock::now();
  co_return result<void>();
}

}  // namespace meridian::console
