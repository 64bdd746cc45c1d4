// Looks for short texts in the files of a directory tree, byte by byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace meridian::cluster {

// Texts that begin with the same mark, so that one pass over the bytes finds all of them: mark + ending. The endings
// are equally long.
struct search_targets {
  std::string mark;
  std::vector<std::string> endings;
};

// That one of the texts stands in a file.
struct file_hit {
  std::filesystem::path file;
  std::size_t target = 0;  // the ending's index
  std::uint64_t first_offset = 0;
  std::int64_t count = 0;
};

// One search over several directories. It reads in pieces of 1 MiB, whatever the files' sizes, and blocks its thread.
class file_search {
 public:
  // `targets.endings` must be equally long, the mark not empty.
  explicit file_search(search_targets targets);

  // Searches every regular file below the directory, through symbolic links too, that no earlier call has searched.
  // Files that vanish, are renamed or come meanwhile are fine: what was renamed is found under its new name. The hits
  // are sorted by file, one for each text in it. A directory that is not there has no files.
  std::vector<file_hit> search_directory(const std::filesystem::path& directory);

  std::int64_t files_searched() const { return files_searched_; }
  std::uint64_t bytes_searched() const { return bytes_searched_; }

  // What could not be read, with the reason: as long as there is any, nothing is proven.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

 private:
  using identity = std::pair<dev_t, ino_t>;

  void list(const std::filesystem::path& directory, std::vector<std::filesystem::path>& files);
  void give_up(const std::filesystem::path& path, int code);
  void search_file(const std::filesystem::path& path, std::vector<file_hit>& hits);
  void search_piece(std::string_view piece, std::uint64_t offset, std::vector<file_hit>& found) const;

  search_targets targets_;
  std::size_t text_bytes_;
  std::set<identity> searched_;
  std::set<identity> listed_;  // directories of the round that is under way: a link may lead back
  std::vector<std::string> unreadable_;
  std::vector<char> buffer_;
  std::int64_t files_searched_ = 0;
  std::uint64_t bytes_searched_ = 0;
};

}  // namespace meridian::cluster
