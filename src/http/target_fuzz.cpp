// Fuzzes what a stranger's request target goes through: decoding, then the way to a route and its captures.
#include <algorithm>
#include <cstdlib>

#include "http/router.hpp"
#include "http/target.hpp"

namespace meridian::http {
namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

task<response> nothing(request) {
  co_return response();
}

const router& routes() {
  static const router made = [] {
    router filling;
    filling.add(verb::get, "/", nothing)
        .add(verb::get, "/a", nothing)
        .add(verb::post, "/a/{id:number}", nothing)
        .add(verb::get, "/a/{name}", nothing)
        .add(verb::get, "/a/{id:number}/b/{name}", nothing)
        .add(verb::put, "/{x}/{y}/{z}/{w}", nothing);
    return filling;
  }();
  return made;
}

void check_captures(verb method, const target& decoded) {
  request routed;
  routed.path = decoded.path;
  const auto match = routes().find(method, routed.path);
  routed.captures = match.captures;
  expect(match.found != nullptr || match.captures.size() == 0);
  for (std::size_t index = 0; index < match.captures.size(); ++index) {
    const auto name = match.captures[index].name;
    expect(!routed.text(name).empty() && routed.text(name).find('/') == std::string_view::npos);
    if (name == "id") {
      expect(routed.number(name) > 0);
    }
  }
}

}  // namespace
}  // namespace meridian::http

// libFuzzer chose the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace meridian::http;
  const auto decoded = decode_target({reinterpret_cast<const char*>(bytes), size});
  if (!decoded) {
    return 0;
  }
  const auto& path = decoded->path;
  expect(path.starts_with('/') && is_utf8(path) && path.find("/../") == std::string::npos && !path.ends_with("/.."));
  expect(std::ranges::none_of(path, [](char letter) { return static_cast<unsigned char>(letter) < 0x20; }));
  expect(decoded->query.size() <= query_parameters_max);
  for (const auto method : {verb::get, verb::put, verb::post}) {
    check_captures(method, *decoded);
  }
  return 0;
}
