// Terminal: one simulated terminal that speaks MQTT (docs/terminals.md): it says one thing after
// the other, each until it is acknowledged and answered.
//
// Thread: one core, one task.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/json/json.hpp"
#include "node/fleet/mqtt/mqtt_client.hpp"
#include "servers/terminals/terminal_bodies.hpp"

namespace keel::node {

struct TerminalOptions {
  runtime::Endpoint broker;
  std::string station;  // its user name and client id, too
  std::string secret;
};

class Terminal final : private MqttListener {
 public:
  Terminal(runtime::Core& core, TerminalOptions options)
      : core_(core), options_(std::move(options)) {}

  // Connects, again if it was connected before, and listens for answers. Errors of MqttClient.
  runtime::Task<Result<>> connect(runtime::Wait wait);

  // Says `body` and waits for its answer and the acknowledgement. fleet.call_refused with what is
  // wrong with it, or the outcome when it is not done; errors of the connection, after which
  // connect() is next.
  template <Described Body>
  runtime::Task<Result<servers::AnswerBody>> say(std::string_view verb, Body body,
                                                 runtime::Wait wait) {
    last_verb_ = verb;
    last_id_ = body.id = std::to_string(++said_);
    last_message_.clear();
    to_json(body, last_message_);
    co_return co_await say_again(wait);
  }
  // The last message once more, as it was.
  runtime::Task<Result<servers::AnswerBody>> say_again(runtime::Wait wait);

  // The orderly end, and the other one.
  runtime::Task<> close(runtime::Wait wait);
  void cut() noexcept;

 private:
  void received(const mqtt::Publish& message) override;
  void delivered(mqtt::DeliveryTag tag, mqtt::Reason reason) override;

  runtime::Core& core_;
  TerminalOptions options_;
  std::unique_ptr<MqttClient> client_;
  std::uint64_t said_ = 0;
  std::string last_verb_;
  std::string last_id_;
  std::string last_message_;
  // Of the last message.
  std::optional<mqtt::Reason> acknowledged_;
  std::optional<Result<servers::AnswerBody>> answer_;
};

}  // namespace keel::node
