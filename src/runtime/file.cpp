#include "runtime/file.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meridian {
namespace {

constexpr off_t file_size_max = 16 << 20;

// A descriptor that is closed when its scope ends.
class owned_descriptor {
 public:
  explicit owned_descriptor(int descriptor) : descriptor_(descriptor) {}
  owned_descriptor(const owned_descriptor&) = delete;
  owned_descriptor& operator=(const owned_descriptor&) = delete;
  ~owned_descriptor() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

error failed(std::string_view doing, const std::filesystem::path& path) {
  const int code = errno;
  const auto meaning = code == ENOENT                    ? errc::not_found
                       : code == EACCES || code == EPERM ? errc::forbidden
                                                         : errc::internal;
  return {meaning, fmt::format("can't {} {}: {}", doing, path.string(), std::generic_category().message(code)), ""};
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

result<std::string> read_file(const std::filesystem::path& path) {
  const owned_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return failed("read", path);
  }
  std::string content;
  char buffer[65536];
  while (true) {
    const auto count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return failed("read", path);
    }
    if (count == 0) {
      return content;
    }
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > file_size_max) {
      return error{errc::too_large, path.string() + " is larger than 16 MiB", ""};
    }
  }
}

result<void> write_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  auto temporary = path;
  temporary += fmt::format(".{}.new", ::getpid());
  {
    const owned_descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) {
      return failed("write", path);
    }
    if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), content) || ::fsync(file.get()) != 0) {
      auto failure = failed("write", path);
      ::unlink(temporary.c_str());
      return failure;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return failed("replace", path);
  }
  const owned_descriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
    return failed("make durable", path);
  }
  return {};
}

result<void> make_directory(const std::filesystem::path& path, mode_t mode) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    return {};
  }
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), failure);
  }
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return failed("create the directory", path);
  }
  return {};
}

result<file_lock> file_lock::acquire(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode_private);
  if (descriptor < 0) {
    return failed("open", path);
  }
  file_lock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return error{errc::conflict, path.string() + " is locked by another process", ""};
  }
  return lock;
}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace meridian
