#include "node/fleet/terminals/terminal.hpp"

#include "node/fleet/errors.hpp"
#include "runtime/errors.hpp"
#include "servers/terminals/terminal_topic.hpp"

namespace keel::node {

using mqtt::Reason;
using runtime::Task;
using runtime::Wait;
using servers::AnswerBody;

namespace {

std::string topic_of(const std::string& station, std::string_view verb) {
  return "charging/" + station + "/" + std::string(verb);
}

}  // namespace

Task<Result<>> Terminal::connect(Wait wait) {
  client_ = std::make_unique<MqttClient>(core_,
                                         MqttClientOptions{.broker = options_.broker,
                                                           .client_id = options_.station,
                                                           .user_name = options_.station,
                                                           .password = options_.secret,
                                                           .keep_alive_s = 0,
                                                           .tls = nullptr},
                                         static_cast<MqttListener&>(*this));
  KEEL_CO_TRY(co_await client_->open({}, wait));
  co_return co_await client_->subscribe(topic_of(options_.station, "answers/#"),
                                        mqtt::Qos::at_least_once, wait);
}

Task<Result<AnswerBody>> Terminal::say_again(Wait wait) {
  if (client_ == nullptr) co_return runtime::kConnectionLost;
  acknowledged_.reset();
  answer_.reset();
  if (!client_->publish(topic_of(options_.station, last_verb_), as_bytes(last_message_),
                        mqtt::Qos::at_least_once, mqtt::DeliveryTag(said_)))
    co_return runtime::kConnectionLost;
  KEEL_CO_TRY(co_await client_->flush(wait));
  while (!acknowledged_ || !answer_) {
    if (!KEEL_CO_TRY(co_await client_->receive(wait))) co_return kBrokerClosed;
    KEEL_CO_TRY(co_await client_->flush(wait));
  }
  if (mqtt::is_failure(*acknowledged_))
    co_return Error(kCallRefused, std::string(mqtt::to_string(*acknowledged_)));
  AnswerBody answer = KEEL_CO_TRY(std::move(*answer_));
  if (answer.error) co_return Error(kCallRefused, last_verb_ + ": " + *answer.error);
  if (answer.outcome != charging::OutcomeCode::done)
    co_return Error(kCallRefused, last_verb_ + ": " + last_message_);
  co_return answer;
}

void Terminal::received(const mqtt::Publish& message) {
  if (message.topic != topic_of(options_.station, "answers/" + last_verb_)) return;
  Result<AnswerBody> answer = from_json<AnswerBody>(as_text(message.payload));
  // An earlier one may come again: QoS 1.
  if (answer.ok() && answer->id != last_id_) return;
  answer_ = std::move(answer);
}

void Terminal::delivered(mqtt::DeliveryTag tag, Reason reason) {
  if (tag == mqtt::DeliveryTag(said_)) acknowledged_ = reason;
}

Task<> Terminal::close(Wait wait) {
  if (client_ == nullptr) co_return;
  client_->disconnect();
  static_cast<void>(co_await client_->flush(wait));
  client_->cut();
}

void Terminal::cut() noexcept {
  if (client_ != nullptr) client_->cut();
}

}  // namespace keel::node
