#include "identity/session_cache.hpp"

#include "identity/token.hpp"

namespace meridian::identity {

session_cache::entry* session_cache::look(std::string_view hash) {
  const auto found = places_.find(session_number_of(hash));
  return found == places_.end() || found->second->hash != hash ? nullptr : &*found->second;
}

const principal* session_cache::find(std::string_view hash, clock::time_point now) {
  auto* const found = look(hash);
  if (found == nullptr || now - found->asked_at >= trusted_time_max_) {
    return nullptr;
  }
  found->is_used = true;
  by_use_.splice(by_use_.begin(), by_use_, places_.at(found->who.session_number));
  return &found->who;
}

void session_cache::keep(std::string_view hash, const principal& who, clock::time_point asked_at) {
  if (auto* const found = look(hash)) {
    found->who = who;
    found->asked_at = std::max(found->asked_at, asked_at);
    found->is_used = true;
    return;
  }
  forget(who.session_number);
  if (places_.size() >= count_max_) {
    places_.erase(by_use_.back().who.session_number);
    by_use_.pop_back();
  }
  by_use_.push_front(entry{std::string(hash), who, asked_at, true});
  places_.emplace(who.session_number, by_use_.begin());
}

void session_cache::confirm(std::string_view hash, clock::time_point asked_at) {
  if (auto* const found = look(hash)) {
    found->asked_at = std::max(found->asked_at, asked_at);
  }
}

void session_cache::forget(std::uint64_t session_number) {
  if (const auto found = places_.find(session_number); found != places_.end()) {
    by_use_.erase(found->second);
    places_.erase(found);
  }
}

std::map<const topology::region*, std::vector<std::string>> session_cache::take_used() {
  // The used ones are at the front: whatever is used goes there.
  std::map<const topology::region*, std::vector<std::string>> used;
  for (auto& one : by_use_) {
    if (!one.is_used) {
      break;
    }
    one.is_used = false;
    used[one.who.home].push_back(one.hash);
  }
  return used;
}

}  // namespace meridian::identity
