#include "servers/mqtt/broker/retained.hpp"

#include "wire/mqtt/topic/topic.hpp"

namespace keel::broker {
namespace {

// What every topic that matches begins with. "a/#" matches "a", so the slash does not count.
std::string_view fixed_part(std::string_view filter) {
  const std::size_t wildcard = filter.find_first_of("+#");
  if (wildcard == std::string_view::npos) return filter;
  const std::string_view fixed = filter.substr(0, wildcard);
  return fixed.ends_with('/') ? fixed.substr(0, fixed.size() - 1) : fixed;
}

}  // namespace

bool RetainedMessages::has_room(std::string_view topic, std::size_t bytes) const {
  const auto known = messages_.find(topic);
  const std::size_t freed = known == messages_.end() ? 0 : known->second->bytes();
  const std::size_t count = messages_.size() + (known == messages_.end() ? 1 : 0);
  return count <= bounds_.messages && bytes_ - freed + bytes <= bounds_.bytes;
}

void RetainedMessages::set(SharedMessage message) {
  erase(message->topic());
  bytes_ += message->bytes();
  std::string topic(message->topic());
  messages_.emplace(std::move(topic), std::move(message));
}

void RetainedMessages::erase(std::string_view topic) {
  const auto known = messages_.find(topic);
  if (known == messages_.end()) return;
  bytes_ -= known->second->bytes();
  messages_.erase(known);
}

bool RetainedMessages::visit(std::string_view filter, std::string& after, std::size_t most,
                             const std::function<bool(const SharedMessage&)>& visitor) const {
  const std::string_view fixed = fixed_part(filter);
  auto at = after.empty() ? messages_.lower_bound(fixed) : messages_.upper_bound(after);
  for (; at != messages_.end() && at->first.starts_with(fixed); ++at) {
    if (most-- == 0) return false;
    if (mqtt::matches(filter, at->first) && !visitor(at->second)) return false;
    after = at->first;
  }
  return true;
}

}  // namespace keel::broker
