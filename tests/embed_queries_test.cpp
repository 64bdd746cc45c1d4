// cmake/embed_queries.cmake: statements are embedded as they stand, and what they include stands in its place.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string read(const fs::path& from) {
  std::stringstream text;
  text << std::ifstream(from).rdbuf();
  return text.str();
}

class embed_queries : public testing::Test {
 protected:
  embed_queries() {
    std::string pattern = (fs::temp_directory_path() / "meridian-queries-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~embed_queries() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  // Whether the header was made; what CMake said is in said().
  bool run() const {
    const auto command = "cmake -DROOT=" + root_.string() + " -DROOM=room -DOUTPUT=" + header().string() +
                         " -P " MERIDIAN_SOURCE_DIR "/cmake/embed_queries.cmake >" + log().string() + " 2>&1";
    return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe): this test has one thread
  }
  fs::path header() const { return root_ / "queries.hpp"; }
  fs::path log() const { return root_ / "log"; }
  // CMake breaks lines where it likes.
  std::string said() const { return std::regex_replace(read(log()), std::regex("\\s+"), " "); }

  fs::path root_;
};

TEST_F(embed_queries, keeps_each_statement_as_it_stands) {
  write("get_it.sql", "-- It; all of it.\nSELECT x[1:2], ';'\n  FROM t_${region}\n WHERE a = $1\n");
  ASSERT_TRUE(run()) << said();
  EXPECT_THAT(
      read(header()), HasSubstr("query get_it{\"get_it\", R\"sql(-- It; all of it.\nSELECT x[1:2], ';'\n  FROM "
                                "t_${region}\n WHERE a = $1\n)sql\"}")
  );
}

TEST_F(embed_queries, puts_parts_in_their_place) {
  write("part/column.sql", "       a[1], ';',\n\n");
  write("part/column_last.sql", "       b\n");
  write("both.sql", "SELECT\n       -- @include column\n       -- @include column_last\n  FROM t\n");
  write(
      "twice.sql", "SELECT\n  -- @include column_last\n  FROM t\nUNION SELECT\n  -- @include column_last\n  FROM t\n"
  );
  ASSERT_TRUE(run()) << said();
  EXPECT_THAT(read(header()), HasSubstr("R\"sql(SELECT\n       a[1], ';',\n       b\n  FROM t\n)sql\""));
  EXPECT_THAT(read(header()), HasSubstr("R\"sql(SELECT\n       b\n  FROM t\nUNION SELECT\n       b\n  FROM t\n)sql\""));
  EXPECT_THAT(read(header()), Not(HasSubstr("column")));  // and a part is no statement
}

TEST_F(embed_queries, names_the_file_that_includes_what_is_not_there) {
  write("get_it.sql", "SELECT\n  -- @include colunm\n  FROM t\n");
  EXPECT_FALSE(run());
  EXPECT_THAT(said(), HasSubstr("get_it.sql includes \"colunm\""));
}

TEST_F(embed_queries, refuses_parts_of_parts_and_includes_that_are_no_line) {
  write("part/inner.sql", "a\n");
  write("part/outer.sql", "\n-- @include inner\n");
  write("get_it.sql", "SELECT\n-- @include outer\n");
  EXPECT_FALSE(run());
  EXPECT_THAT(said(), HasSubstr("can't include anything itself"));

  write("get_it.sql", "SELECT a, -- @include inner\n  FROM t\n");
  EXPECT_FALSE(run());
  EXPECT_THAT(said(), HasSubstr("a line of its own"));
}

}  // namespace
