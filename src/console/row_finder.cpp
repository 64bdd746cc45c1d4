#include "console/row_finder.hpp"

#include <algorithm>

#include "console/queries.hpp"

namespace meridian::console {
namespace {

// The columns of find_row.
enum column { kind, name, country, relation, file, belongs_to };

found_row read(const pg::row& row, const topology::region& home) {
  found_row found;
  found.kind = row.get<std::string>(kind);
  found.name = row.get<std::string>(name);
  found.country = row.get<std::string>(country);
  found.relation = row.get<std::string>(relation);
  found.file = row.get<std::string>(file);
  found.belongs_to = row.get<std::optional<std::int64_t>>(belongs_to);
  found.home = &home;
  return found;
}

}  // namespace

task<found_rows> find_rows(residency::regions& where, identity::principal who, std::int64_t id, deadline until) {
  pg::arguments with(id, who.profile_id);
  MERIDIAN_CO_TRY(auto said, co_await where.ask_all(queries::find_row, std::move(with), until));
  found_rows found;
  bool is_colleague = id == who.profile_id;
  for (const auto& answer : said.answers) {
    for (const auto row : answer.rows) {
      auto one = read(row, *answer.where);
      if (one.kind == "colleague") {
        is_colleague = true;
      } else {
        is_colleague = is_colleague || (one.kind == "profile" && one.belongs_to == who.main_profile_id);
        found.items.push_back(std::move(one));
      }
    }
  }
  if (!is_colleague) {
    std::erase_if(found.items, [](const found_row& one) { return one.kind == "profile"; });
  }
  found.missing = std::move(said.missing);
  if (found.items.empty()) {
    co_return found.missing.empty() ? error{errc::not_found, "there is no such thing, or it is not yours to see", ""}
                                    : found.missing.front().why;
  }
  co_return found;
}

task<bool> is_in_charge(residency::regions& where, identity::principal who, deadline until) {
  pg::arguments with(who.profile_id);
  MERIDIAN_CO_TRY(const auto found, co_await where.find_first(queries::is_in_charge, std::move(with), until));
  co_return found.has_value();
}

}  // namespace meridian::console
