// The sender's side of QoS 1 and 2 (MQTT 5, sections 4.3, 4.4, 4.6 and 4.9): packet identifiers,
// what is unanswered, and how much more the peer takes. The same for servers and clients.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "wire/mqtt/connection/session.hpp"
#include "wire/mqtt/field/reason.hpp"

namespace keel::mqtt {

// What an acknowledgement of the peer means.
enum class Answer : std::uint8_t {
  unknown,   // no such delivery: of an earlier connection, or made up
  wrong,     // not the answer that this delivery waits for
  repeated,  // known already; the owner is at work
  received,  // PUBREC: the owner records it and calls release()
  again,     // PUBREC of what was released: PUBREL is sent again
  ended,     // the delivery is over
};

class SendWindow {
 public:
  // Begins a connection: how many the peer takes at once, and what the session left under way.
  void start(std::uint16_t quota, std::span<const Delivery> resumed);

  // False while the peer takes no more [MQTT-4.9.0-2].
  bool has_room() const noexcept { return quota_ > 0 && entries_.size() < kMostEntries; }
  std::uint16_t room() const noexcept { return quota_; }

  // Takes a packet identifier for a new delivery: the one that is wanted, which is not taken, or
  // with zero a free one. Only when has_room().
  PacketId add(Qos qos, DeliveryTag tag, PacketId wanted = {});
  bool is_taken(PacketId id) const noexcept;
  // A resumed delivery is sent again: counts against the quota. Only when has_room(), and only one
  // that is_resumed().
  void resend(PacketId id);
  // Left by an earlier connection, to be sent again, and not yet sent again on this one.
  bool is_resumed(PacketId id) const noexcept;
  // A resumed delivery ends without its message: true when PUBREL is to go, and PUBCOMP to come.
  bool abandon(PacketId id);
  // An identifier for SUBSCRIBE and UNSUBSCRIBE, until give_back(). None when there are
  // kMostRequests.
  std::optional<PacketId> reserve();
  // False when it was not reserved.
  bool give_back(PacketId id) noexcept;

  // Nothing for an identifier that is not under way.
  const Delivery* find(PacketId id) const noexcept [[clang::lifetimebound]];

  Answer puback(PacketId id);
  Answer pubrec(PacketId id, Reason reason);
  Answer pubcomp(PacketId id);
  // The owner has recorded a PUBREC. Then take_releases() says which PUBREL may go, in the order
  // of the PUBRECs [MQTT-4.6.0-4].
  void release(PacketId id);
  std::optional<PacketId> take_release();

  // All that is under way, in the order of sending.
  std::vector<Delivery> deliveries() const;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  static constexpr std::size_t kMostEntries = 32'768;
  static constexpr std::size_t kMostRequests = 256;

  struct Entry {
    Delivery delivery;
    std::uint64_t order = 0;
    bool counted = false;      // against the quota of this connection
    bool is_recorded = false;  // release() was called
  };
  using Entries = std::map<PacketId, Entry>;

  PacketId free_id();
  void end(Entries::iterator entry);

  Entries entries_;
  std::vector<PacketId> reserved_;
  std::vector<PacketId> releasing_;  // PUBREC came and PUBREL has not gone, in the order of PUBREC
  std::uint64_t next_order_ = 0;
  std::uint16_t quota_ = 0;
  std::uint16_t last_id_ = 0;
};

}  // namespace keel::mqtt
