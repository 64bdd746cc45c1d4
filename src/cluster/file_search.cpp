#include "cluster/file_search.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <tuple>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meridian::cluster {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

// A file that is renamed while the tree is being listed may be missed by a listing: the next one shows it. A tree that
// changes faster than that would be a bug of its own.
constexpr int rounds_max = 5;

class reader {
 public:
  explicit reader(const std::filesystem::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;
  ~reader() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  int descriptor() const { return descriptor_; }

  // Fills as much as there is; -1 with errno when it fails.
  ssize_t read(char* into, std::size_t count) const {
    std::size_t done = 0;
    while (done < count) {
      const auto got = ::read(descriptor_, into + done, count - done);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return -1;
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
    }
    return static_cast<ssize_t>(done);
  }

 private:
  int descriptor_;
};

}  // namespace

file_search::file_search(search_targets targets) : targets_(std::move(targets)) {
  if (targets_.mark.empty() || targets_.endings.empty()) {
    throw std::invalid_argument("nothing to search for");
  }
  const auto ending_bytes = targets_.endings.front().size();
  if (std::ranges::any_of(targets_.endings, [&](const auto& ending) { return ending.size() != ending_bytes; })) {
    throw std::invalid_argument("the texts to search for differ in length");
  }
  text_bytes_ = targets_.mark.size() + ending_bytes;
  buffer_.resize(piece_bytes + text_bytes_ - 1);
}

std::vector<file_hit> file_search::search_directory(const std::filesystem::path& directory) {
  std::vector<file_hit> hits;
  for (int round = 0; round < rounds_max; ++round) {
    std::vector<std::filesystem::path> files;
    listed_.clear();
    struct stat facts{};
    if (::stat(directory.c_str(), &facts) == 0) {
      listed_.emplace(facts.st_dev, facts.st_ino);
    }
    list(directory, files);
    const auto before = files_searched_;
    std::ranges::sort(files);
    for (const auto& file : files) {
      search_file(file, hits);
    }
    if (files_searched_ == before) {
      break;
    }
  }
  std::ranges::sort(hits, {}, [](const file_hit& hit) { return std::tie(hit.file, hit.target); });
  return hits;
}

void file_search::list(const std::filesystem::path& directory, std::vector<std::filesystem::path>& files) {
  std::error_code failed;
  std::filesystem::directory_iterator entry(directory, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const auto& path = entry->path();
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) {
      if (errno != ENOENT) {
        give_up(path, errno);
      }
      continue;
    }
    const identity who(facts.st_dev, facts.st_ino);
    if (S_ISDIR(facts.st_mode) && listed_.insert(who).second) {
      list(path, files);
    } else if (S_ISREG(facts.st_mode) && !searched_.contains(who)) {
      files.push_back(path);
    }
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    give_up(directory, failed.value());
  }
}

void file_search::give_up(const std::filesystem::path& path, int code) {
  auto reason = fmt::format("{}: {}", path.string(), std::generic_category().message(code));
  if (std::ranges::find(unreadable_, reason) == unreadable_.end()) {
    unreadable_.push_back(std::move(reason));
  }
}

void file_search::search_file(const std::filesystem::path& path, std::vector<file_hit>& hits) {
  const reader file(path);
  struct stat facts{};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &facts) != 0) {
    if (errno != ENOENT) {
      give_up(path, errno);
    }
    return;
  }
  // By what was opened, not by what was listed: the name may mean another file by now.
  if (!searched_.emplace(facts.st_dev, facts.st_ino).second) {
    return;
  }
  ++files_searched_;
  std::vector<file_hit> found;
  std::size_t carried = 0;
  std::uint64_t offset = 0;  // of the buffer's start
  while (true) {
    const auto got = file.read(buffer_.data() + carried, buffer_.size() - carried);
    if (got < 0) {
      give_up(path, errno);
      break;
    }
    if (got == 0) {
      break;
    }
    bytes_searched_ += static_cast<std::uint64_t>(got);
    const std::string_view piece(buffer_.data(), carried + static_cast<std::size_t>(got));
    search_piece(piece, offset, found);
    // One byte less than a text: what straddles the border is whole in the next piece, and nothing is counted twice.
    const auto kept = std::min(piece.size(), text_bytes_ - 1);
    std::memmove(buffer_.data(), piece.data() + piece.size() - kept, kept);
    offset += piece.size() - kept;
    carried = kept;
  }
  for (auto& hit : found) {
    hit.file = path;
    hits.push_back(std::move(hit));
  }
}

void file_search::search_piece(std::string_view piece, std::uint64_t offset, std::vector<file_hit>& found) const {
  const auto* at = piece.data();
  const auto* const end = piece.data() + piece.size();
  const auto& mark = targets_.mark;
  while (at != nullptr && end - at >= static_cast<std::ptrdiff_t>(text_bytes_)) {
    at = static_cast<const char*>(::memmem(at, static_cast<std::size_t>(end - at), mark.data(), mark.size()));
    if (at == nullptr || end - at < static_cast<std::ptrdiff_t>(text_bytes_)) {
      return;
    }
    const std::string_view ending(at + mark.size(), text_bytes_ - mark.size());
    for (std::size_t target = 0; target < targets_.endings.size(); ++target) {
      if (targets_.endings[target] != ending) {
        continue;
      }
      auto known = std::ranges::find(found, target, &file_hit::target);
      if (known == found.end()) {
        found.push_back({{}, target, offset + static_cast<std::uint64_t>(at - piece.data()), 0});
        known = found.end() - 1;
      }
      ++known->count;
    }
    ++at;
  }
}

}  // namespace meridian::cluster
