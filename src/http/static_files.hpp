// The files of a web application, served from memory.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.hpp"

namespace meridian::http {

// One file in the encodings that were made of it beforehand: NAME, NAME.br, NAME.gz.
struct static_file {
  // One encoding of it. Its ETag is its own: two encodings are two representations (RFC 9110, section 8.8.3).
  struct form {
    std::string body;  // empty: there is none
    std::string etag;
  };

  std::string content_type;
  std::string cache_control;
  form plain;
  form gzip;
  form brotli;
};

// Read once, then constant: shared by the lanes of a process. What is asked for is looked up among the names that were
// read, so no request reaches the file system.
class static_files {
 public:
  // Everything below that directory; a file whose name has a hash in it (below assets/) may be kept for ever, others
  // are asked for again each time. not_found without an index.html; invalid_argument for a name that is no plain path
  // or a type that is not known, or for more than the caps; links are left out.
  static result<std::shared_ptr<const static_files>> load(const std::filesystem::path& root);

  // By its path, "/index.html"; none for another.
  const static_file* find(std::string_view path) const;

  // All paths, sorted.
  std::vector<std::string> paths() const;

 private:
  std::map<std::string, static_file, std::less<>> files_;
};

// 200, or 304 where the client has it: in the best encoding that it takes.
response answer_file(const static_file& file, const request& received);

}  // namespace meridian::http
