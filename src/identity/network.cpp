#include "identity/network.hpp"

#include <functional>

#include <boost/asio/ip/address.hpp>

namespace meridian::identity {

std::string network_of(const std::string& peer_address) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(peer_address, failed);
  if (failed || !address.is_v6() || address.to_v6().is_v4_mapped()) {
    return peer_address;
  }
  const auto octets = address.to_v6().to_bytes();
  return {octets.begin(), octets.begin() + 8};
}

std::uint64_t network_key(const std::string& peer_address) {
  return std::hash<std::string>()(network_of(peer_address)) | 1U;  // never 0
}

}  // namespace meridian::identity
