#include "serve/web_api.hpp"

#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "json/writer.hpp"
#include "rest/answer.hpp"
#include "topology/door.hpp"

namespace meridian::serve {
namespace {

// Paths at which the application shows something of its own; web/src/view/routes.ts reads them.
constexpr std::string_view application_paths[] = {
    "/", "/sign-in", "/c/{channel}", "/c/{channel}/{seq}", "/w/{workspace}", "/join/{token}", "/console",
};

// Scripts and styles come from files of our own; nothing inline, nothing from elsewhere, and no text becomes markup but
// by Svelte's templates.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

constexpr std::string_view page_without_files =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Meridian</title></head>\n<body>\n"
    "<h1>This process has no web files</h1>\n<p>It answers the API all the same: <a href=\"/docs\">/docs</a>.</p>\n"
    "<p>For the messenger, build the web (<code>./meridian build</code> makes build/web) and start the process again, "
    "or "
    "give it a directory: <code>meridian serve --web DIRECTORY</code>.</p>\n</body>\n</html>\n";

void set_security(http::response& answer, bool has_tls) {
  answer.headers.set("Content-Security-Policy", content_policy);
  answer.headers.set("Referrer-Policy", "same-origin");
  answer.headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  answer.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  answer.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (has_tls) {
    answer.headers.set("Strict-Transport-Security", "max-age=63072000");
  }
}

// Answers with one file; the files live as long as the handler.
class file_handler {
 public:
  file_handler(std::shared_ptr<const http::static_files> files, std::string_view path, bool has_tls)
      : files_(std::move(files)), file_(files_->find(path)), has_tls_(has_tls) {}

  task<http::response> operator()(http::request received) const { return answer(file_, has_tls_, std::move(received)); }

 private:
  static task<http::response> answer(const http::static_file* file, bool has_tls, http::request received) {
    auto made = http::answer_file(*file, received);
    set_security(made, has_tls);
    co_return made;
  }

  std::shared_ptr<const http::static_files> files_;
  const http::static_file* file_;
  bool has_tls_;
};

task<http::response> answer_without_files(http::request) {
  http::response answer;
  answer.status = 404;
  answer.content_type = "text/html; charset=utf-8";
  answer.body = page_without_files;
  answer.headers.set(
      "Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
  co_return answer;
}

std::string door_of(const topology::topology& world, const topology::region& where) {
  const auto place = std::ranges::find(world.serving, where.name, &topology::serving_place::region);
  return place == world.serving.end() ? "" : url_of(*place);
}

}  // namespace

void add_web_routes(http::router& routes, const process_settings& settings) {
  if (!settings.web) {
    routes.add(http::verb::get, "/", answer_without_files);
    return;
  }
  for (const auto& path : settings.web->paths()) {
    routes.add(http::verb::get, path, file_handler(settings.web, path, settings.has_tls));
  }
  for (const auto path : application_paths) {
    routes.add(http::verb::get, path, file_handler(settings.web, "/index.html", settings.has_tls));
  }
}

void region_api::add_routes(http::router& routes) const {
  routes.add(http::verb::get, "/v1/regions", [this](const http::request&) { return list_regions(); });
}

task<http::response> region_api::list_regions() const {
  std::string body;
  json::writer out(body);
  out.begin_object().key("items").begin_array();
  for (const auto& seen : watch_.now()) {
    out.begin_object().text("name", seen.where->name).text("label", seen.where->label);
    out.flag("is_here", seen.where == &process_.here).key("url");
    if (const auto door = door_of(process_.world, *seen.where); !door.empty()) {
      out.text(door);
    } else {
      out.null();
    }
    out.key("is_reachable");
    if (seen.is_known) {
      out.flag(seen.is_reachable);
    } else {
      out.null();
    }
    out.key("answered_in_us");
    if (seen.is_reachable) {
      out.number(seen.answered_in.count());
    } else {
      out.null();
    }
    out.end_object();
  }
  out.end_array().key("next_cursor").null().end_object();
  co_return rest::json_answer(200, std::move(body));
}

}  // namespace meridian::serve
