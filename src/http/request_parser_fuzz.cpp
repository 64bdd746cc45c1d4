// Fuzzes the way of a connection's bytes into requests. The first byte says in what pieces the rest comes; what is read
// must not depend on it.
#include <cstdlib>
#include <string>

#include "http/request_parser.hpp"

namespace meridian::http {
namespace {

constexpr parser_limits limits{.header_bytes_max = 200, .header_count_max = 8, .target_bytes_max = 50};
constexpr std::size_t body_bytes_max = 64;

// Everything that was read, as text, up to a refusal.
std::string parse(std::string_view bytes, std::size_t piece_bytes) {
  request_parser parser(limits);
  std::string read;
  std::size_t taken = 0;
  for (std::size_t shown = 0; shown < bytes.size();) {
    shown = std::min(bytes.size(), shown + piece_bytes);
    while (taken < shown) {
      const bool had_header = parser.has_header();
      const auto fed = parser.feed(bytes.substr(taken, shown - taken));
      if (!fed) {
        return read;
      }
      taken += *fed;
      if (!had_header && parser.has_header() && !parser.limit_body(body_bytes_max)) {
        return read;
      }
      if (parser.is_complete()) {
        auto& message = parser.message();
        read += std::string(to_string(message.method)) + " " + std::string(parser.target()) + " " + message.body + "\n";
        parser.reset();
      } else if (*fed == 0) {
        break;
      }
    }
  }
  return read;
}

}  // namespace
}  // namespace meridian::http

// libFuzzer chose the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace meridian::http;
  if (size == 0) {
    return 0;
  }
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (parse(rest, bytes[0] + 1U) != parse(rest, 1)) {
    std::abort();
  }
  return 0;
}
