#include "identity/email_claims.hpp"

#include "identity/queries.hpp"

namespace meridian::identity {
namespace {

pg::bytes bytes_of(const std::string& octets) {
  pg::bytes made;
  made.octets = octets;
  return made;
}

error about_to_be_taken() {
  return {errc::retry, "somebody is about to use this e-mail address", "Try again in a minute.", "email"};
}

// The statement goes to the node here, which passes it on to the region that keeps the claim: only that one is known to
// be missing.
error with_place(error failure) {
  if (failure.code == errc::unavailable || failure.code == errc::timed_out) {
    failure.message = "the region that keeps track of this e-mail address does not answer";
    failure.remedy = "Try again later; other addresses are not concerned.";
  }
  return failure;
}

}  // namespace

task<email_claim> email_claims::take(
    std::string digest, std::optional<std::int64_t> holder_id, const topology::region& home, deadline until
) {
  pg::arguments with(bytes_of(digest), holder_id, std::int32_t{home.number});
  auto tried = co_await regions_.run(regions_.here(), queries::claim_email, std::move(with), until);
  if (!tried) {
    co_return with_place(std::move(tried).error());
  }
  if (tried->empty()) {
    co_return about_to_be_taken();
  }
  const auto row = (*tried)[0];
  email_claim claim{digest, row.get<std::int64_t>(0), row.get<timestamp>(2)};
  if (row.get<bool>(1)) {
    co_return claim;
  }
  pg::arguments asked(bytes_of(digest));
  MERIDIAN_CO_TRY(const auto used, co_await regions_.find_first(queries::find_account, std::move(asked), until));
  if (used) {
    if (used->rows[0].get<std::int64_t>(0) == holder_id) {
      co_return claim;
    }
    co_return error{errc::conflict, "this e-mail address has an account", "Sign in, or use another one.", "email"};
  }
  if (!row.get<bool>(3) && claim.holder_id != holder_id) {
    co_return about_to_be_taken();
  }
  pg::arguments over(bytes_of(digest), claim.holder_id, holder_id, std::int32_t{home.number});
  auto taken = co_await regions_.run(regions_.here(), queries::take_over_claim, std::move(over), until);
  if (!taken) {
    co_return with_place(std::move(taken).error());
  }
  if (taken->empty()) {
    co_return about_to_be_taken();
  }
  claim.holder_id = (*taken)[0].get<std::int64_t>(0);
  claim.claimed_at = (*taken)[0].get<timestamp>(1);
  co_return claim;
}

task<void> email_claims::release(
    std::string digest, std::int64_t holder_id, std::optional<timestamp> made_before, deadline until
) {
  pg::arguments with(bytes_of(digest), holder_id, made_before);
  auto done = co_await regions_.run(regions_.here(), queries::release_claim, std::move(with), until);
  if (!done) {
    co_return with_place(std::move(done).error());
  }
  co_return result<void>();
}

}  // namespace meridian::identity
