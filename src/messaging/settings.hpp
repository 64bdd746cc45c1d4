// What the rooms of workspaces and channels are set to.
#pragma once

#include <string>

namespace meridian::messaging {

struct settings {
  std::string digest_key;  // a secret of the whole topology: workspace URLs are compared by digests under it
  std::string public_url;  // where people's browsers find the product, "https://chat.example.org"; "" leaves it out
};

}  // namespace meridian::messaging
