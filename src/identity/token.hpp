// What a session's token looks like: "m1.3.SECRET", the region where the session rests and 256 random bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::identity {

std::string make_token(int region_number);

struct known_token {
  int region_number = 0;
  std::string hash;  // SHA-256 of the whole token: what is stored
};

// None for text that make_token never made.
std::optional<known_token> parse_token(std::string_view text);

// The first 8 octets: tells a profile's sessions apart, and no more.
std::uint64_t session_number_of(std::string_view hash);

// The same as octets, and as 16 hexadecimal digits.
std::string octets_of(std::uint64_t session_number);
std::string text_of(std::uint64_t session_number);
std::optional<std::uint64_t> parse_session_number(std::string_view digits);

}  // namespace meridian::identity
