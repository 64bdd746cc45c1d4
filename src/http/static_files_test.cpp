#include "http/static_files.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace meridian::http {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class static_files_test : public testing::Test {
 protected:
  static_files_test() {
    fs::create_directories(root_ / "assets");
    put("index.html", "<p>hello</p>");
    put("assets/main-Abc123_-.js", "let plain;");
    put("assets/main-Abc123_-.js.br", "brotli");
    put("assets/main-Abc123_-.js.gz", "gzipped");
  }
  ~static_files_test() override { fs::remove_all(root_); }

  void put(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }

  static response ask(const static_file* file, std::initializer_list<std::pair<std::string, std::string>> headers) {
    request received;
    for (const auto& [name, value] : headers) {
      received.headers.add(name, value);
    }
    return answer_file(*file, received);
  }

  std::string encoding_for(const std::string& accepted) const {
    const auto files = static_files::load(root_).value();
    const auto answer = ask(files->find("/assets/main-Abc123_-.js"), {{"Accept-Encoding", accepted}});
    return std::string(answer.headers.find("Content-Encoding").value_or("none")) + ": " + answer.body;
  }

  const fs::path root_ = fs::temp_directory_path() / ("meridian-static-files-" + std::to_string(::getpid()));
};

TEST_F(static_files_test, knows_what_is_there_by_its_path_and_nothing_else) {
  const auto files = static_files::load(root_).value();
  EXPECT_THAT(files->paths(), ElementsAre("/assets/main-Abc123_-.js", "/index.html"));
  for (const auto* path :
       {"/", "/../index.html", "/assets/../index.html", "index.html", "/assets/main-Abc123_-.js.br"}) {
    EXPECT_EQ(files->find(path), nullptr) << path;
  }
}

TEST_F(static_files_test, sends_the_best_encoding_that_is_taken) {
  EXPECT_EQ(encoding_for("gzip, deflate, br, zstd"), "br: brotli");
  EXPECT_EQ(encoding_for("gzip;q=1.0, br;q=0"), "gzip: gzipped");
  EXPECT_EQ(encoding_for("br;q=0.000, gzip;q=0.1"), "gzip: gzipped");
  EXPECT_EQ(encoding_for("deflate"), "none: let plain;");
  EXPECT_EQ(encoding_for("brr, xgzip"), "none: let plain;");
  EXPECT_EQ(encoding_for(""), "none: let plain;");
}

TEST_F(static_files_test, lets_hashed_names_be_kept_and_others_be_asked_for_again) {
  const auto files = static_files::load(root_).value();
  const auto script = ask(files->find("/assets/main-Abc123_-.js"), {});
  EXPECT_THAT(script.headers.find("Cache-Control").value(), HasSubstr("immutable"));
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(script.headers.find("Vary"), "Accept-Encoding");
  const auto page = ask(files->find("/index.html"), {});
  EXPECT_EQ(page.headers.find("Cache-Control"), "no-cache");
  EXPECT_EQ(page.status, 200);
  const std::string etag(page.headers.find("ETag").value());
  for (const auto& known : {etag, "W/" + etag, "\"other\", " + etag}) {
    const auto again = ask(files->find("/index.html"), {{"If-None-Match", known}});
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
  }
  EXPECT_EQ(ask(files->find("/index.html"), {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(static_files_test, gives_each_encoding_an_etag_of_its_own) {
  const auto files = static_files::load(root_).value();
  const auto* script = files->find("/assets/main-Abc123_-.js");
  const std::string etag(ask(script, {{"Accept-Encoding", "br"}}).headers.find("ETag").value());
  EXPECT_EQ(ask(script, {{"Accept-Encoding", "gzip"}, {"If-None-Match", etag}}).status, 200);
  EXPECT_EQ(ask(script, {{"Accept-Encoding", "br"}, {"If-None-Match", etag}}).status, 304);
}

TEST_F(static_files_test, leaves_out_links_and_refuses_names_that_are_not_for_the_web) {
  fs::create_symlink("/etc/passwd", root_ / "assets" / "stolen.txt");
  EXPECT_EQ(static_files::load(root_).value()->find("/assets/stolen.txt"), nullptr);
  put(".env.json", "{}");
  EXPECT_EQ(static_files::load(root_).error().code, errc::invalid_argument);
  fs::remove(root_ / ".env.json");
  put("run.sh", "");
  EXPECT_EQ(static_files::load(root_).error().code, errc::invalid_argument);
  fs::remove(root_ / "run.sh");
  put("{name}.js", "");
  EXPECT_EQ(static_files::load(root_).error().code, errc::invalid_argument);
}

TEST_F(static_files_test, needs_an_index) {
  fs::remove(root_ / "index.html");
  EXPECT_EQ(static_files::load(root_).error().code, errc::not_found);
  EXPECT_EQ(static_files::load(root_ / "nowhere").error().code, errc::not_found);
}

}  // namespace
}  // namespace meridian::http
