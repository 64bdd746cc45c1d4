#include "residency/homes.hpp"

#include <algorithm>

#include "base/ids.hpp"

namespace meridian::residency {

const topology::region* home_cache::find(std::int64_t id) {
  const auto found = places_.find(id);
  if (found == places_.end()) {
    return nullptr;
  }
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->second;
}

void home_cache::keep(std::int64_t id, const topology::region* home) {
  if (const auto found = places_.find(id); found != places_.end()) {
    found->second->second = home;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return;
  }
  if (places_.size() >= count_max_) {
    places_.erase(by_use_.back().first);
    by_use_.pop_back();
  }
  by_use_.emplace_front(id, home);
  places_.emplace(id, by_use_.begin());
}

task<const topology::region*> homes::of(std::int64_t id, deadline until) {
  if (const auto* known = cache_.find(id)) {
    co_return known;
  }
  if (const auto* told = regions_.find(parts_of(id).region_number)) {
    co_return told;
  }
  co_return co_await look_again(id, until);
}

task<const topology::region*> homes::look_again(std::int64_t id, deadline until) {
  pg::arguments with(id);
  MERIDIAN_CO_TRY(const auto found, co_await regions_.ask_all(look_, std::move(with), until));
  for (const auto& answer : found.answers) {
    if (!answer.rows.empty()) {
      cache_.keep(id, answer.where);
      co_return answer.where;
    }
  }
  // Where the id was made says that it is not there: that holds for what is hidden, too, so a region that is missing
  // must not make a difference. (A row that was moved into that one is not found meanwhile.)
  const auto* maker = regions_.find(parts_of(id).region_number);
  const auto is_denied = std::ranges::find(found.answers, maker, &region_answer::where) != found.answers.end();
  if (!found.missing.empty() && !is_denied) {
    co_return found.missing.front().why;
  }
  co_return error{errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

}  // namespace meridian::residency
