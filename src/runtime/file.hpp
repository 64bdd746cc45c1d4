// Files that survive a kill: written whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace meridian {

inline constexpr mode_t mode_private = 0600;
inline constexpr mode_t mode_public = 0644;

// At most 16 MiB: what this program reads whole is configuration. not_found, too_large, or internal with the reason.
result<std::string> read_file(const std::filesystem::path& path);

// Replaces the file atomically (temporary neighbour, fsync, rename) and makes the rename durable.
result<void> write_file(const std::filesystem::path& path, std::string_view content, mode_t mode);

// Creates the directory and its parents; the directory itself with `mode` where it is new.
result<void> make_directory(const std::filesystem::path& path, mode_t mode);

// An exclusive advisory lock on a file, held until destruction; children do not inherit it.
class file_lock {
 public:
  // conflict when another process holds it.
  static result<file_lock> acquire(const std::filesystem::path& path);

  file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  file_lock& operator=(file_lock&& other) noexcept;
  ~file_lock();

 private:
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace meridian
