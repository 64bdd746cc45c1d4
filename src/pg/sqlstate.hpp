// The one place that turns PostgreSQL's error codes into ours.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace meridian::pg {

// `code` is a SQLSTATE of five letters (PostgreSQL manual, appendix A; YugabyteDB uses the same); an unknown one is
// internal.
errc errc_of_sqlstate(std::string_view code);

}  // namespace meridian::pg
