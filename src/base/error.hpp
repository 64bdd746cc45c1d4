// What can go wrong, in one vocabulary for the whole system.
#pragma once

#include <string>
#include <string_view>

namespace meridian {

// The meaning of a failure, not its place. SQLSTATEs are mapped in once (pg/sqlstate) and HTTP statuses out once
// (http/problem), so that nothing between them knows either.
enum class errc {
  invalid_argument,
  unauthenticated,
  forbidden,
  not_found,
  conflict,
  stale,  // the row has another version than the caller knows
  too_large,
  rate_limited,
  overloaded,
  timed_out,
  unavailable,
  wrong_region,
  cancelled,
  retry,
  internal,
  unprepared,  // the database has not the schema for it, or not all of it
};

std::string_view to_string(errc code);

// An expected failure. `message` says what happened, in a sentence without a final stop; `remedy`, where there is one,
// says what to do next. Both may be shown to a person; neither holds a secret.
struct error {
  errc code = errc::internal;
  std::string message;
  std::string remedy;
  // Of the request, where one is at fault. (The initialiser lets it be left out of braces.)
  std::string field = {};  // NOLINT(readability-redundant-member-init)
};

// "message", or "message\n  remedy" when there is one: what a command prints.
std::string to_string(const error& failure);

}  // namespace meridian
