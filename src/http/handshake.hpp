// From a request to a live connection: RFC 6455, 4.2.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.hpp"
#include "http/message.hpp"
#include "http/response_head.hpp"

namespace meridian::http {

// What to answer to a request that does not ask for a WebSocket properly: 426 where it does not ask for one at all, or
// for a version that is not 13; 400 where it asks in a wrong way.
std::optional<response> refuse_handshake(const request& asked);

struct acceptance {
  std::string head;  // the 101, with the blank line
  bool compresses = false;
};

// `asked` is one that refuse_handshake does not refuse. Compression is agreed on where it may be and the client offers
// it with the whole window.
acceptance accept_handshake(
    const request& asked, const head_facts& facts, bool may_compress, const boost::asio::any_io_executor& lane
);

}  // namespace meridian::http
