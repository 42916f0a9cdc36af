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

// As many go as the new one has bytes, at the most: each of them has some.
bool RetainedMessages::make_room(std::string_view topic, std::size_t bytes, Timestamp now) {
  while (!has_room(topic, bytes)) {
    if (!drop_expired(now)) return false;
  }
  return true;
}

std::size_t RetainedMessages::expire(Timestamp now, std::size_t most) {
  std::size_t dropped = 0;
  while (dropped < most && drop_expired(now)) ++dropped;
  return dropped;
}

bool RetainedMessages::drop_expired(Timestamp now) {
  if (due_.empty() || due_.begin()->first > now) return false;
  erase(due_.begin()->second);
  return true;
}

void RetainedMessages::set(SharedMessage message) {
  erase(message->topic());
  bytes_ += message->bytes();
  const Timestamp expires_at = message->expires_at();
  std::string topic(message->topic());
  const auto added = messages_.emplace(std::move(topic), std::move(message)).first;
  if (!expires_at.is_never()) due_.emplace(expires_at, added->first);
}

void RetainedMessages::erase(std::string_view topic) {
  const auto known = messages_.find(topic);
  if (known == messages_.end()) return;
  bytes_ -= known->second->bytes();
  due_.erase({known->second->expires_at(), known->first});
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
