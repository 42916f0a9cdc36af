#include "servers/terminals/terminal_intake.hpp"

#include "base/json/json.hpp"

namespace keel::servers {

bool TerminalIntake::takes(std::string_view topic) const noexcept {
  TerminalTopic parsed;
  return parse_terminal_topic(topic, parsed);
}

runtime::Task<Result<broker::IntakeAnswer>> TerminalIntake::take(
    const broker::TakenMessage& message, runtime::Wait wait) {
  TerminalTopic topic;
  KEEL_ASSERT(parse_terminal_topic(message.topic, topic));
  ++stats_.messages;
  const Result<AnswerBody> answer = co_await requests_.done(topic, as_text(message.payload), wait);
  if (!answer.ok()) {
    ++stats_.not_stored;
    co_return answer.error();
  }
  if (answer->error) ++stats_.refused;
  broker::IntakeAnswer said{.topic = answer_topic(topic), .payload = {}};
  to_json(*answer, said.payload);
  co_return said;
}

}  // namespace keel::servers
