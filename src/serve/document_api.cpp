#include "serve/document_api.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "http/problem.hpp"
#include "serve/document.hpp"

namespace meridian::serve {
namespace {

// The page has no scripts, no frames, and one style sheet of its own.
constexpr std::string_view content_policy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::response text_answer(std::string_view type, std::string_view body) {
  http::response answer;
  answer.content_type = type;
  answer.body = body;
  answer.headers.set("Content-Security-Policy", content_policy);
  // It is the program's own text: as public as the program.
  answer.headers.set("Cache-Control", "public, max-age=60");
  return answer;
}

task<http::response> answer_document(http::request) {
  co_return text_answer("application/json", document_text());
}

task<http::response> answer_page(http::request) {
  co_return text_answer("text/html; charset=utf-8", document_page());
}

task<http::response> answer_style(http::request) {
  co_return text_answer("text/css; charset=utf-8", document_style());
}

task<http::response> answer_elsewhere(std::string service, std::string served) {
  const http::refusal refused(
      404, "not_served_here",
      fmt::format("this process serves {}, and not {}, which answers that path", served, service)
  );
  co_return http::problem_of(refused);
}

}  // namespace

void add_document_routes(http::router& routes) {
  routes.add(http::verb::get, "/docs", answer_page);
  routes.add(http::verb::get, "/docs/style.css", answer_style);
  routes.add(http::verb::get, "/openapi.json", answer_document);
}

void add_elsewhere_routes(http::router& routes, const std::vector<service>& served) {
  std::vector<std::string_view> names;
  for (const auto each : served) {
    names.push_back(to_string(each));
  }
  const auto words = fmt::format("{}", fmt::join(names, " and "));
  for (const auto& [method, path, service] : document_operations()) {
    const auto known = find_service(service);
    if (known && std::ranges::find(served, *known) == served.end()) {
      routes.add(method, path, [service, words](const http::request&) { return answer_elsewhere(service, words); });
    }
  }
}

}  // namespace meridian::serve
