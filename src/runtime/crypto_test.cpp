#include "runtime/crypto.hpp"

#include <gtest/gtest.h>

namespace meridian {
namespace {

TEST(crypto, hashes_as_fips_180_does) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(crypto, digests_with_a_key_as_rfc_4231_does) {
  EXPECT_EQ(
      to_base64url(keyed_digest(std::string(20, '\x0b'), "Hi There")), "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c"
  );
  EXPECT_NE(keyed_digest("one key", "text"), keyed_digest("another key", "text"));
  EXPECT_EQ(sha256("abc").size(), 32U);
  EXPECT_EQ(to_base64url(sha256("abc")), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

TEST(crypto, hashes_passwords_at_owasps_cost) {
  const auto hash = hash_password("correct horse battery");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_NE(hash, hash_password("correct horse battery"));
  EXPECT_TRUE(is_password(hash, "correct horse battery"));
  EXPECT_FALSE(is_password(hash, "correct horse batterz"));
  EXPECT_FALSE(is_password("nonsense", "correct horse battery"));
  EXPECT_FALSE(is_password(std::string(1000, 'a'), "correct horse battery"));
  EXPECT_FALSE(needs_rehash(hash));
  EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nonsense"));
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
