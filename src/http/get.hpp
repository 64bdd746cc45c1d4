// Asks another server one thing: for commands that look whether a service is well.
#pragma once

#include <cstdint>
#include <string>

#include "http/message.hpp"
#include "runtime/task.hpp"

namespace meridian::http {

// GET on a connection of its own. `address` is in digits. The answer has status, content type and body, at most 1 MiB.
// unavailable when nobody listens or the answer is none, timed_out.
task<response> get(std::string address, std::uint16_t port, std::string path, deadline until);

}  // namespace meridian::http
