#include "realtime/live_client.hpp"

#include <algorithm>

#include "realtime/hub.hpp"

namespace meridian::realtime {

bool id_set::add(std::int64_t id) {
  const auto at = std::ranges::lower_bound(ids_, id);
  if (at != ids_.end() && *at == id) {
    return false;
  }
  ids_.insert(at, id);
  return true;
}

bool id_set::remove(std::int64_t id) {
  const auto at = std::ranges::lower_bound(ids_, id);
  if (at == ids_.end() || *at != id) {
    return false;
  }
  ids_.erase(at);
  return true;
}

bool id_set::has(std::int64_t id) const {
  return std::ranges::binary_search(ids_, id);
}

live_client::live_client(hub& all, const admission& admitted) : hub_(all) {
  admit(admitted);
}

void live_client::admit(const admission& admitted) {
  profile_id = admitted.who.profile_id;
  home = admitted.who.home;
  std::copy_n(admitted.token_hash.begin(), std::min(admitted.token_hash.size(), token_hash.size()), token_hash.begin());
  confirmed_at = clock::now();
  before_hello = std::make_unique<std::vector<bus::shared_event>>();
}

void live_client::begin(http::websocket& connection) {
  socket = &connection;
  hub_.begin(*this);
}

void live_client::on_text(std::string_view text) {
  hub_.on_text(*this, text);
}

http::shared_frame live_client::farewell(http::close_code code) {
  return hub_.farewell(code);
}

void live_client::ended() noexcept {
  hub_.end(*this);
}

}  // namespace meridian::realtime
