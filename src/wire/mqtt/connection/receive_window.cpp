#include "wire/mqtt/connection/receive_window.hpp"

#include "base/assert.hpp"

namespace keel::mqtt {

void ReceiveWindow::start(const ReceiveBounds& bounds, std::span<const PacketId> received) {
  KEEL_ASSERT(entries_.empty());
  bounds_ = bounds;
  for (const PacketId id : received) {
    entries_.emplace(id, Entry{.qos = Qos::exactly_once, .stage = Stage::received});
  }
}

Arrival ReceiveWindow::arrive_again(const Entry& entry, Qos qos, bool duplicate) const noexcept {
  if (entry.qos != qos) return Arrival::in_use;
  const bool is_stored = entry.stage == Stage::received || entry.stage == Stage::releasing;
  if (is_stored) return Arrival::again;
  const bool same_message = duplicate || qos == Qos::exactly_once;
  return same_message ? Arrival::repeated : Arrival::in_use;
}

Arrival ReceiveWindow::publish(PacketId id, Qos qos, bool duplicate) {
  const auto known = entries_.find(id);
  if (known != entries_.end()) return arrive_again(known->second, qos, duplicate);
  if (bounds_.is_announced && counted_ >= bounds_.unanswered) return Arrival::too_many;
  if (entries_.size() >= bounds_.received + bounds_.unanswered) return Arrival::too_many;
  entries_.emplace(id, Entry{.qos = qos, .counted = true});
  ++counted_;
  (qos == Qos::at_least_once ? first_ : second_).push_back(id);
  return Arrival::fresh;
}

Release ReceiveWindow::pubrel(PacketId id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Release::unknown;
  switch (entry->second.stage) {
    case Stage::received:
      entry->second.stage = Stage::releasing;
      return Release::fresh;
    case Stage::releasing:
      return Release::repeated;
    default:
      return Release::early;
  }
}

void ReceiveWindow::acknowledge(PacketId id, Reason reason) {
  const auto entry = entries_.find(id);
  KEEL_ASSERT(entry != entries_.end());
  KEEL_ASSERT(entry->second.stage == Stage::storing);
  entry->second.stage = Stage::stored;
  entry->second.reason = reason;
}

void ReceiveWindow::forget(Entries::iterator entry) {
  if (entry->second.counted) --counted_;
  entries_.erase(entry);
}

std::optional<Acknowledgement> ReceiveWindow::take(std::vector<PacketId>& waiting,
                                                   PacketType type) {
  if (waiting.empty()) return std::nullopt;
  const auto entry = entries_.find(waiting.front());
  if (entry->second.stage != Stage::stored) return std::nullopt;
  waiting.erase(waiting.begin());
  const Acknowledgement taken{.type = type, .id = entry->first, .reason = entry->second.reason};
  if (type == PacketType::puback || is_failure(taken.reason)) {
    forget(entry);
  } else {
    entry->second.stage = Stage::received;
  }
  return taken;
}

std::optional<Acknowledgement> ReceiveWindow::take_acknowledgement() {
  if (auto taken = take(first_, PacketType::puback)) return taken;
  return take(second_, PacketType::pubrec);
}

void ReceiveWindow::complete(PacketId id) {
  const auto entry = entries_.find(id);
  KEEL_ASSERT(entry != entries_.end());
  KEEL_ASSERT(entry->second.stage == Stage::releasing);
  forget(entry);
}

std::vector<PacketId> ReceiveWindow::received() const {
  std::vector<PacketId> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.stage == Stage::received || entry.stage == Stage::releasing) ids.push_back(id);
  }
  return ids;
}

}  // namespace keel::mqtt
