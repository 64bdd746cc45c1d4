#include "runtime/crypto.hpp"

#include <array>
#include <new>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>
#include <sodium.h>

namespace meridian {
namespace {

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) {
    throw std::runtime_error("libsodium can't start: no source of random numbers");
  }
}

const unsigned char* bytes_of(std::string_view content) {
  return reinterpret_cast<const unsigned char*>(content.data());
}

// https://cheatsheetseries.owasp.org, Password Storage: Argon2id with 19 MiB, 2 passes, 1 lane.
constexpr unsigned long long password_passes = 2;
constexpr std::size_t password_memory_bytes = std::size_t{19456} * 1024;

constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string base64(const unsigned char* bytes, std::size_t count) {
  std::string text(sodium_base64_ENCODED_LEN(count, base64_variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, count, base64_variant);
  text.pop_back();  // the terminating zero
  return text;
}

// Empty unless the text holds exactly that many bytes.
std::vector<unsigned char> from_base64(const std::string& text, std::size_t count) {
  std::vector<unsigned char> bytes(count);
  std::size_t decoded = 0;
  const int failed = sodium_base642bin(
      bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &decoded, nullptr, base64_variant
  );
  return failed == 0 && decoded == count ? bytes : std::vector<unsigned char>();
}

}  // namespace

std::string sha256_hex(std::string_view content) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), bytes_of(content), content.size());
  std::string text;
  for (const auto byte : digest) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

std::string sha256(std::string_view octets) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), bytes_of(octets), octets.size());
  return digest;
}

std::string keyed_digest(std::string_view key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  std::string digest(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string hash_password(std::string_view password) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const int failed =
      crypto_pwhash_str(hash.data(), password.data(), password.size(), password_passes, password_memory_bytes);
  if (failed != 0) {
    throw std::bad_alloc();
  }
  return hash.data();
}

bool is_password(const std::string& hash, std::string_view password) {
  start_sodium();
  return hash.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), password_passes, password_memory_bytes) != 0;
}

std::string to_base64url(std::string_view octets) {
  return base64(bytes_of(octets), octets.size());
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string octets(text.size() * 3 / 4 + 3, '\0');
  std::size_t decoded = 0;
  const int failed = sodium_base642bin(
      reinterpret_cast<unsigned char*>(octets.data()), octets.size(), text.data(), text.size(), nullptr, &decoded,
      nullptr, base64_variant
  );
  if (failed != 0) {
    return std::nullopt;
  }
  octets.resize(decoded);
  return octets;
}

std::string random_secret(std::size_t bytes) {
  start_sodium();
  std::vector<unsigned char> random(bytes);
  randombytes_buf(random.data(), random.size());
  return base64(random.data(), random.size());
}

std::string random_uuid() {
  start_sodium();
  std::array<unsigned char, 16> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
  }
  return text;
}

signing_key make_signing_key() {
  start_sodium();
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  crypto_sign_keypair(open.data(), secret.data());
  return {base64(secret.data(), secret.size()), base64(open.data(), open.size())};
}

std::string sign(std::string_view content, const std::string& secret) {
  const auto key = from_base64(secret, crypto_sign_SECRETKEYBYTES);
  if (key.empty()) {
    throw std::invalid_argument("not a signing key");
  }
  std::array<unsigned char, crypto_sign_BYTES> signature;
  crypto_sign_detached(signature.data(), nullptr, bytes_of(content), content.size(), key.data());
  return base64(signature.data(), signature.size());
}

bool is_signed_by(std::string_view content, const std::string& signature, const std::string& open) {
  const auto key = from_base64(open, crypto_sign_PUBLICKEYBYTES);
  const auto bytes = from_base64(signature, crypto_sign_BYTES);
  return !key.empty() && !bytes.empty() &&
         crypto_sign_verify_detached(bytes.data(), bytes_of(content), content.size(), key.data()) == 0;
}

}  // namespace meridian
