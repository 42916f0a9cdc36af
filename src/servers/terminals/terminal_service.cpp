#include "servers/terminals/terminal_service.hpp"

#include "base/json/json.hpp"
#include "runtime/errors.hpp"

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
  if (turn->second.messages == kMostOfStation) {
    ++stats_.not_stored;
    co_return Error(runtime::kQueueFull, "a station has 64 messages under way");
  }
  ++turn->second.messages;
  Result<Reason> reason = Reason::success;
  if (const Result<> mine = co_await turn->second.place.take(wait); mine.ok()) {
    if (!turn->second.failed.has_value()) {
      reason = co_await answer(topic, as_text(message.payload), wait);
    } else {
      reason = *turn->second.failed;
    }
    turn->second.place.give_back();
  } else {
    reason = mine.error();
  }
  if (!reason.ok()) {
    ++stats_.not_stored;
    turn->second.failed = reason.error();
  }
  if (--turn->second.messages == 0) turns_.erase(turn);
  co_return reason;
}

Task<Result<Reason>> TerminalService::answer(TerminalTopic topic, std::string_view json,
                                             runtime::Wait wait) {
  const AnswerBody answer =
      KEEL_CO_TRY(topic.verb == "result" ? co_await take_result(topic.station, json, wait)
                                         : co_await requests_.done(topic, json, wait));
  if (answer.error) ++stats_.refused;
  std::string payload;
  to_json(answer, payload);
  talk_.say(answer_topic(topic), payload, 0);
  co_return Reason::success;
}

Task<Result<AnswerBody>> TerminalService::take_result(std::string_view station,
                                                      std::string_view json, runtime::Wait wait) {
  const Result<ResultBody> body = from_json<ResultBody>(json);
  if (!body.ok()) co_return AnswerBody{.error = body.error().to_string()};
  AnswerBody answer{.id = body->id};
  if (KEEL_CO_TRY(co_await calls_.finish(station, *body, wait))) {
    answer.outcome = charging::OutcomeCode::done;
  } else {
    answer.error =
        "call: no such call is open; it was never made, or has been answered, or its time is over";
  }
  co_return answer;
}

}  // namespace keel::servers
