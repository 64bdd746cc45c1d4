#include "identity/audit_log.hpp"

#include <algorithm>

#include "identity/queries.hpp"

namespace meridian::identity {
namespace {

// One region or all, in one form.
task<residency::gathered> ask(
    residency::regions& regions, const topology::region* where, const pg::query& what, pg::arguments with,
    deadline until
) {
  if (where == nullptr) {
    co_return co_await regions.ask_all(what, std::move(with), until);
  }
  residency::gathered found;
  auto answer = co_await regions.run(*where, what, std::move(with), until);
  if (answer) {
    found.answers.push_back(residency::region_answer{where, std::move(*answer)});
  } else {
    found.missing.push_back(residency::missing_region{where, std::move(answer).error()});
  }
  co_return found;
}

audit_entry entry_of(const pg::row& row, const topology::region* where) {
  audit_entry found;
  found.where = where;
  found.number = row.get<std::int64_t>(0);
  found.at = row.get<timestamp>(1);
  found.actor_id = row.get<std::optional<std::int64_t>>(2);
  found.action = row.get<std::string>(3);
  found.subject = row.get<std::string>(4);
  found.details = row.get<std::string>(5);
  found.hash = row.get<pg::bytes>(6).octets;
  return found;
}

}  // namespace

task<audit_page> list_audit_entries(
    residency::regions& regions, const topology::region* where, std::int64_t limit, deadline until
) {
  pg::arguments with(limit);
  MERIDIAN_CO_TRY(auto found, co_await ask(regions, where, queries::list_audit_entries, std::move(with), until));
  audit_page page;
  page.missing = std::move(found.missing);
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      page.entries.push_back(entry_of(row, answer.where));
    }
  }
  std::ranges::sort(page.entries, [](const audit_entry& left, const audit_entry& right) {
    return std::pair(left.at, left.number) < std::pair(right.at, right.number);
  });
  const auto count_max = static_cast<std::size_t>(limit);
  if (page.entries.size() > count_max) {
    page.entries.erase(page.entries.begin(), page.entries.end() - limit);
  }
  co_return page;
}

task<chain_reports> verify_audit_chains(residency::regions& regions, const topology::region* where, deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(auto found, co_await ask(regions, where, queries::verify_audit_chain, std::move(none), until));
  chain_reports reports;
  reports.missing = std::move(found.missing);
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      chain_report one;
      one.where = answer.where;
      one.broken_at = row.get<std::optional<std::int64_t>>(0);
      one.newest_number = row.get<std::int64_t>(1);
      one.newest_hash = row.get<pg::bytes>(2).octets;
      reports.chains.push_back(std::move(one));
    }
  }
  co_return reports;
}

}  // namespace meridian::identity
