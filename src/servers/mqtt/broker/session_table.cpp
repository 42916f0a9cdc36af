#include "servers/mqtt/broker/session_table.hpp"

#include "base/assert.hpp"

namespace keel::broker {

Session& SessionTable::add(std::string_view client_id) {
  auto session = std::make_unique<Session>();
  session->client_id = client_id;
  if (free_.empty()) {
    slots_.emplace_back();
    session->id = mqtt::SubscriberId(slots_.size());
  } else {
    session->id = free_.back();
    free_.pop_back();
  }
  Session& added = *session;
  const bool is_new = by_client_id_.emplace(added.client_id, &added).second;
  KEEL_ASSERT(is_new);
  slots_[added.id.value() - 1] = std::move(session);
  return added;
}

void SessionTable::remove(Session& session) {
  const mqtt::SubscriberId id = session.id;
  by_client_id_.erase(session.client_id);
  free_.push_back(id);
  slots_[id.value() - 1].reset();
}

Session* SessionTable::find(std::string_view client_id) const {
  const auto known = by_client_id_.find(client_id);
  return known == by_client_id_.end() ? nullptr : known->second;
}

std::vector<Session*> SessionTable::all() const {
  std::vector<Session*> found;
  for (const auto& slot : slots_)
    if (slot != nullptr) found.push_back(slot.get());
  return found;
}

}  // namespace keel::broker
