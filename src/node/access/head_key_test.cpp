#include "node/access/head_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

struct HeadKeyTest : testing::Test {
  std::string directory = testing::TempDir() + "keel_head_key_test";
  void SetUp() override { std::filesystem::remove_all(directory); }
  void TearDown() override { std::filesystem::remove_all(directory); }
};

TEST_F(HeadKeyTest, is_made_once_for_its_owner_alone_and_read_again) {
  const auto made = HeadKey::read_or_make(directory).value()->public_key();
  struct stat status{};
  ASSERT_EQ(::stat((directory + "/head.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  std::filesystem::remove(directory + "/head.pub");
  EXPECT_EQ(HeadKey::read_or_make(directory).value()->public_key(), made);
  EXPECT_EQ(read_public_key(directory + "/head.pub").value(), made);
  EXPECT_EQ(read_public_key(to_hex(made)).value(), made);
}

TEST_F(HeadKeyTest, a_start_that_was_cut_short_left_no_key) {
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/head.key.new") << "12ab";
  EXPECT_TRUE(HeadKey::read_or_make(directory).ok());
  EXPECT_FALSE(std::filesystem::exists(directory + "/head.key.new"));
}

TEST_F(HeadKeyTest, a_file_that_others_may_read_or_that_is_no_key_is_refused) {
  static_cast<void>(HeadKey::read_or_make(directory).value());
  ::chmod((directory + "/head.key").c_str(), 0640);
  EXPECT_TRUE(HeadKey::read_or_make(directory).error().is(kBadToken));
  ::chmod((directory + "/head.key").c_str(), 0600);
  std::ofstream(directory + "/head.key") << "hunter2\n";
  EXPECT_TRUE(HeadKey::read_or_make(directory).error().is(kBadToken));
  EXPECT_TRUE(read_public_key("hunter2").error().is(kBadConfig));
}

}  // namespace
}  // namespace keel::node
