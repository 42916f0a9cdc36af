// What the tests of this folder share: a server's end that is fed hexadecimal text, and what it
// answers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {

inline const std::string kConnect3 = "100f00064d51497364700302003c000170";
inline const std::string kConnect4 = "100d00044d5154540402003c000170";
inline const std::string kConnect5 = "100e00044d5154540502003c00000170";

class TestServer {
 public:
  explicit TestServer(const LinkSettings& settings = quiet()) : connection(settings) {}

  // Without a maximum packet size in CONNACK.
  static LinkSettings quiet() {
    LinkSettings settings;
    settings.limits.packet_bytes = kGreatestVariable + kMostFixedHeaderBytes;
    return settings;
  }

  // Feeds, and takes steps until there is an event or nothing more.
  Step feed(std::string_view hex) {
    connection.hold();
    held_.push_back(from_hex(hex).value());
    connection.feed(held_.back());
    return connection.next();
  }
  // The same, and what it makes the server send; events are passed over.
  std::string answer(std::string_view hex) {
    for (Step step = feed(hex); step == Step::event;) step = connection.next();
    return sent();
  }
  std::string sent() { return to_hex(connection.take_output()); }

  template <typename T>
  const T& event() const {
    return std::get<T>(connection.event());
  }
  // Connects and accepts.
  void open(std::string_view connect, const Acceptance& acceptance = {}) {
    ASSERT_EQ(feed(connect), Step::event);
    connection.accept(acceptance);
    ASSERT_EQ(connection.next(), Step::need_more);
    first_answer = sent();
  }
  // "mqtt.x 82": what Closed says.
  std::string closed() const {
    const auto& closed = event<Closed>();
    const std::string kind(closed.error == nullptr ? "" : closed.error->name);
    return kind + " " + to_hex(std::array{static_cast<std::byte>(closed.reason)});
  }

  ServerConnection connection;
  std::string first_answer;

 private:
  std::vector<Bytes> held_;  // as a socket's buffers would be
};

}  // namespace keel::mqtt
