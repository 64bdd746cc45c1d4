#include "identity/credentials.hpp"

namespace meridian::identity {
namespace {

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// RFC 6265, section 4.2.1: "a=b; c=d".
std::string_view cookie_of(std::string_view pairs, std::string_view name) {
  while (!pairs.empty()) {
    const auto end = std::min(pairs.find(';'), pairs.size());
    const auto pair = without_blanks(pairs.substr(0, end));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
    pairs.remove_prefix(std::min(end + 1, pairs.size()));
  }
  return {};
}

bool is_safe(http::verb method) {
  return method == http::verb::get || method == http::verb::head || method == http::verb::options;
}

}  // namespace

result<void> check_origin(const http::request& received) {
  const auto origin = received.headers.find("Origin");
  if (!origin) {
    return {};
  }
  const auto host = received.headers.find("Host").value_or("");
  const auto scheme_end = origin->find("://");
  const auto page = scheme_end == std::string_view::npos ? std::string_view() : origin->substr(scheme_end + 3);
  if (page.empty() || !http::equal_tokens(page, host)) {
    return error{
        errc::forbidden, "the request comes from a page of another site",
        "Send the session's token in an Authorization header instead of the cookie."
    };
  }
  return {};
}

result<std::string_view> token_of(const http::request& received) {
  if (const auto given = received.headers.find("Authorization")) {
    constexpr std::string_view scheme = "Bearer ";
    const bool is_bearer = given->size() > scheme.size() && http::equal_tokens(given->substr(0, scheme.size()), scheme);
    return is_bearer ? without_blanks(given->substr(scheme.size())) : std::string_view();
  }
  const auto token = find_cookie(received, session_cookie);
  if (!token.empty() && !is_safe(received.method)) {
    MERIDIAN_CHECK(check_origin(received));
  }
  return token;
}

std::string_view find_cookie(const http::request& received, std::string_view name) {
  for (std::size_t index = 0; index < received.headers.size(); ++index) {
    const auto field = received.headers.at(index);
    if (!http::equal_tokens(field.name, "Cookie")) {
      continue;
    }
    if (const auto value = cookie_of(field.value, name); !value.empty()) {
      return value;
    }
  }
  return {};
}

}  // namespace meridian::identity
