// What request headers ask of a write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "http/message.hpp"

namespace meridian::rest {

// The version in If-Match, as set_etag wrote it; none without the header or with "*". invalid_argument for anything
// else, as weak validators and lists can't match one version of a row.
result<std::optional<std::int64_t>> if_match(const http::request& received);

// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): 1 to 100 visible ASCII characters, quoted or not; none
// without the header.
result<std::optional<std::string>> idempotency_key(const http::request& received);

// Whether If-None-Match names this version, so that 304 is the answer.
bool is_known_version(const http::request& received, std::int64_t version);

}  // namespace meridian::rest
