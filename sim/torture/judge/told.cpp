#include "sim/torture/judge/told.hpp"

namespace keel::torture {

std::uint64_t Told::forget_after(Position last) {
  std::uint64_t lost = 0;
  for (auto& [key, command] : commands) {
    const std::size_t erased = std::erase_if(
        command.answers, [last](const AnswerTold& told) { return told.answer.position > last; });
    lost += erased;
    command.given_up |= erased != 0;  // its client has had its answer, and asks no more
    command.lost |= erased != 0;
  }
  std::erase_if(queries,
                [last](const QueryTold& query) { return query.told.answer.position > last; });
  std::erase_if(hashes, [last](const HashTold& told) { return told.position > last; });
  for (SubscriptionTold& subscription : subscriptions) {
    subscription.position = std::min(subscription.position, last);
    std::erase_if(subscription.records,
                  [last](const RecordTold& record) { return record.envelope.sequence > last; });
  }
  newest = std::min(newest, last);
  return lost;
}

}  // namespace keel::torture
