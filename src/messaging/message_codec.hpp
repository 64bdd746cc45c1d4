// Messages as JSON.
#pragma once

#include <string>

#include "messaging/message.hpp"

namespace meridian::messaging {

// Appends the object: what everybody sees who may see the message at all.
void append_json(std::string& out, const message& it, const topology::region& home);

std::string to_json(const message& it, const topology::region& home);

}  // namespace meridian::messaging
