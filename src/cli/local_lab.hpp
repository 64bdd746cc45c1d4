// The console's buttons, wired to the nodes of this machine.
#pragma once

#include <memory>

#include "cli/session.hpp"
#include "console/lab.hpp"

namespace meridian::cli {

// `local` outlives what it makes.
std::shared_ptr<console::lab_actions> make_local_lab(const session& local);

}  // namespace meridian::cli
