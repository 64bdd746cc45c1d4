// How a request says who sends it.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace meridian::identity {

// The cookie that holds a session's token for browsers.
inline constexpr std::string_view session_cookie = "meridian_session";

// The token of "Authorization: Bearer TOKEN" (RFC 6750) or, without that header, of the session cookie; "" for none.
// A browser sends the cookie whoever made the page: so a cookie with a method that changes something is forbidden when
// Origin is there and is not this host. The view is into the request's headers.
result<std::string_view> token_of(const http::request& received);

// The value of a cookie; "" for none. The view is into the request's headers.
std::string_view find_cookie(const http::request& received, std::string_view name);

// forbidden when the request comes from a page of another host.
result<void> check_origin(const http::request& received);

}  // namespace meridian::identity
