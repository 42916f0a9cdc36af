#include "wire/mqtt/connection/send_window.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::mqtt {

void SendWindow::start(std::uint16_t quota, std::span<const Delivery> resumed) {
  KEEL_ASSERT(entries_.empty());
  quota_ = quota;
  for (const Delivery& delivery : resumed) {
    Entry entry{.delivery = delivery, .order = next_order_++};
    if (delivery.stage == DeliveryStage::received) entry.delivery.stage = DeliveryStage::sent;
    const bool is_new = entries_.emplace(delivery.id, entry).second;
    KEEL_ASSERT(is_new);
    last_id_ = std::max(last_id_, delivery.id.value());
  }
}

PacketId SendWindow::free_id() {
  for (;;) {
    if (++last_id_ == 0) last_id_ = 1;
    const PacketId id(last_id_);
    if (!is_taken(id)) return id;
  }
}

bool SendWindow::is_taken(PacketId id) const noexcept {
  return entries_.contains(id) || std::ranges::find(reserved_, id) != reserved_.end();
}

PacketId SendWindow::add(Qos qos, DeliveryTag tag, PacketId wanted) {
  KEEL_ASSERT(has_room());
  KEEL_ASSERT(qos != Qos::at_most_once);
  KEEL_ASSERT(!is_taken(wanted));
  const PacketId id = wanted.is_zero() ? free_id() : wanted;
  entries_.emplace(id, Entry{.delivery = {.id = id, .qos = qos, .tag = tag},
                             .order = next_order_++,
                             .counted = true});
  --quota_;
  return id;
}

bool SendWindow::is_resumed(PacketId id) const noexcept {
  const auto entry = entries_.find(id);
  return entry != entries_.end() && !entry->second.counted &&
         entry->second.delivery.stage == DeliveryStage::sent;
}

void SendWindow::resend(PacketId id) {
  KEEL_ASSERT(quota_ > 0);
  KEEL_ASSERT(is_resumed(id));
  entries_.find(id)->second.counted = true;
  --quota_;
}

bool SendWindow::abandon(PacketId id) {
  KEEL_ASSERT(is_resumed(id));
  const auto entry = entries_.find(id);
  if (entry->second.delivery.qos == Qos::exactly_once) {
    entry->second.delivery.stage = DeliveryStage::released;
    return true;
  }
  end(entry);
  return false;
}

std::optional<PacketId> SendWindow::reserve() {
  if (reserved_.size() == kMostRequests) return std::nullopt;
  reserved_.push_back(free_id());
  return reserved_.back();
}

bool SendWindow::give_back(PacketId id) noexcept {
  return std::erase(reserved_, id) != 0;
}

const Delivery* SendWindow::find(PacketId id) const noexcept {
  const auto entry = entries_.find(id);
  return entry == entries_.end() ? nullptr : &entry->second.delivery;
}

void SendWindow::end(Entries::iterator entry) {
  if (entry->second.counted) ++quota_;
  std::erase(releasing_, entry->first);
  entries_.erase(entry);
}

Answer SendWindow::puback(PacketId id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Answer::unknown;
  if (entry->second.delivery.qos != Qos::at_least_once) return Answer::wrong;
  end(entry);
  return Answer::ended;
}

Answer SendWindow::pubrec(PacketId id, Reason reason) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Answer::unknown;
  Delivery& delivery = entry->second.delivery;
  if (delivery.qos != Qos::exactly_once) return Answer::wrong;
  if (delivery.stage == DeliveryStage::released) return Answer::again;
  if (delivery.stage == DeliveryStage::received) return Answer::repeated;
  if (is_failure(reason)) {
    end(entry);
    return Answer::ended;
  }
  delivery.stage = DeliveryStage::received;
  releasing_.push_back(id);
  return Answer::received;
}

Answer SendWindow::pubcomp(PacketId id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Answer::unknown;
  if (entry->second.delivery.stage != DeliveryStage::released) return Answer::wrong;
  end(entry);
  return Answer::ended;
}

void SendWindow::release(PacketId id) {
  const auto entry = entries_.find(id);
  KEEL_ASSERT(entry != entries_.end());
  KEEL_ASSERT(entry->second.delivery.stage == DeliveryStage::received);
  entry->second.is_recorded = true;
}

std::optional<PacketId> SendWindow::take_release() {
  if (releasing_.empty()) return std::nullopt;
  const PacketId id = releasing_.front();
  Entry& entry = entries_.find(id)->second;
  if (!entry.is_recorded) return std::nullopt;
  entry.delivery.stage = DeliveryStage::released;
  releasing_.erase(releasing_.begin());
  return id;
}

std::vector<Delivery> SendWindow::deliveries() const {
  std::vector<Entry> ordered;
  ordered.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) ordered.push_back(entry);
  std::ranges::sort(ordered, {}, &Entry::order);
  std::vector<Delivery> deliveries;
  deliveries.reserve(ordered.size());
  for (const Entry& entry : ordered) deliveries.push_back(entry.delivery);
  return deliveries;
}

}  // namespace keel::mqtt
