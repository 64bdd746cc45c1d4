// E-mail addresses: what is accepted, and which are the same.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meridian::identity {

// Without white space at its ends; as people see it.
std::string trimmed(std::string_view text);

// Trimmed and in lower case (ASCII; nobody's mail server tells letter case apart): two that are equal are one address.
std::string normalised_email(std::string_view address);

// invalid_argument, with the field `email`: one @ with something on both sides, no spaces or controls, at most 254
// characters. Whether anybody reads it only a mail can tell.
result<void> check_email(std::string_view address);

// What stands for the address wherever it must not be: 32 octets that tell nothing without the key.
std::string email_digest(std::string_view digest_key, std::string_view address);

}  // namespace meridian::identity
