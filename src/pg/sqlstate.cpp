#include "pg/sqlstate.hpp"

#include <array>

namespace meridian::pg {
namespace {

struct meaning {
  std::string_view prefix;
  errc code;
};

// The first prefix that fits decides: single codes before their class.
constexpr std::array meanings{
    meaning{"08", errc::unavailable},                                        // connection exception
    meaning{"22", errc::invalid_argument},                                   // data exception
    meaning{"23503", errc::not_found},                                       // foreign key: what it names is not there
    meaning{"23505", errc::conflict},                                        // unique
    meaning{"23", errc::invalid_argument},                                   // other constraints
    meaning{"25006", errc::wrong_region},                                    // a write on a read-only node
    meaning{"28", errc::unauthenticated},  meaning{"40001", errc::retry},    // serialization failure
    meaning{"3F000", errc::unprepared},                                      // no such schema
    meaning{"40P01", errc::retry},                                           // deadlock
    meaning{"42703", errc::unprepared},                                      // no such column
    meaning{"42883", errc::unprepared},                                      // no such function
    meaning{"42P01", errc::unprepared},                                      // no such table
    meaning{"42501", errc::forbidden},     meaning{"53", errc::overloaded},  // insufficient resources
    meaning{"55P03", errc::conflict},                                        // lock not available
    meaning{"57014", errc::timed_out},                                       // statement_timeout, or cancelled
    meaning{"57P", errc::unavailable},                                       // shutting down, starting up
    meaning{"58", errc::unavailable},                                        // system error
    meaning{"HV00N", errc::unavailable}                                      // postgres_fdw can't reach the other node
};

}  // namespace

errc errc_of_sqlstate(std::string_view code) {
  for (const auto& [prefix, meant] : meanings) {
    if (code.starts_with(prefix)) {
      return meant;
    }
  }
  return errc::internal;
}

}  // namespace meridian::pg
