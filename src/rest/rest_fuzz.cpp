// Fuzzes what the REST rooms read from strangers besides bodies: cursors, numbers, ids, conditions, keys.
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "http/target.hpp"
#include "rest/answer.hpp"
#include "rest/conditions.hpp"
#include "rest/page.hpp"

namespace meridian::rest {
namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

http::request asking(std::string_view name, std::string_view value) {
  http::request made;
  made.query.add(std::string(name), std::string(value));
  return made;
}

void check_page(std::string_view text) {
  for (std::size_t parts = 1; parts <= 2; ++parts) {
    const auto page = page_of(asking("cursor", text), parts);
    if (page && page->behind) {
      expect(page->behind->size() == parts);
      for (const auto& part : *page->behind) {
        expect(http::is_utf8(part) && part.find('\0') == std::string::npos);
      }
      // It may be written in another way ("01:a"); read again it is the same place.
      expect(page_of(asking("cursor", to_cursor(*page->behind)), parts)->behind == page->behind);
    }
  }
  const auto limited = page_of(asking("limit", text), 1);
  expect(!limited || (limited->limit >= 1 && limited->limit <= 200));
}

void check_numbers(std::string_view text) {
  const auto number = number_of(asking("after", text), "after", 0, std::numeric_limits<std::int64_t>::max());
  expect(!number || (number->has_value() && **number >= 0));
  const auto id = id_of(asking("id", text), "id");
  expect(!id || std::to_string(id->value()) == text);
}

void check_headers(std::string_view text) {
  http::request received;
  received.headers.add("If-Match", text);
  received.headers.add("If-None-Match", text);
  received.headers.add("Idempotency-Key", text);
  if (const auto version = if_match(received); version && version->has_value()) {
    http::response answer;
    set_etag(answer, **version);
    expect(!is_known_version(received, **version) || answer.headers.find("ETag") == text);
  }
  if (const auto key = idempotency_key(received)) {
    expect(!(*key)->empty() && (*key)->size() <= 100);
    for (const char letter : **key) {
      expect(letter > ' ' && letter <= '~');
    }
  }
}

}  // namespace
}  // namespace meridian::rest

// libFuzzer chose the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  meridian::rest::check_page(text);
  meridian::rest::check_numbers(text);
  meridian::rest::check_headers(text);
  return 0;
}
