// What a member of a workspace is, and whom that lets him change.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace meridian::messaging {

// Each may do what those before it may. The order is that of meridian.role_rank() in SQL.
enum class role { guest, member, admin, owner };

std::string_view to_string(role rank);

// As rows and JSON spell it; none for anything else.
std::optional<role> find_role(std::string_view word);

}  // namespace meridian::messaging
