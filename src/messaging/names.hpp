// What workspaces and channels may be called.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meridian::messaging {

inline constexpr std::size_t channel_name_letters_max = 80;
inline constexpr std::size_t topic_letters_max = 1000;
inline constexpr std::size_t workspace_name_letters_max = 200;
inline constexpr std::size_t url_letters_max = 500;

// As it is kept: A to Z in lower case. Accepted are 1 to 80 letters of any script without spaces, controls and
// characters that can't be seen; a leading "#", as people write it, is left out. invalid_argument with the field.
// Valid UTF-8 is the caller's part, here and below.
result<std::string> check_channel_name(std::string_view name);

// Without spaces around it: 1 to 200 letters, no controls. invalid_argument with the field.
result<std::string> check_workspace_name(std::string_view name);

// "https://HOST..." or "http://HOST...", at most 500 letters, without spaces and controls. invalid_argument with the
// field.
result<std::string> check_url(std::string_view url);

// What makes two URLs the same workspace's: in lower case, without slashes at the end.
std::string key_of_url(std::string_view url);

}  // namespace meridian::messaging
