#include "node/access/token.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "node/config/errors.hpp"

namespace keel::node {
namespace {

struct TokenTest : testing::Test {
  std::string directory = testing::TempDir() + "keel_token_test";
  void SetUp() override { std::filesystem::remove_all(directory); }
  void TearDown() override { std::filesystem::remove_all(directory); }
};

TEST_F(TokenTest, is_made_once_and_read_again) {
  const Token made = read_or_make_token(directory).value();
  const Token again = read_or_make_token(directory).value();
  EXPECT_TRUE(made.made);
  EXPECT_FALSE(again.made);
  EXPECT_EQ(made.text, again.text);
  EXPECT_EQ(made.text.size(), 69u);
}

TEST_F(TokenTest, only_its_owner_can_read_it) {
  static_cast<void>(read_or_make_token(directory).value());
  struct stat status{};
  ASSERT_EQ(::stat((directory + "/token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(TokenTest, a_file_that_holds_something_else_is_refused) {
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/token") << "hunter2\n";
  EXPECT_TRUE(read_or_make_token(directory).error().is(kBadToken));
}

TEST_F(TokenTest, authenticates_just_this_token) {
  const Token token = read_or_make_token(directory).value();
  const TokenAuthenticator authenticator(token.text);
  EXPECT_EQ(authenticator.authenticate(token.text)->principal, kOperator.principal);
  EXPECT_FALSE(authenticator.authenticate("").has_value());
  EXPECT_FALSE(authenticator.authenticate(token.text + "0").has_value());
  EXPECT_FALSE(authenticator.authenticate(token.text.substr(1)).has_value());
}

}  // namespace
}  // namespace keel::node
