#include "wire/mqtt/connection/topic_alias.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

// An alias takes three bytes; a shorter topic is not worth one.
constexpr std::size_t kLeastTopicBytes = 8;

}  // namespace

Result<> InboundAliases::resolve(Publish& publish) {
  const auto alias = publish.properties.number(PropertyId::topic_alias);
  if (!alias) return success();
  if (*alias == 0 || *alias > most_) return kBadTopicAlias;
  if (topics_.size() < *alias) topics_.resize(*alias);
  std::string& topic = topics_[*alias - 1];
  if (!publish.topic.empty()) {
    topic = publish.topic;
  } else if (topic.empty()) {
    return kUnknownTopicAlias;
  }
  publish.topic = topic;
  return success();
}

OutboundAliases::Choice OutboundAliases::choose(std::string_view topic) const noexcept {
  if (most_ == 0 || topic.size() < kLeastTopicBytes) return {};
  const auto known = std::ranges::find(topics_, topic);
  const auto at = static_cast<std::uint16_t>(known - topics_.begin());
  if (known != topics_.end()) {
    return {.alias = static_cast<std::uint16_t>(at + 1), .is_known = true};
  }
  if (topics_.size() >= most_) return {};
  return {.alias = static_cast<std::uint16_t>(at + 1), .is_known = false};
}

void OutboundAliases::commit(std::string_view topic, const Choice& choice) {
  if (choice.alias == 0 || choice.is_known) return;
  KEEL_ASSERT(choice.alias == topics_.size() + 1);
  topics_.emplace_back(topic);
}

}  // namespace keel::mqtt
