#include "identity/account_service.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"
#include "identity/email.hpp"
#include "identity/token.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

using namespace std::chrono_literals;

// Addresses whose failures are remembered, on each lane: 200 bytes each.
constexpr std::size_t addresses_max = 100'000;

error wrong_credentials() {
  return {
      errc::unauthenticated, "there is no account with this e-mail address and password",
      "After many wrong passwords the right one is not taken either, for up to 15 minutes."
  };
}

error wrong_password(std::string_view field) {
  return {errc::forbidden, "the password is wrong", "", std::string(field)};
}

error no_account() {
  return {errc::forbidden, "this profile has no password", ""};
}

result<void> check_size(std::string_view text, std::size_t least, std::size_t most, std::string_view field) {
  const auto is_first_of_letter = [](char octet) { return (octet & 0xC0) != 0x80; };
  const auto letters = static_cast<std::size_t>(std::ranges::count_if(text, is_first_of_letter));
  if (letters < least || letters > most) {
    return error{
        errc::invalid_argument, fmt::format("{} has {} characters", field, letters),
        least == 0 ? fmt::format("Accepted: at most {} characters.", most)
                   : fmt::format("Accepted: {} to {} characters.", least, most),
        std::string(field)
    };
  }
  return {};
}

}  // namespace

result<void> check_password_choice(std::string_view password, std::string_view email, std::string_view field) {
  MERIDIAN_CHECK(check_size(password, password_size_min, password_size_max, field));
  if (normalised_email(password) == normalised_email(email)) {
    return error{
        errc::invalid_argument, "the password is the e-mail address", "Choose one that others don't know.",
        std::string(field)
    };
  }
  return {};
}

result<void> check_new_account(const new_account& wish) {
  MERIDIAN_CHECK(check_size(wish.full_name, 1, name_size_max, "full_name"));
  MERIDIAN_CHECK(check_email(wish.email));
  MERIDIAN_CHECK(check_password_choice(wish.password, wish.email, "password"));
  MERIDIAN_CHECK(check_size(wish.phone.value_or(""), 0, phone_size_max, "phone"));
  return check_size(wish.title, 0, title_size_max, "title");
}

account_service::account_service(residency::regions& where, cpu_pool& pool, account_settings settings)
    : regions_(where),
      pool_(pool),
      settings_(std::move(settings)),
      store_(where),
      claims_(where),
      zones_(where),
      failures_(settings_.failures_max, addresses_max) {}

std::string account_service::digest_of(std::string_view email) const {
  return email_digest(settings_.digest_key, email);
}

