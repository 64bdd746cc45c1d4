// The guard that knows sessions by the database where they rest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "identity/guard.hpp"
#include "identity/session_cache.hpp"
#include "identity/token.hpp"
#include "residency/regions.hpp"
#include "runtime/rate_limiter.hpp"

namespace meridian::identity {

// A session that was ended anywhere is refused everywhere within 5 s: what is in use is confirmed every
// `round_interval`, and a confirmation counts for `trusted_time_max` from the moment when it was asked for.
struct guard_settings {
  std::chrono::milliseconds trusted_time_max{4500};
  std::chrono::milliseconds round_interval{2000};
  std::chrono::milliseconds round_time_max{1500};
  std::size_t sessions_max = 100'000;
  std::shared_ptr<rate_limiter> requests;  // by profile, over all lanes; none: no limit
  std::shared_ptr<rate_limiter>
      strangers;  // tokens that nobody has, by the address that they come from; none: no limit
};

// One for each lane. The first request of a session costs a statement at the region that its token names; then requests
// cost none for as long as the session is used every few seconds.
class session_guard : public guard {
 public:
  explicit session_guard(residency::regions& where, guard_settings settings = {});

  http::handler signed_in(handler handle) override;
  void forget(std::uint64_t session_number) override { cache_.forget(session_number); }

  // Whether the profile may ask for something now, by the limit of its requests.
  bool may_request(std::int64_t profile_id);

  // For what is not a request of its own, such as a live socket that asks again every few seconds: confirmed within
  // the last 5 s. unauthenticated, unavailable.
  task<principal> principal_of(std::string token, deadline until);

  // Which of these sessions of a region hold now, by their hashes: for those who hold many connections, one statement
  // for every 10,000. unavailable.
  task<std::vector<std::string>> list_holding(
      const topology::region& where, std::vector<std::string> hashes, deadline until
  );

  // Confirms what is in use until stop(); to be started once, on the lane.
  task<void> run();
  void stop();

  std::size_t session_count() const { return cache_.size(); }

 private:
  using clock = session_cache::clock;

  task<http::response> admit_unknown(std::shared_ptr<const handler> handle, http::request received, known_token token);
  bool may_ask(std::uint64_t network) const;
  task<http::response> admit(const handler& handle, http::request received, const principal& who);
  task<principal> look_up(known_token token, deadline until);
  task<void> confirm_used();
  task<void> confirm(const topology::region& where, std::vector<std::string> hashes);

  residency::regions& regions_;
  guard_settings settings_;
  session_cache cache_;
  std::unique_ptr<boost::asio::steady_timer> next_round_;
  bool is_stopped_ = false;
};

}  // namespace meridian::identity
