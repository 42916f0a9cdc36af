#include "servers/terminals/terminal_service.hpp"

#include "base/json/json.hpp"

namespace keel::servers {

using mqtt::Reason;
using runtime::Task;

bool TerminalService::takes(std::string_view topic) const noexcept {
  TerminalTopic parsed;
  return parse_terminal_topic(topic, parsed);
}

Task<Result<Reason>> TerminalService::handle(broker::HandledMessage message, runtime::Wait wait) {
  TerminalTopic topic;
  KEEL_ASSERT(parse_terminal_topic(message.topic, topic));
  ++stats_.messages;
  const auto turn = turns_.try_emplace(std::string(topic.station), core_).first;
  ++turn->second.messages;
  Result<Reason> reason = Reason::success;
  if (const Result<> mine = co_await turn->second.place.take(wait); mine.ok()) {
    reason = co_await answer(topic, as_text(message.payload), wait);
    turn->second.place.give_back();
  } else {
    reason = mine.error();
  }
  if (--turn->second.messages == 0) turns_.erase(turn);
  co_return reason;
}

Task<Result<Reason>> TerminalService::answer(TerminalTopic topic, std::string_view json,
                                             runtime::Wait wait) {
  const bool of_call = topic.verb == "result";
  const Result<AnswerBody> answer =
      of_call ? take_result(topic.station, json) : co_await requests_.done(topic, json, wait);
  if (!answer.ok()) {
    ++stats_.not_stored;
    co_return answer.error();
  }
  if (answer->error) ++stats_.refused;
  std::string payload;
  to_json(*answer, payload);
  talk_.say(answer_topic(topic), payload, 0);
  co_return Reason::success;
}

AnswerBody TerminalService::take_result(std::string_view station, std::string_view json) {
  const Result<ResultBody> body = from_json<ResultBody>(json);
  if (!body.ok()) return {.error = body.error().to_string()};
  AnswerBody answer{.id = body->id};
  if (calls_.finish(station, *body)) {
    answer.outcome = charging::OutcomeCode::done;
  } else {
    answer.error = "call: no such call waits; it was never made, or its time is over";
  }
  return answer;
}

}  // namespace keel::servers
