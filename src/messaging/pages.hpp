// Lists of one region and of many, cut to a page.
#pragma once

#include <algorithm>
#include <utility>

#include "messaging/workspace.hpp"
#include "residency/regions.hpp"

namespace meridian::messaging {

// Statements are asked for one row more than the page has, which tells whether there is a next page.
inline std::int64_t rows_asked_for(const page_of_ids& part) {
  return static_cast<std::int64_t>(part.limit) + 1;
}

// `rows` are in the order of `id_of_row`.
template <class Row, class Id>
page<Row> cut(std::vector<Row> rows, std::size_t limit, Id id_of_row) {
  page<Row> part;
  if (rows.size() > limit) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
    part.next_behind = id_of_row(rows.back());
  }
  part.rows = std::move(rows);
  return part;
}

// What all regions answered to one statement, each in the order of ids.
template <class Row, class Read>
page<Row> merged(const residency::gathered& found, std::size_t limit, Read read) {
  std::vector<Row> rows;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      rows.push_back(read(row, *answer.where));
    }
  }
  std::ranges::sort(rows, {}, &Row::id);
  auto part = cut(std::move(rows), limit, [](const Row& row) { return row.id; });
  part.missing_regions = residency::names_of(found.missing);
  return part;
}

}  // namespace meridian::messaging
