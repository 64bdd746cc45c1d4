#include "messaging/tail_cache.hpp"

namespace meridian::messaging {

std::shared_ptr<const std::string> tail_cache::find(std::int64_t channel_id, std::int64_t change_seq) {
  const auto found = places_.find(channel_id);
  if (found == places_.end() || found->second->change_seq != change_seq) {
    return nullptr;
  }
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->page;
}

void tail_cache::keep(std::int64_t channel_id, std::int64_t change_seq, std::shared_ptr<const std::string> page) {
  if (const auto found = places_.find(channel_id); found != places_.end()) {
    if (found->second->change_seq >= change_seq) {
      return;
    }
    drop(found->second);
  }
  if (page->size() > bytes_max_) {
    return;
  }
  bytes_ += page->size();
  by_use_.push_front({channel_id, change_seq, std::move(page)});
  places_.emplace(channel_id, by_use_.begin());
  while (bytes_ > bytes_max_) {
    drop(std::prev(by_use_.end()));
  }
}

void tail_cache::drop(std::list<entry>::iterator which) {
  bytes_ -= which->page->size();
  places_.erase(which->channel_id);
  by_use_.erase(which);
}

}  // namespace meridian::messaging
