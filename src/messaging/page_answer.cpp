#include "messaging/page_answer.hpp"

namespace meridian::messaging {

result<page_of_ids> page_of_ids_in(const http::request& received) {
  MERIDIAN_TRY(const auto wanted, rest::page_of(received, 1));
  page_of_ids part;
  part.limit = wanted.limit;
  if (wanted.behind) {
    const auto id = json::parse_id(wanted.behind->front());
    if (!id) {
      return error{
          errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"
      };
    }
    part.behind = *id;
  }
  return part;
}

http::response list_answer(std::string_view items, const std::optional<std::int64_t>& next_behind) {
  std::optional<std::string> cursor;
  if (next_behind) {
    cursor = rest::to_cursor({std::to_string(*next_behind)});
  }
  return rest::json_answer(200, rest::list_body(items, cursor));
}

}  // namespace meridian::messaging
