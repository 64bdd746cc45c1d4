// One live connection of a person, as the hub keeps it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/event.hpp"
#include "http/websocket.hpp"
#include "identity/principal.hpp"
#include "realtime/follower_set.hpp"

namespace meridian::realtime {

class hub;

// Somebody who has shown a session.
struct admission {
  identity::principal who;
  std::string token_hash;
};

// Ids, ascending, each once; small.
class id_set {
 public:
  bool add(std::int64_t id);
  bool remove(std::int64_t id);
  bool has(std::int64_t id) const;
  std::size_t size() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }
  auto begin() const { return ids_.begin(); }
  auto end() const { return ids_.end(); }
  std::vector<std::int64_t> take() { return std::exchange(ids_, {}); }
  void shrink() { ids_.shrink_to_fit(); }

 private:
  std::vector<std::int64_t> ids_;
};

// Belongs to its connection, on the hub's lane; the hub knows it from begin() to ended() and keeps its numbers in it.
// One that rests costs some hundred bytes: no timer, no coroutine, no buffer.
class live_client final : public http::websocket_listener, public follower {
 public:
  using clock = std::chrono::steady_clock;

  // `all` outlives it. Without an admission, the first frame has to bring one.
  explicit live_client(hub& all) : hub_(all) {}
  live_client(hub& all, const admission& admitted);

  void begin(http::websocket& connection) override;
  void on_text(std::string_view text) override;
  http::shared_frame farewell(http::close_code code) override;
  void ended() noexcept override;

  void admit(const admission& admitted);
  bool is_admitted() const { return profile_id != 0; }
  bool is_greeted() const { return is_admitted() && !before_hello; }
  std::string session_hash() const { return {token_hash.begin(), token_hash.end()}; }

  // For the hub only.
  http::websocket* socket = nullptr;
  std::int64_t profile_id = 0;             // 0: not signed in yet
  const topology::region* home = nullptr;  // where the session rests
  std::array<char, 32> token_hash{};
  clock::time_point confirmed_at;  // when the session last held; of who is not signed in: when he came
  clock::time_point typed_at;
  id_set channels;         // that are followed
  id_set visits;           // of those, the ones that the profile is not in
  id_set looks;            // of those, the ones that are open before its eyes
  id_set watched;          // profiles
  id_set wanted_channels;  // whose answer is under way, as below
  id_set wanted_profiles;
  std::unique_ptr<std::vector<bus::shared_event>> before_hello;  // what the profile is to hear behind it
  std::uint32_t slot = 0;
  std::uint32_t missing_regions = 0;  // a bit for each number
  std::uint8_t operations = 0;        // under way for it
  bool is_refreshing = false;

 private:
  hub& hub_;
};

}  // namespace meridian::realtime
