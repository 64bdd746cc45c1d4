#include "identity/session_guard.hpp"

#include <unordered_set>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "identity/credentials.hpp"
#include "identity/network.hpp"
#include "identity/queries.hpp"

namespace meridian::identity {
namespace {

namespace asio = boost::asio;

// Of one statement; far below what an array of arguments may hold.
constexpr std::size_t hashes_max = 10'000;

error signed_out() {
  return {
      errc::unauthenticated, "this needs a session, and there is none, or it has expired or was ended",
      "Sign in: POST /v1/sessions, then send \"Authorization: Bearer TOKEN\"."
  };
}

task<http::response> refuse(error why) {
  co_return why;
}

bool is_over(const principal& who) {
  return who.session_expires_at <= std::chrono::system_clock::now();
}

principal principal_in(const pg::row& row, const topology::region& home) {
  principal who;
  who.session_number = session_number_of(row.get<pg::bytes>(0).octets);
  who.profile_id = row.get<std::int64_t>(1);
  who.main_profile_id = row.get<std::int64_t>(2);
  who.session_expires_at = row.get<timestamp>(3);
  who.home = &home;
  return who;
}

}  // namespace

session_guard::session_guard(residency::regions& where, guard_settings settings)
    : regions_(where), settings_(std::move(settings)), cache_(settings_.sessions_max, settings_.trusted_time_max) {}

http::handler session_guard::signed_in(handler handle) {
  auto shared = std::make_shared<const handler>(std::move(handle));
  return [this, shared = std::move(shared)](http::request received) -> task<http::response> {
    const auto presented = token_of(received);
    if (!presented) {
      return refuse(presented.error());
    }
    auto token = parse_token(*presented);
    if (!token) {
      return refuse(signed_out());
    }
    if (const auto* known = cache_.find(token->hash, clock::now())) {
      return admit(*shared, std::move(received), *known);
    }
    return admit_unknown(shared, std::move(received), std::move(*token));
  };
}

bool session_guard::may_request(std::int64_t profile_id) {
  return !settings_.requests || settings_.requests->take(static_cast<std::uint64_t>(profile_id), clock::now());
}

// No coroutine: most requests pass here, and a frame less is a frame less.
task<http::response> session_guard::admit(const handler& handle, http::request received, const principal& who) {
  if (is_over(who)) {
    return refuse(signed_out());
  }
  if (!may_request(who.profile_id)) {
    error too_many{errc::rate_limited, "this profile asks too often", "Send fewer requests a second."};
    return refuse(std::move(too_many));
  }
  return handle(std::move(received), who);
}

task<http::response> session_guard::admit_unknown(
    std::shared_ptr<const handler> handle, http::request received, known_token token
) {
  const auto until = received.until;
  const auto network = network_key(received.peer_address);
  if (!may_ask(network)) {
    co_return error{errc::rate_limited, "there are too many unknown sessions from this address", "Wait a minute."};
  }
  const auto who = co_await look_up(std::move(token), until);
  if (!who) {
    // Each costs a statement, and perhaps an ocean; those that hold cost nothing.
    if (who.error().code == errc::unauthenticated && settings_.strangers) {
      settings_.strangers->take(network, clock::now());
    }
    co_return who.error();
  }
  co_return co_await admit(*handle, std::move(received), *who);
}

bool session_guard::may_ask(std::uint64_t network) const {
  return !settings_.strangers || settings_.strangers->has_token(network, clock::now());
}

task<principal> session_guard::principal_of(std::string token, deadline until) {
  auto parsed = parse_token(token);
  if (!parsed) {
    co_return signed_out();
  }
  const auto* known = cache_.find(parsed->hash, clock::now());
  if (known == nullptr) {
    co_return co_await look_up(std::move(*parsed), until);
  }
  if (is_over(*known)) {
    co_return signed_out();
  }
  co_return *known;
}

task<principal> session_guard::look_up(known_token token, deadline until) {
  const auto* home = regions_.find(token.region_number);
  if (home == nullptr) {
    co_return signed_out();
  }
  const auto asked_at = clock::now();
  std::vector<pg::bytes> hashes(1);
  hashes[0].octets = token.hash;
  pg::arguments with(hashes);
  MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(*home, queries::confirm_sessions, std::move(with), until));
  if (rows.empty()) {
    cache_.forget(session_number_of(token.hash));
    co_return signed_out();
  }
  const auto who = principal_in(rows[0], *home);
  cache_.keep(token.hash, who, asked_at);
  co_return who;
}

task<void> session_guard::run() {
  next_round_ = std::make_unique<asio::steady_timer>(co_await asio::this_coro::executor);
  while (!is_stopped_) {
    next_round_->expires_after(settings_.round_interval);
    boost::system::error_code woken;
    co_await next_round_->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!is_stopped_) {
      MERIDIAN_CO_CHECK(co_await confirm_used());
    }
  }
  next_round_.reset();
  co_return result<void>();
}

void session_guard::stop() {
  is_stopped_ = true;
  if (next_round_) {
    next_round_->cancel();
  }
}

task<void> session_guard::confirm_used() {
  std::vector<task<void>> questions;
  for (auto& [where, hashes] : cache_.take_used()) {
    while (hashes.size() > hashes_max) {
      std::vector<std::string> some(hashes.end() - hashes_max, hashes.end());
      hashes.resize(hashes.size() - hashes_max);
      questions.push_back(confirm(*where, std::move(some)));
    }
    questions.push_back(confirm(*where, std::move(hashes)));
  }
  co_return co_await meridian::all(std::move(questions));
}

task<std::vector<std::string>> session_guard::list_holding(
    const topology::region& where, std::vector<std::string> hashes, deadline until
) {
  std::vector<std::string> holding;
  for (std::size_t at = 0; at < hashes.size(); at += hashes_max) {
    std::vector<pg::bytes> asked(std::min(hashes_max, hashes.size() - at));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      asked[i].octets = hashes[at + i];
    }
    pg::arguments with(asked);
    MERIDIAN_CO_TRY(const auto rows, co_await regions_.run(where, queries::confirm_sessions, std::move(with), until));
    for (const auto row : rows) {
      holding.push_back(row.get<pg::bytes>(0).octets);
    }
  }
  co_return holding;
}

task<void> session_guard::confirm(const topology::region& where, std::vector<std::string> hashes) {
  const auto asked_at = clock::now();
  auto copy = hashes;
  const auto holding = co_await list_holding(where, std::move(copy), deadline::in(settings_.round_time_max));
  if (!holding) {
    co_return result<void>();  // what is not confirmed soon is looked up again, and then somebody is told
  }
  const std::unordered_set<std::string> confirmed(holding->begin(), holding->end());
  for (const auto& hash : hashes) {
    if (confirmed.contains(hash)) {
      cache_.confirm(hash, asked_at);
    } else {
      cache_.forget(session_number_of(hash));
    }
  }
  co_return result<void>();
}

}  // namespace meridian::identity
