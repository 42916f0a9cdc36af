// The receiver's side of QoS 1 and 2 (MQTT 5, sections 4.3, 4.6 and 4.9): which messages are being
// stored, which are stored and not yet released, and in which order they are acknowledged. The
// same for servers and clients.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "wire/mqtt/connection/session.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// What a PUBLISH of QoS 1 or 2 means.
enum class Arrival : std::uint8_t {
  fresh,     // a new message
  repeated,  // being stored already: its acknowledgement will answer both
  again,     // stored already and not released: PUBREC again, and nothing else [MQTT-4.3.3-10]
  in_use,    // another message has this packet identifier
  too_many,  // more than was granted
};

// What a PUBREL means.
enum class Release : std::uint8_t {
  unknown,   // answered at once with PUBCOMP
  fresh,     // the owner forgets the identifier, and calls complete()
  repeated,  // the owner is at work
  early,     // of a message that has had no PUBREC
};

// How many messages a peer may have under way.
struct ReceiveBounds {
  std::uint16_t unanswered = 20;  // of this connection, not yet acknowledged for good
  bool is_announced = false;      // the peer was told, so exceeding it is its error
  std::size_t received = 16'384;  // of QoS 2, stored and not released; of the whole session
};

class ReceiveWindow {
 public:
  // Begins a connection; `received` is what the session left.
  void start(const ReceiveBounds& bounds, std::span<const PacketId> received);

  Arrival publish(PacketId id, Qos qos, bool duplicate);
  Release pubrel(PacketId id);

  // The message is durable, or refused with a failure.
  void acknowledge(PacketId id, Reason reason);
  // PUBACK and PUBREC that may go now, each kind in the order in which the messages came
  // [MQTT-4.6.0-2] [MQTT-4.6.0-3].
  std::optional<Acknowledgement> take_acknowledgement();
  // The identifier of a released message is forgotten.
  void complete(PacketId id);

  // Messages that the owner has not acknowledged yet.
  std::size_t storing() const noexcept { return first_.size() + second_.size(); }
  // No more may be read until the owner has acknowledged some: how a peer that was told no bound
  // is held to one.
  bool is_full() const noexcept { return !bounds_.is_announced && storing() >= bounds_.unanswered; }

  // Identifiers of QoS 2 that are stored and not completed, ascending.
  std::vector<PacketId> received() const;

 private:
  enum class Stage : std::uint8_t { storing, stored, received, releasing };

  struct Entry {
    Qos qos = Qos::at_least_once;
    Stage stage = Stage::storing;
    Reason reason = Reason::success;
    bool counted = false;  // came on this connection
  };
  using Entries = std::map<PacketId, Entry>;

  Arrival arrive_again(const Entry& entry, Qos qos, bool duplicate) const noexcept;
  std::optional<Acknowledgement> take(std::vector<PacketId>& waiting, PacketType type);
  void forget(Entries::iterator entry);

  ReceiveBounds bounds_;
  Entries entries_;
  std::vector<PacketId> first_;   // QoS 1 in the order of arrival, not yet acknowledged
  std::vector<PacketId> second_;  // QoS 2 likewise
  std::size_t counted_ = 0;
};

}  // namespace keel::mqtt
