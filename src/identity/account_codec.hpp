// Sessions and accounts as JSON.
#pragma once

#include <string>
#include <vector>

#include "identity/account.hpp"
#include "json/reader.hpp"

namespace meridian::identity {

// {token, expires_at, profile}
std::string body_of(const opened_session& opened);

// The items of a list: {id, created_at, expires_at, current}, without brackets.
std::string items_of(const std::vector<session_facts>& sessions, std::uint64_t current);

// What is wrong is told by body.check().
new_account read_new_account(json::reader& body);

}  // namespace meridian::identity
