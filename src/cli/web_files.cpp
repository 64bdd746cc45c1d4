#include "cli/web_files.hpp"

#include <filesystem>

namespace meridian::cli {
namespace {

namespace fs = std::filesystem;

// build/release/src/cli/meridian has its files in build/web, /usr/bin/meridian in /usr/share/meridian/web.
constexpr int levels_max = 4;

// The sources have an index.html too, but never one that was compressed beforehand.
bool is_built(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / "index.html.gz", ignored);
}

}  // namespace

result<std::shared_ptr<const http::static_files>> web_files_found() {
  std::error_code failed;
  auto level = fs::read_symlink("/proc/self/exe", failed).parent_path();
  for (int count = 0; count < levels_max && !failed; ++count, level = level.parent_path()) {
    for (const auto& directory : {level / "web", level / "share" / "meridian" / "web"}) {
      if (is_built(directory)) {
        return http::static_files::load(directory);
      }
    }
  }
  return std::shared_ptr<const http::static_files>();
}

result<std::shared_ptr<const http::static_files>> web_files_for(const serve_options& options) {
  if (options.no_web) {
    return std::shared_ptr<const http::static_files>();
  }
  return options.web.empty() ? web_files_found() : http::static_files::load(options.web);
}

}  // namespace meridian::cli
