#include "node/config/config.hpp"

#include <gtest/gtest.h>

#include <set>

#include "node/config/errors.hpp"

namespace keel::node {
namespace {

TEST(Config, reads_tables_and_leaves_the_rest_at_its_default) {
  const Config config =
      parse_config("data_directory = \"/d\"\ncores = 1\n[http]\nport = 0\n", "keel.toml").value();
  EXPECT_EQ(config.data_directory, "/d");
  EXPECT_EQ(config.cores, 1u);
  EXPECT_EQ(config.http_port, 0u);
  EXPECT_EQ(config.journal_sync, Config{}.journal_sync);
}

std::string complaint(std::string_view toml) {
  const Result<Config> config = parse_config(toml, "keel.toml");
  EXPECT_FALSE(config.ok());
  EXPECT_TRUE(config.error().is(kBadConfig));
  return config.error().detail();
}

TEST(Config, an_unknown_key_is_an_error_with_a_suggestion) {
  EXPECT_EQ(complaint("\n[http]\nprot = 1\n"),
            "keel.toml:3: unknown key \"http.prot\"; did you mean \"http.port\"?");
}

TEST(Config, a_bad_value_says_what_would_be_right) {
  EXPECT_EQ(complaint("[http]\nport = 70000\n"),
            "keel.toml:2: http.port: got \"70000\", expected an integer from 0 to 65535");
  EXPECT_EQ(complaint("world = \"windows\"\n"),
            "keel.toml:1: world: got \"windows\", expected one of auto io_uring threads");
  EXPECT_EQ(complaint("pin_cores = 3\n"),
            "keel.toml:1: pin_cores: got \"3\", expected true or false");
  EXPECT_FALSE(complaint("cores = [1]\n").empty());
  EXPECT_FALSE(complaint("cores = \n").empty());
}

TEST(Config, every_option_has_its_own_key_and_its_default_is_in_range) {
  std::set<std::string_view> keys;
  for (const Option& option : options()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    Config config;
    std::string text = value_text(config, option);
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    EXPECT_TRUE(set(config, option.key, text).ok()) << option.key;
  }
}

}  // namespace
}  // namespace keel::node
