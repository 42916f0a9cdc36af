#include "servers/ocpp/admission.hpp"

#include <gtest/gtest.h>

#include "base/hash/sha256.hpp"

namespace keel::servers {
namespace {

TEST(OcppAdmission, a_path_names_its_station) {
  EXPECT_EQ(station_of("/ocpp/CP-1", "/ocpp/"), "CP-1");
  EXPECT_EQ(station_of("/ocpp/CP%201%2f2", "/ocpp/"), "CP 1/2");
  EXPECT_EQ(station_of("/ocpp/" + std::string(48, 'x'), "/ocpp/"), std::string(48, 'x'));
  for (const std::string& path :
       {std::string("/ocpp/"), std::string("/ocpp"), std::string("/other/CP"),
        std::string("/ocpp/a/b"), std::string("/ocpp/%0a"), std::string("/ocpp/%4"),
        std::string("/ocpp/%zz"), std::string("/ocpp/\xc3\xa4"), "/ocpp/" + std::string(49, 'x')})
    EXPECT_FALSE(station_of(path, "/ocpp/").has_value()) << path;
}

TEST(OcppAdmission, basic_credentials_are_user_and_password) {
  const auto shown = basic_credentials("basic Q1A6YTpi");  // CP:a:b
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->user, "CP");
  EXPECT_EQ(shown->password, "a:b");
  for (const std::string_view header : {"", "Basic", "Bearer Q1A6YTpi", "Basic !!", "Basic Q1A="})
    EXPECT_FALSE(basic_credentials(header).has_value()) << header;
}

struct OcppProfile : testing::Test {
  charging::StationCredentials::Answer known{
      .found = true, .has_secret = true, .secret = sha256(as_bytes("secret"))};
  BasicCredentials right{.user = "CP", .password = "secret"};
  runtime::Security tls;

  std::optional<std::uint8_t> profile(const std::optional<BasicCredentials>& shown,
                                      const runtime::Security* security = nullptr) {
    return proved_profile("CP", known, shown, security);
  }
};

TEST_F(OcppProfile, rises_with_what_is_proved) {
  EXPECT_EQ(profile(std::nullopt), 0);
  EXPECT_EQ(profile(right), 1);
  EXPECT_EQ(profile(right, &tls), 2);
  EXPECT_EQ(profile(std::nullopt, &tls), 0);
  tls.peer = std::make_unique<runtime::PeerIdentity>();
  tls.peer->common_name = "CP";
  EXPECT_EQ(profile(std::nullopt, &tls), 3);
}

TEST_F(OcppProfile, what_is_wrong_is_not_nothing) {
  EXPECT_FALSE(profile(BasicCredentials{.user = "CP", .password = "Secret"}).has_value());
  EXPECT_FALSE(profile(BasicCredentials{.user = "CQ", .password = "secret"}).has_value());
  tls.peer = std::make_unique<runtime::PeerIdentity>();
  tls.peer->common_name = "CQ";
  EXPECT_FALSE(profile(right, &tls).has_value());
  known.has_secret = false;
  known.secret = {};
  EXPECT_FALSE(profile(right).has_value());
  known.found = false;
  EXPECT_FALSE(profile(right).has_value());
}

}  // namespace
}  // namespace keel::servers
