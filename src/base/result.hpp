// A value or the reason why there is none.
#pragma once

#include <utility>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "base/error.hpp"

namespace meridian {

// Reading the value of a failed result throws std::logic_error: that is a bug, not a failure.
template <class T>
using result = boost::system::result<T, error>;

// Found by argument-dependent lookup from boost::system::result.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

}  // namespace meridian

// MERIDIAN_TRY(auto rows, read_rows()) names the value or returns the error; MERIDIAN_CO_TRY does so in a coroutine.
// MERIDIAN_CHECK(f()) and MERIDIAN_CO_CHECK(co_await f()) are for a result without a value.
#define MERIDIAN_JOIN_(a, b) a##b
#define MERIDIAN_JOIN(a, b) MERIDIAN_JOIN_(a, b)
#define MERIDIAN_TRY_WITH(leave, name, declaration, ...) \
  auto name = __VA_ARGS__;                               \
  if (!name) {                                           \
    leave std::move(name).error();                       \
  }                                                      \
  declaration = std::move(*name)
#define MERIDIAN_TRY(declaration, ...) \
  MERIDIAN_TRY_WITH(return, MERIDIAN_JOIN(result_, __LINE__), declaration, __VA_ARGS__)
#define MERIDIAN_CO_TRY(declaration, ...) \
  MERIDIAN_TRY_WITH(co_return, MERIDIAN_JOIN(result_, __LINE__), declaration, __VA_ARGS__)
#define MERIDIAN_CHECK_WITH(leave, ...)         \
  do {                                          \
    if (auto checked = __VA_ARGS__; !checked) { \
      leave std::move(checked).error();         \
    }                                           \
  } while (false)
#define MERIDIAN_CHECK(...) MERIDIAN_CHECK_WITH(return, __VA_ARGS__)
#define MERIDIAN_CO_CHECK(...) MERIDIAN_CHECK_WITH(co_return, __VA_ARGS__)
