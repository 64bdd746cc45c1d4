#include "runtime/crypto.hpp"

#include <gtest/gtest.h>

namespace meridian {
namespace {

TEST(crypto, hashes_as_fips_180_does) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(crypto, makes_secrets_that_differ_and_fit_into_a_url) {
  const auto secret = random_secret(24);
  EXPECT_EQ(secret.size(), 32);
  EXPECT_EQ(
      secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos
  );
  EXPECT_NE(secret, random_secret(24));
}

TEST(crypto, makes_uuids_of_version_4) {
  const auto id = random_uuid();
  ASSERT_EQ(id.size(), 36);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
}

TEST(crypto, signs_so_that_one_changed_letter_shows) {
  const auto key = make_signing_key();
  const auto signature = sign("0 stray rows", key.secret);
  EXPECT_TRUE(is_signed_by("0 stray rows", signature, key.open));
  EXPECT_FALSE(is_signed_by("9 stray rows", signature, key.open));
  EXPECT_FALSE(is_signed_by("0 stray rows", signature, make_signing_key().open));
  EXPECT_FALSE(is_signed_by("0 stray rows", "nonsense", key.open));
}

TEST(crypto, base64url_comes_back) {
  for (const std::string octets : {"", "a", "ab", "abc", "\xff\xfe\x00 end"}) {
    EXPECT_EQ(from_base64url(to_base64url(octets)), octets);
  }
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64url("a+b"), std::nullopt);
  EXPECT_EQ(from_base64url("abc="), std::nullopt);
}

}  // namespace
}  // namespace meridian
