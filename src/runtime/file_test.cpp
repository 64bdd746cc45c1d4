#include "runtime/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meridian {
namespace {

class file_test : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_directory(folder_, 0700)); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("meridian-file-test-" + std::to_string(::getpid()));
};

TEST_F(file_test, is_written_whole_with_its_mode_and_leaves_nothing_beside_it) {
  const auto path = folder_ / "secret";
  ASSERT_TRUE(write_file(path, "old and longer", mode_public));
  ASSERT_TRUE(write_file(path, "new", mode_private));
  EXPECT_EQ(*read_file(path), "new");
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, mode_private);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(file_test, that_is_missing_is_not_found) {
  EXPECT_EQ(read_file(folder_ / "none").error().code, errc::not_found);
}

TEST_F(file_test, lock_has_one_holder) {
  const auto path = folder_ / "lock";
  {
    const auto first = file_lock::acquire(path);
    ASSERT_TRUE(first);
    EXPECT_EQ(file_lock::acquire(path).error().code, errc::conflict);
  }
  EXPECT_TRUE(file_lock::acquire(path));
}

}  // namespace
}  // namespace meridian
