// Whom a request comes from, before anybody knows who asks.
#pragma once

#include <cstdint>
#include <string>

namespace meridian::identity {

// What an address stands for when attempts are counted: an IPv4 address, or the network of an IPv6 one (/64), which is
// one household's.
std::string network_of(const std::string& peer_address);

// Its key in a rate_limiter.
std::uint64_t network_key(const std::string& peer_address);

}  // namespace meridian::identity
