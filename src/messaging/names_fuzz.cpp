// Fuzzes what people call workspaces and channels, and the tokens of invitations.
#include <cstdint>
#include <cstdlib>

#include "base/ids.hpp"
#include "http/target.hpp"
#include "messaging/invitation.hpp"
#include "messaging/names.hpp"

namespace meridian::messaging {
namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_names(std::string_view text) {
  if (const auto name = check_channel_name(text)) {
    expect(!name->empty() && name->find(' ') == std::string::npos && name->find('\n') == std::string::npos);
    // What is kept is a name itself, unless it reads as one with a "#" before it.
    expect(name->starts_with('#') || check_channel_name(*name).value() == *name);
  }
  if (const auto name = check_workspace_name(text)) {
    expect(check_workspace_name(*name).value() == *name && !name->starts_with(' ') && !name->ends_with(' '));
  }
  if (const auto url = check_url(text)) {
    const auto key = key_of_url(*url);
    expect(key.starts_with("http") && key_of_url(key) == key);
  }
}

}  // namespace
}  // namespace meridian::messaging

// libFuzzer chose the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::messaging;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto region = find_region_of_token(text)) {
    expect(*region > 0 && *region <= meridian::region_number_max);
  }
  if (meridian::http::is_utf8(text)) {  // the reader of JSON lets nothing else through
    check_names(text);
  }
  return 0;
}
