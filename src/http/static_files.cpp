#include "http/static_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "runtime/crypto.hpp"
#include "runtime/file.hpp"

namespace meridian::http {
namespace {

namespace fs = std::filesystem;

// The messenger has some dozens of files and one or two megabytes; whatever is far above is another directory.
constexpr std::size_t files_max = 2000;
constexpr std::size_t bytes_max = 64 << 20;

constexpr std::string_view hashed_names = "/assets/";

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> content_types{{
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
}};

error refusal_of(const std::string& path, std::string_view why) {
  return {
      errc::invalid_argument, fmt::format("the web file {} {}", path, why),
      "Give the directory that the web's build makes: build/web."
  };
}

constexpr bool is_plain_letter(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
         letter == '-' || letter == '_' || letter == '.' || letter == '/';
}

// A path that a URL spells as it is, without hidden names.
bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, is_plain_letter) && path.find("/.") == std::string_view::npos;
}

std::string_view type_of(std::string_view path) {
  const auto known = std::ranges::find_if(content_types, [&](const auto& one) { return path.ends_with(one.first); });
  return known == content_types.end() ? std::string_view() : known->second;
}

bool cut_suffix(std::string& path, std::string_view suffix) {
  if (!path.ends_with(suffix)) {
    return false;
  }
  path.resize(path.size() - suffix.size());
  return true;
}

// Whether the field names that content coding without refusing it (RFC 9110, section 12.5.3).
bool takes(std::string_view accepted, std::string_view coding) {
  while (!accepted.empty()) {
    const auto end = std::min(accepted.find(','), accepted.size());
    auto one = accepted.substr(0, end);
    accepted.remove_prefix(std::min(end + 1, accepted.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    const auto name = one.substr(0, one.find_first_of("; \t"));
    if (!equal_tokens(name, coding)) {
      continue;
    }
    const auto weight = one.find("q=");
    return weight == std::string_view::npos || one.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

}  // namespace

result<std::shared_ptr<const static_files>> static_files::load(const fs::path& root) {
  auto made = std::make_shared<static_files>();
  std::size_t bytes = 0;
  std::size_t count = 0;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(root, failed)) {
    if (entry.is_symlink() || !entry.is_regular_file()) {
      continue;
    }
    auto path = "/" + entry.path().lexically_relative(root).generic_string();
    MERIDIAN_TRY(auto body, read_file(entry.path()));
    bytes += body.size();
    if (++count > files_max || bytes > bytes_max) {
      return refusal_of(path, "is one too many: there are caps of 2,000 files and 64 MB");
    }
    const auto form = cut_suffix(path, ".br")   ? &static_file::brotli
                      : cut_suffix(path, ".gz") ? &static_file::gzip
                                                : &static_file::plain;
    const auto type = type_of(path);
    if (!is_plain(path) || type.empty()) {
      return refusal_of(path, "has a name that is not for the web");
    }
    auto& file = made->files_[path];
    file.content_type = type;
    file.cache_control = path.starts_with(hashed_names) ? "public, max-age=31536000, immutable" : "no-cache";
    (file.*form).etag = fmt::format("\"{}\"", sha256_hex(body).substr(0, 32));
    (file.*form).body = std::move(body);
  }
  std::erase_if(made->files_, [](const auto& one) { return one.second.plain.etag.empty(); });
  if (failed || made->find("/index.html") == nullptr) {
    return error{
        errc::not_found, fmt::format("there is no index.html in {}", root.string()),
        "Build the web, which makes build/web:  ./meridian build"
    };
  }
  return std::shared_ptr<const static_files>(std::move(made));
}

const static_file* static_files::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

std::vector<std::string> static_files::paths() const {
  std::vector<std::string> all;
  for (const auto& [path, file] : files_) {
    all.push_back(path);
  }
  return all;
}

response answer_file(const static_file& file, const request& received) {
  const auto accepted = received.headers.find("Accept-Encoding").value_or("");
  const auto* chosen = &file.plain;
  std::string_view coding;
  if (!file.brotli.body.empty() && takes(accepted, "br")) {
    chosen = &file.brotli;
    coding = "br";
  } else if (!file.gzip.body.empty() && takes(accepted, "gzip")) {
    chosen = &file.gzip;
    coding = "gzip";
  }
  response answer;
  answer.headers.set("Cache-Control", file.cache_control);
  answer.headers.set("ETag", chosen->etag);
  answer.headers.set("Vary", "Accept-Encoding");
  // An ETag is quoted and made of a hash: it is no part of another one.
  const auto known = received.headers.find("If-None-Match").value_or("");
  if (known.find(chosen->etag) != std::string_view::npos) {
    answer.status = 304;
    return answer;
  }
  if (!coding.empty()) {
    answer.headers.set("Content-Encoding", coding);
  }
  answer.content_type = file.content_type;
  answer.body = chosen->body;
  return answer;
}

}  // namespace meridian::http
