#include "cluster/file_search.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/file.hpp"

namespace meridian::cluster {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;
const std::string text_a = "mark-aaaa";
const std::string text_b = "mark-bbbb";

class file_search_test : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_directory(folder_, 0700)); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::filesystem::path& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("meridian-search-test-" + std::to_string(::getpid()));
  file_search search_{{"mark-", {"aaaa", "bbbb"}}};
};

TEST_F(file_search_test, finds_a_text_at_every_offset_around_the_border_of_a_piece) {
  // The first piece is longer than the later ones by what those carry over.
  for (const auto border : {piece_bytes, piece_bytes + text_a.size() - 1, 2 * piece_bytes + text_a.size() - 1}) {
    for (std::size_t offset = border - text_a.size() - 2; offset <= border + 2; ++offset) {
      write("large", std::string(offset, 'x') + text_a + std::string(100, 'm'));
      file_search search({"mark-", {"aaaa", "bbbb"}});
      const auto hits = search.search_directory(folder_);
      ASSERT_EQ(hits.size(), 1) << offset;
      EXPECT_EQ(hits[0].first_offset, offset);
      EXPECT_EQ(hits[0].count, 1) << offset;
      EXPECT_EQ(search.bytes_searched(), offset + text_a.size() + 100);
    }
  }
}

TEST_F(file_search_test, tells_the_texts_apart_and_counts_them) {
  write("one", "mark-" + text_a + text_a + "mark-aaab" + text_b);
  const auto hits = search_.search_directory(folder_);
  ASSERT_EQ(hits.size(), 2);
  EXPECT_EQ(hits[0].target, 0);
  EXPECT_EQ(hits[0].first_offset, 5);
  EXPECT_EQ(hits[0].count, 2);
  EXPECT_EQ(hits[1].target, 1);
  EXPECT_EQ(hits[1].count, 1);
}

TEST_F(file_search_test, finds_a_text_that_ends_the_file_and_none_in_a_part_of_one) {
  write("end", "..." + text_a);
  write("part", text_a.substr(0, text_a.size() - 1));
  write("empty", "");
  const auto hits = search_.search_directory(folder_);
  ASSERT_EQ(hits.size(), 1);
  EXPECT_EQ(hits[0].file, folder_ / "end");
  EXPECT_EQ(search_.files_searched(), 3);
}

TEST_F(file_search_test, goes_through_links_once_and_out_of_the_directory) {
  write("data/deep/er/file", text_a);
  write("outside/file", text_b);
  std::filesystem::create_directory_symlink(folder_ / "outside", folder_ / "data" / "tablespace");
  std::filesystem::create_directory_symlink(folder_ / "data", folder_ / "data" / "deep" / "loop");
  std::filesystem::create_symlink(folder_ / "nowhere", folder_ / "data" / "dangling");
  const auto hits = search_.search_directory(folder_ / "data");
  ASSERT_EQ(hits.size(), 2);
  EXPECT_EQ(hits[0].target, 0);
  EXPECT_EQ(hits[1].file, folder_ / "data" / "tablespace" / "file");
  EXPECT_EQ(search_.files_searched(), 2);
  EXPECT_TRUE(search_.unreadable().empty());
}

TEST_F(file_search_test, takes_a_file_once_over_all_calls) {
  write("nodes/one/file", text_a);
  write("log", text_b);
  EXPECT_EQ(search_.search_directory(folder_ / "nodes").size(), 1);
  const auto rest = search_.search_directory(folder_);
  ASSERT_EQ(rest.size(), 1);
  EXPECT_EQ(rest[0].file, folder_ / "log");
}

TEST_F(file_search_test, has_nothing_to_say_of_a_directory_that_is_not_there) {
  EXPECT_TRUE(search_.search_directory(folder_ / "none").empty());
  EXPECT_TRUE(search_.unreadable().empty());
}

TEST_F(file_search_test, names_what_it_can_not_read) {
  write("closed/file", text_a);
  write("secret", text_a);
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms::none);
  std::filesystem::permissions(folder_ / "secret", std::filesystem::perms::none);
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root reads everything";
  }
  EXPECT_TRUE(search_.search_directory(folder_).empty());
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms::owner_all);
  EXPECT_GE(search_.unreadable().size(), 2);
}

}  // namespace
}  // namespace meridian::cluster
