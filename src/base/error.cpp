#include "base/error.hpp"

#include <stdexcept>

#include "base/result.hpp"

namespace meridian {

std::string_view to_string(errc code) {
  switch (code) {
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::unauthenticated:
      return "unauthenticated";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not_found";
    case errc::conflict:
      return "conflict";
    case errc::stale:
      return "stale";
    case errc::too_large:
      return "too_large";
    case errc::rate_limited:
      return "rate_limited";
    case errc::overloaded:
      return "overloaded";
    case errc::timed_out:
      return "timed_out";
    case errc::unavailable:
      return "unavailable";
    case errc::unprepared:
      return "unprepared";
    case errc::wrong_region:
      return "wrong_region";
    case errc::cancelled:
      return "cancelled";
    case errc::retry:
      return "retry";
    case errc::internal:
      return "internal";
  }
  return "internal";
}

std::string to_string(const error& failure) {
  return failure.remedy.empty() ? failure.message : failure.message + "\n  " + failure.remedy;
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  throw std::logic_error(
      "result read without a check at " + std::string(where.file_name()) + ":" + std::to_string(where.line()) + ": " +
      failure.message
  );
}

}  // namespace meridian
