#include "identity/enrollment.hpp"

#include "base/log.hpp"
#include "identity/email.hpp"
#include "identity/email_claims.hpp"
#include "identity/queries.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

struct sample_person {
  std::int64_t id = 0;
  std::string digest;
  const topology::region* home = nullptr;
};

pg::bytes bytes_of(const std::string& octets) {
  pg::bytes made;
  made.octets = octets;
  return made;
}

task<void> enroll(residency::regions& where, cpu_pool& pool, sample_person who, std::string password, deadline until) {
  email_claims claims(where);
  const auto claim = co_await claims.take(who.digest, who.id, *who.home, until);
  if (!claim && claim.error().code == errc::conflict) {
    log::warning("identity", "sample profile {} gets no account: another one has its e-mail address", who.id);
    co_return result<void>();
  }
  if (!claim) {
    co_return claim.error();
  }
  std::function<std::string()> work = [password = std::move(password)] { return hash_password(password); };
  MERIDIAN_CO_TRY(const auto hash, co_await pool.run(std::move(work), until));
  pg::arguments with(who.id, hash, bytes_of(who.digest));
  MERIDIAN_CO_CHECK(co_await where.run(*who.home, queries::enroll_person, std::move(with), until));
  co_return result<void>();
}

}  // namespace

task<int> enroll_sample_people(residency::regions& where, cpu_pool& pool, enrollment wish, deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(const auto found, co_await where.ask_all(queries::list_sample_people, std::move(none), until));
  if (!found.missing.empty()) {
    co_return found.missing.front().why;
  }
  int count = 0;
  std::vector<task<void>> enrollments;
  for (const auto& answer : found.answers) {
    for (const auto row : answer.rows) {
      sample_person who{row.get<std::int64_t>(0), email_digest(wish.digest_key, row.get<std::string>(1)), answer.where};
      const auto known_digest = row.get<std::optional<pg::bytes>>(2);
      ++count;
      if (wish.is_new || !known_digest || known_digest->octets != who.digest) {
        enrollments.push_back(enroll(where, pool, std::move(who), wish.password, until));
      }
    }
  }
  MERIDIAN_CO_CHECK(co_await meridian::all(std::move(enrollments)));
  co_return count;
}

}  // namespace meridian::identity
