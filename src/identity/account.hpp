// What accounts are made of, and how they may be used.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "identity/person.hpp"
#include "runtime/deadline.hpp"

namespace meridian::identity {

// Whether somebody was invited. Another room keeps invitations; the composition root hands it in.
class invitation_check {
 public:
  virtual ~invitation_check() = default;

  // The token is of an invitation link. forbidden for one that is unknown, used up or expired.
  virtual task<void> check(std::string token, deadline until) = 0;
};

struct account_settings {
  std::string digest_key;  // a secret of the whole topology: e-mail addresses are compared by digests under it
  invitation_check* invitations = nullptr;  // outlives the service; nullptr: registration is open
  int failures_max = 10;                    // wrong passwords in a row before the account is locked for a minute
  std::chrono::seconds session_duration = std::chrono::days(30);
  std::int64_t sessions_max = 100;  // of one profile; the oldest makes room
  // Refusals of a sign-in come no sooner, so that how long one takes does not tell where an account rests.
  std::chrono::milliseconds refusal_time_min{400};
};

struct opened_session {
  std::string token;
  timestamp expires_at;
  person who;
};

// A sign-in that was not refused for what it brought: it opened a session, or has to wait.
struct sign_in_outcome {
  std::optional<opened_session> opened;
  std::chrono::seconds locked{0};  // there were too many wrong passwords; whether there is an account is not said
};

struct session_facts {
  std::uint64_t number = 0;
  timestamp created_at;
  timestamp expires_at;
};

struct new_account {
  std::string full_name;
  std::string email;
  std::string password;
  std::string country;  // a name, code or alias
  std::optional<std::string> phone;
  std::string title;
  std::optional<std::string> time_zone;     // none: UTC
  std::optional<std::string> invitation;    // the token of an invitation link
  std::optional<std::string> creation_key;  // a repeat with the same key and password answers with the first result
};

struct made_account {
  person who;
  bool is_repeat = false;
};

// How long the texts may be, in characters.
inline constexpr std::size_t name_size_max = 200;
inline constexpr std::size_t title_size_max = 200;
inline constexpr std::size_t phone_size_max = 40;
inline constexpr std::size_t email_size_max = 254;
inline constexpr std::size_t time_zone_size_max = 64;
inline constexpr std::size_t password_size_min = 12;
inline constexpr std::size_t password_size_max = 256;

// An account as signing in needs it.
struct account_facts {
  std::int64_t profile_id = 0;
  std::string password_hash;
  std::chrono::seconds locked{0};  // zero: not
  bool is_active = false;
  std::optional<std::string> creation_key;
  const topology::region* home = nullptr;
};

}  // namespace meridian::identity
