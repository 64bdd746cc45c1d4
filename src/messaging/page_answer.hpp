// Pages of ids as requests ask for them and responses hold them.
#pragma once

#include "json/reader.hpp"
#include "messaging/organisation_codec.hpp"
#include "rest/answer.hpp"
#include "rest/page.hpp"

namespace meridian::messaging {

// `?limit=&cursor=`. invalid_argument with the field.
result<page_of_ids> page_of_ids_in(const http::request& received);

http::response list_answer(std::string_view items, const std::optional<std::int64_t>& next_behind);

template <class Row>
http::response list_answer(const page<Row>& part) {
  std::string items;
  json::writer out(items);
  for (const auto& row : part.rows) {
    write(out, row);
  }
  auto answer = list_answer(items, part.next_behind);
  rest::set_missing_regions(answer, part.missing_regions);
  return answer;
}

}  // namespace meridian::messaging
