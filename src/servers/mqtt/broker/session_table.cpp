#include "servers/mqtt/broker/session_table.hpp"

#include "base/assert.hpp"

namespace keel::broker {

Session& SessionTable::add(std::string_view key) {
  auto session = std::make_unique<Session>();
  session->key = key;
  if (free_.empty()) {
    slots_.emplace_back();
    session->id = mqtt::SubscriberId(slots_.size());
  } else {
    session->id = free_.back();
    free_.pop_back();
  }
  Session& added = *session;
  const bool is_new = by_key_.emplace(added.key, &added).second;
  KEEL_ASSERT(is_new);
  slots_[added.id.value() - 1] = std::move(session);
  return added;
}

void SessionTable::remove(Session& session) {
  const mqtt::SubscriberId id = session.id;
  by_key_.erase(session.key);
  free_.push_back(id);
  slots_[id.value() - 1].reset();
}

Session* SessionTable::find(std::string_view key) const {
  const auto known = by_key_.find(key);
  return known == by_key_.end() ? nullptr : known->second;
}

std::vector<Session*> SessionTable::all() const {
  std::vector<Session*> found;
  for (const auto& slot : slots_)
    if (slot != nullptr) found.push_back(slot.get());
  return found;
}

}  // namespace keel::broker