std::string account_service::nobodys_hash() {
  return "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

account_store::session_limits account_service::limits() const {
  account_store::session_limits limits;
  limits.duration = settings_.session_duration;
  limits.count_max = settings_.sessions_max;
  return limits;
}

task<bool> account_service::is_right(std::string hash, std::string password, deadline until) {
  std::function<bool()> work = [hash = std::move(hash), password = std::move(password)] {
    return is_password(hash, password);
  };
  co_return co_await pool_.run(std::move(work), until);
}

task<std::string> account_service::hash_of(std::string password, deadline until) {
  std::function<std::string()> work = [password = std::move(password)] { return hash_password(password); };
  co_return co_await pool_.run(std::move(work), until);
}

task<sign_in_outcome> account_service::sign_in(std::string email, std::string password, deadline until) {
  const auto refused_at = deadline::in(settings_.refusal_time_min);
  auto outcome = co_await try_sign_in(digest_of(email), std::move(password), until);
  const bool is_refusal = outcome ? !outcome->opened : outcome.error().code == errc::unauthenticated;
  if (is_refusal) {
    co_await pause(refused_at.left());
  }
  co_return outcome;
}

task<sign_in_outcome> account_service::try_sign_in(std::string digest, std::string password, deadline until) {
  MERIDIAN_CO_TRY(auto account, co_await store_.find_account(digest, until));
  sign_in_outcome outcome;
  if (account && !account->is_active) {
    account.reset();  // as if it were not there
  }
  // What this lane counted, for addresses with an account and without alike. A lock that other lanes made is no word:
  // it would tell that there is an account.
  outcome.locked = failures_.locked_for(digest, failure_log::clock::now());
  if (outcome.locked > 0s) {
    co_return outcome;
  }
  MERIDIAN_CO_TRY(
      const bool right, co_await is_right(account ? account->password_hash : nobodys_hash(), password, until)
  );
  if (!account || !right || account->locked > 0s) {
    failures_.fail(digest, failure_log::clock::now());
    if (account && !right) {
      MERIDIAN_CO_CHECK(co_await store_.count_failure(std::move(*account), settings_.failures_max, until));
    }
    co_return wrong_credentials();
  }
  failures_.forget(digest);
  std::optional<std::string> new_hash;
  if (needs_rehash(account->password_hash)) {
    MERIDIAN_CO_TRY(new_hash, co_await hash_of(std::move(password), until));
  }
  MERIDIAN_CO_TRY(
      outcome.opened, co_await store_.open_session(std::move(*account), std::move(new_hash), limits(), until)
  );
  co_return outcome;
}

task<opened_session> account_service::switch_profile(principal who, std::int64_t profile_id, deadline until) {
  MERIDIAN_CO_TRY(auto opened, co_await store_.switch_profile(profile_id, who, limits(), until));
  // A session that was ended seconds ago may still be trusted on this lane. It opens no other: not even its token is
  // told.
  MERIDIAN_CO_TRY(const auto own, co_await store_.list_sessions(who, until));
  if (std::ranges::find(own, who.session_number, &session_facts::number) == own.end()) {
    principal stray;
    stray.profile_id = opened.who.id;
    stray.home = opened.who.home;
    MERIDIAN_CO_CHECK(co_await store_.end_session(stray, session_number_of(sha256(opened.token)), until));
    co_return error{errc::unauthenticated, "the session was ended", "Sign in again."};
  }
  co_return opened;
}

task<std::vector<session_facts>> account_service::list_sessions(principal who, deadline until) {
  co_return co_await store_.list_sessions(who, until);
}

task<void> account_service::end_session(principal who, std::uint64_t number, deadline until) {
  co_return co_await store_.end_session(who, number, until);
}

task<made_account> account_service::sign_up(new_account wish, std::optional<principal> who, deadline until) {
  wish.full_name = trimmed(wish.full_name);
  wish.email = trimmed(wish.email);
  MERIDIAN_CO_CHECK(check_new_account(wish));
  const auto* home = regions_.find_of_country(wish.country);
  if (home == nullptr) {
    co_return error{
        errc::invalid_argument, "country is not known", "Accepted: a country's name or its ISO 3166-1 code.", "country"
    };
  }
  if (wish.time_zone) {
    MERIDIAN_CO_CHECK(co_await zones_.check(*wish.time_zone, until));
  }
  if (settings_.invitations != nullptr) {
    MERIDIAN_CO_CHECK(co_await settings_.invitations->check(wish.invitation.value_or(""), until));
  }
  account_store::account_row row;
  MERIDIAN_CO_TRY(row.password_hash, co_await hash_of(wish.password, until));
  row.country = regions_.world().find_country(wish.country)->name;
  row.email_digest = digest_of(wish.email);
  if (who) {
    row.main_profile_id = who->main_profile_id;
    row.actor_id = who->profile_id;
  }
  // Far sooner than a claim without an account may be taken over.
  const auto claimed_until = until.sooner(20s);
  auto claim = co_await claims_.take(row.email_digest, std::nullopt, *home, claimed_until);
  if (!claim) {
    co_return co_await find_repeat(std::move(wish), row.email_digest, std::move(claim).error(), until);
  }
  row.id = claim->holder_id;
  co_return co_await create(std::move(wish), *home, std::move(row), claimed_until);
}

task<made_account> account_service::find_repeat(new_account wish, std::string digest, error otherwise, deadline until) {
  if (otherwise.code != errc::conflict || !wish.creation_key) {
    co_return otherwise;
  }
  MERIDIAN_CO_TRY(const auto account, co_await store_.find_account(digest, until));
  if (!account || account->creation_key != wish.creation_key) {
    co_return otherwise;
  }
  // A key is no secret: the password is what tells that it is the same person.
  MERIDIAN_CO_TRY(const bool right, co_await is_right(account->password_hash, wish.password, until));
  if (!right) {
    co_return otherwise;
  }
  made_account found;
  MERIDIAN_CO_TRY(found.who, co_await store_.get_person(account->profile_id, *account->home, until));
  found.is_repeat = true;
  co_return found;
}

task<made_account> account_service::create(
    new_account wish, const topology::region& home, account_store::account_row row, deadline until
) {
  const auto digest = row.email_digest;
  const auto id = row.id;
  auto created = co_await store_.create_account(home, std::move(wish), std::move(row), until);
  if (created) {
    made_account made;
    made.who = std::move(*created);
    co_return made;
  }
  // Where it may have been made all the same, the claim stays: an orphan is taken over after a minute.
  const auto code = created.error().code;
  if (code != errc::unavailable && code != errc::timed_out && code != errc::cancelled) {
    if (const auto released = co_await claims_.release(digest, id, std::nullopt, until); !released) {
      log::warning("identity", "a claim stays without an account: {}", released.error().message);
    }
  }
  co_return std::move(created).error();
}

task<account_facts> account_service::get_unlocked(
    std::int64_t profile_id, const topology::region& home, deadline until
) {
  auto account = co_await store_.get_account(profile_id, home, until);
  if (!account) {
    co_return account.error().code == errc::not_found ? no_account() : std::move(account).error();
  }
  if (account->locked > 0s) {
    co_return error{
        errc::rate_limited, "there were too many wrong passwords",
        fmt::format("Try again in {} s.", account->locked.count())
    };
  }
  co_return std::move(*account);
}

task<account_facts> account_service::check_password(
    std::int64_t profile_id, const topology::region& home, std::string password, deadline until
) {
  MERIDIAN_CO_TRY(auto account, co_await get_unlocked(profile_id, home, until));
  MERIDIAN_CO_TRY(const bool right, co_await is_right(account.password_hash, std::move(password), until));
  if (!right) {
    MERIDIAN_CO_CHECK(co_await store_.count_failure(account, settings_.failures_max, until));
    co_return wrong_password("password");
  }
  co_return account;
}

task<void> account_service::change_password(principal who, std::string current, std::string wanted, deadline until) {
  MERIDIAN_CO_TRY(const auto person, co_await store_.get_person(who.profile_id, *who.home, until));
  MERIDIAN_CO_CHECK(check_password_choice(wanted, person.email, "new_password"));
  MERIDIAN_CO_TRY(auto account, co_await get_unlocked(who.profile_id, *who.home, until));
  MERIDIAN_CO_TRY(const bool right, co_await is_right(account.password_hash, std::move(current), until));
  if (right) {
    MERIDIAN_CO_TRY(auto hash, co_await hash_of(std::move(wanted), until));
    MERIDIAN_CO_CHECK(co_await store_.change_password(who, account.password_hash, std::move(hash), until));
  } else {
    // A repeat, whose first answer was lost, names the password of before. It tells no more than signing in does.
    MERIDIAN_CO_TRY(const bool is_repeat, co_await is_right(account.password_hash, std::move(wanted), until));
    if (!is_repeat) {
      MERIDIAN_CO_CHECK(co_await store_.count_failure(std::move(account), settings_.failures_max, until));
      co_return wrong_password("current_password");
    }
  }
  co_return co_await end_other_sessions(who, until);
}

task<void> account_service::end_other_sessions(principal who, deadline until) {
  // Twice: while the first goes through the regions, a session where it has not been yet may open one where it was.
  MERIDIAN_CO_CHECK(co_await store_.end_other_sessions(who, until));
  co_return co_await store_.end_other_sessions(who, until);
}

}  // namespace meridian::identity
