// Hashes, secrets and signatures, by libsodium.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace meridian {

// 64 hexadecimal digits.
std::string sha256_hex(std::string_view content);

// 32 octets.
std::string sha256(std::string_view octets);

// HMAC-SHA-256 (RFC 2104): 32 octets that tell nothing about the text to who does not have the key. The key may have
// any length; 32 random octets are best.
std::string keyed_digest(std::string_view key, std::string_view text);

// Argon2id (RFC 9106) in its own encoding, with a salt in it, at OWASP's cost: 19 MiB, 2 passes. Each of these takes
// tens of milliseconds: for a cpu_pool. Throws std::bad_alloc where there is no memory.
std::string hash_password(std::string_view password);

// False too for a hash that is malformed.
bool is_password(const std::string& hash, std::string_view password);

// Whether the hash was made at another cost than hash_password's.
bool needs_rehash(const std::string& hash);

// URL-safe base64 without padding (RFC 4648, section 5); none for text that is not such.
std::string to_base64url(std::string_view octets);
std::optional<std::string> from_base64url(std::string_view text);

// `bytes` random ones, as URL-safe base64 without padding.
std::string random_secret(std::size_t bytes);

// RFC 9562, version 4.
std::string random_uuid();

// An Ed25519 key pair (RFC 8032), base64 each.
struct signing_key {
  std::string secret;
  std::string open;
};

signing_key make_signing_key();

// The detached signature of the content, base64. `secret` must be one that make_signing_key made.
std::string sign(std::string_view content, const std::string& secret);

bool is_signed_by(std::string_view content, const std::string& signature, const std::string& open);

}  // namespace meridian
