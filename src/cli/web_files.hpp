// The web's files, as commands find them.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "http/static_files.hpp"

namespace meridian::cli {

// Those of the directory `web` beside the program or up to four directories above it, or of share/meridian/web there;
// null for none. Errors as static_files::load.
result<std::shared_ptr<const http::static_files>> web_files_found();

// Those that `serve` was told to serve. A directory that was named must be one.
result<std::shared_ptr<const http::static_files>> web_files_for(const serve_options& options);

}  // namespace meridian::cli
