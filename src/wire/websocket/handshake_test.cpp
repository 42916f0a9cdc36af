#include "wire/websocket/handshake.hpp"

#include <gtest/gtest.h>

#include "wire/websocket/errors.hpp"
#include "wire/websocket/sha1.hpp"

namespace keel::websocket {
namespace {

constexpr std::string_view kKeyLine = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kVersionLine = "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view kUpgradeLines =
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";

// Calls `use` on the request that the text is.
template <typename F>
auto with_request(const std::string& text, F use) {
  http::RequestParser parser;
  parser.feed(as_bytes(text));
  EXPECT_EQ(parser.next(), http::RequestStep::request);
  return use(parser.request());
}
std::string request(std::string_view lines, std::string_view start = "GET /mqtt HTTP/1.1") {
  return std::string(start) + "\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}
std::string all(std::string_view more = {}) {
  return std::string(kUpgradeLines) + std::string(kKeyLine) + std::string(kVersionLine) +
         std::string(more);
}
std::string_view refusal(const std::string& text) {
  return with_request(text, [](const http::Request& asked) {
    const Result<Opening> opening = read_opening(asked);
    return opening.ok() ? std::string_view("accepted") : opening.error().kind().name;
  });
}

// FIPS 180-4, and the value of RFC 6455, section 1.3.
TEST(WebSocketHandshake, hashes_keys_as_the_rfc_does) {
  EXPECT_EQ(to_hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha1({})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(to_hex(sha1(as_bytes(std::string(1'000, 'a')))),
            "291e9a6c66994949b57ba5e650361e98fc36b1ba");
  EXPECT_EQ(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, reads_and_accepts_an_opening) {
  with_request(
      request(all("Origin: https://a.example\r\nSec-WebSocket-Protocol: mqttv3.1, mqtt\r\n")),
      [](const http::Request& asked) {
        const Opening opening = read_opening(asked).value();
        EXPECT_EQ(opening.origin, "https://a.example");
        EXPECT_EQ(opening.protocols, (std::vector<std::string_view>{"mqttv3.1", "mqtt"}));
        EXPECT_FALSE(opening.deflate);
        const std::array<std::string_view, 2> ours{"mqtt", "mqttv3.1"};
        EXPECT_EQ(choose_protocol(opening, ours), "mqtt");
        std::array<std::byte, 512> space{};
        EXPECT_EQ(as_text(write_acceptance(space, opening, {.protocol = "mqtt"}).value()),
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                  "Sec-WebSocket-Protocol: mqtt\r\n\r\n");
      });
}

// Section 4.2.1.
TEST(WebSocketHandshake, refuses_what_is_no_opening) {
  const std::string upgrade(kUpgradeLines);
  const std::string key(kKeyLine);
  const std::string version(kVersionLine);
  EXPECT_EQ(refusal(request(all())), "accepted");
  EXPECT_EQ(refusal(request(key + version)), "websocket.not_an_opening");
  EXPECT_EQ(refusal(request("Upgrade: websocket\r\n" + key + version)), "websocket.not_an_opening")
      << "Connection does not name it";
  EXPECT_EQ(refusal(request(all(), "POST / HTTP/1.1")), "websocket.not_an_opening");
  EXPECT_EQ(refusal(request(all(), "GET / HTTP/1.0")), "websocket.not_an_opening");
  EXPECT_EQ(refusal(request("Upgrade: h2c\r\nConnection: Upgrade\r\n" + key + version)),
            "websocket.not_an_opening");
  EXPECT_EQ(refusal(request(upgrade + key)), "websocket.unsupported_version");
  EXPECT_EQ(refusal(request(upgrade + key + "Sec-WebSocket-Version: 8\r\n")),
            "websocket.unsupported_version");
  EXPECT_EQ(refusal(request(upgrade + version)), "websocket.bad_key");
  EXPECT_EQ(refusal(request(all(key))), "websocket.bad_key") << "twice";
  EXPECT_EQ(refusal(request(upgrade + version + "Sec-WebSocket-Key: c2hvcnQ=\r\n")),
            "websocket.bad_key");
  EXPECT_EQ(refusal(request(upgrade + version + "Sec-WebSocket-Key: ####################====\r\n")),
            "websocket.bad_key");
  EXPECT_EQ(refusal(request(all("Sec-WebSocket-Protocol: a, a\r\n"))), "websocket.bad_protocols");
  EXPECT_EQ(refusal(request(all("Sec-WebSocket-Protocol: a b\r\n"))), "websocket.bad_protocols");
  EXPECT_EQ(refusal_status(kUnsupportedVersion), http::Status::upgrade_required);
  EXPECT_EQ(refusal_status(kBadKey), http::Status::bad_request);
}

class WebSocketClient : public testing::Test {
 protected:
  static constexpr std::array<std::string_view, 2> kProtocols{"mqtt", "other"};
  OpeningRequest opening_{.target = "/mqtt", .host = "h", .nonce = {}, .protocols = kProtocols};

  // What the client makes of an answer.
  Result<std::string> heard(const std::string& text) {
    http::ResponseParser parser;
    parser.feed(as_bytes(text));
    EXPECT_EQ(parser.next({.method = http::Method::get}), http::ResponseStep::response) << text;
    const Result<Accepted> accepted = check_acceptance(parser.response(), opening_);
    if (!accepted.ok()) return accepted.error();
    return std::string(accepted->protocol);
  }
};

TEST_F(WebSocketClient, understands_the_server_of_this_folder) {
  std::array<std::byte, 512> space{};
  const std::string asked(as_text(write_opening(space, opening_).value()));
  const std::string answer = with_request(asked, [](const http::Request& request) {
    std::array<std::byte, 512> answer_space{};
    return std::string(
        as_text(write_acceptance(answer_space, read_opening(request).value(), {.protocol = "other"})
                    .value()));
  });
  EXPECT_EQ(heard(answer).value(), "other");
}

// Section 4.1.
TEST_F(WebSocketClient, refuses_an_answer_that_is_not_to_its_request) {
  const std::string right =
      "Sec-WebSocket-Accept: " + accept_value("AAAAAAAAAAAAAAAAAAAAAA==") + "\r\n";
  const std::string start = "HTTP/1.1 101 Switching Protocols\r\n";
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  EXPECT_EQ(heard(start + upgrade + right + "\r\n").value(), "");
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), start + right + "\r\n",
        start + upgrade + "\r\n", start + upgrade + "Sec-WebSocket-Accept: x\r\n\r\n",
        start + upgrade + right + "Sec-WebSocket-Protocol: third\r\n\r\n",
        start + upgrade + right + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"}) {
    const Result<std::string> refused = heard(answer);
    ASSERT_FALSE(refused.ok()) << answer;
    EXPECT_TRUE(refused.error().is(kNotAccepted));
  }
}

}  // namespace
}  // namespace keel::websocket
