#include "identity/email.hpp"

#include <algorithm>

#include "runtime/crypto.hpp"

namespace meridian::identity {

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) {
    return "";
  }
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string normalised_email(std::string_view address) {
  auto normalised = trimmed(address);
  std::ranges::transform(normalised, normalised.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return normalised;
}

result<void> check_email(std::string_view address) {
  constexpr std::size_t size_max = 254;  // RFC 3696, erratum 1690
  const auto text = trimmed(address);
  const auto at = text.find('@');
  const bool has_blank = std::ranges::any_of(text, [](char letter) {
    return static_cast<unsigned char>(letter) <= ' ' || letter == 0x7f;
  });
  const bool is_one = at != std::string::npos && at > 0 && at + 1 < text.size() && at == text.rfind('@');
  if (!is_one || has_blank || text.size() > size_max) {
    return error{
        errc::invalid_argument, "email is not an e-mail address", "Accepted: NAME@DOMAIN, at most 254 octets.", "email"
    };
  }
  return {};
}

std::string email_digest(std::string_view digest_key, std::string_view address) {
  return keyed_digest(digest_key, "email:" + normalised_email(address));
}

}  // namespace meridian::identity
