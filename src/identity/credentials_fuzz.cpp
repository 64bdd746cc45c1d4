// Fuzzes how a stranger says who he is: Authorization and Cookie headers, Origin, tokens, session numbers, e-mail
// addresses.
#include <cstdint>
#include <cstdlib>

#include "base/ids.hpp"
#include "identity/credentials.hpp"
#include "identity/email.hpp"
#include "identity/token.hpp"

namespace meridian::identity {
namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_token(std::string_view text) {
  if (const auto token = parse_token(text)) {
    expect(token->region_number > 0 && token->region_number <= region_number_max && token->hash.size() == 32);
  }
  if (const auto number = parse_session_number(text)) {
    expect(text_of(*number) == text && session_number_of(octets_of(*number)) == *number);
  }
}

void check_headers(std::string_view name, std::string_view value) {
  for (const auto method : {http::verb::get, http::verb::post}) {
    http::request received;
    received.method = method;
    received.headers.add("Host", "meridian.example");
    received.headers.add(name, value);
    if (const auto token = token_of(received)) {
      check_token(*token);
    }
    received.headers.add("Cookie", "meridian_session=m1.1.x");
    const auto token = token_of(received);
    // Another site's page never changes anything by the cookie.
    if (name == "Origin" && method == http::verb::post && value != "http://meridian.example") {
      expect(!token || check_origin(received));
    }
  }
}

void check_address(std::string_view text) {
  if (check_email(text)) {
    const auto same = normalised_email(text);
    expect(check_email(same) && normalised_email(same) == same && !same.empty() && same.size() <= 254);
    expect(same.find('@') != std::string::npos && same.find(' ') == std::string::npos);
  }
}

}  // namespace
}  // namespace meridian::identity

// libFuzzer chose the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::identity;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_token(text);
  check_address(text);
  for (const auto* name : {"Authorization", "Cookie", "Origin"}) {
    check_headers(name, text);
  }
  return 0;
}
