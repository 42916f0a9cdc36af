// What the two ends of a connection have in common: frames in and bytes out, messages of each
// quality of service both ways, topic aliases, the bounds that the peer has named. The server's end
// is server_connection.hpp, the client's client_connection.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "wire/mqtt/connection/event.hpp"
#include "wire/mqtt/connection/receive_window.hpp"
#include "wire/mqtt/connection/send_window.hpp"
#include "wire/mqtt/connection/session.hpp"
#include "wire/mqtt/connection/topic_alias.hpp"
#include "wire/mqtt/field/limits.hpp"
#include "wire/mqtt/packet/fan_out.hpp"
#include "wire/mqtt/packet/frame_reader.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// Of this end. What is announced to the peer is so in version 5; in 3.1 and 3.1.1 it holds all the
// same.
struct LinkSettings {
  Limits limits;
  std::uint16_t receive_maximum = 20;      // messages of QoS 1 and 2 taken at once; not 0
  std::uint16_t send_window = 20;          // sent at once, when the peer takes as many; not 0
  std::uint16_t topic_alias_maximum = 10;  // aliases taken
  std::uint16_t aliases_used = 10;         // aliases made, when the peer takes as many
  std::size_t received_ids = 16'384;       // of QoS 2, stored and not released by the peer
};

// A message to this peer.
struct Outgoing {
  Qos qos = Qos::at_most_once;
  bool retain = false;
  std::span<const SubscriptionIdentifier>
      identifiers;  // servers only; of all matching subscriptions
  DeliveryTag tag;  // of QoS 1 and 2
  // An identifier of the owner's, that a message keeps over connections; zero: one is chosen. While
  // another delivery has it the window counts as full.
  PacketId id;
  bool duplicate = false;  // at QoS 1 and 2: it may have been sent on an earlier connection
};

enum class Sent : std::uint8_t {
  sent,
  window_full,  // wait for DeliveryEnded; QoS 0 is never told this
  too_large,    // the peer does not take it: done with, as if delivered [MQTT-3.1.2-25]
  closed,       // nothing was sent
};

class Link {
 public:
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Takes what the transport gave. Must not be called before next() has said need_more or hold()
  // was called. The bytes must stay alive and unchanged until next() says need_more, or until
  // hold().
  void feed(ByteView bytes) { frames_.feed(bytes); }
  // Takes what is not yet read of the fed bytes, so that they can be given back while an answer is
  // awaited. Views in event() are no longer valid.
  void hold() { frames_.hold(); }
  const Event& event() const noexcept [[clang::lifetimebound]] { return event_; }

  // What is to be sent. It grows with each command; the owner sends it, and bounds it by not giving
  // more commands while the peer does not take it.
  ByteView output() const noexcept [[clang::lifetimebound]] { return output_; }
  Bytes take_output() noexcept { return std::exchange(output_, {}); }

  // Packets may flow both ways: from accept(), or Connected, until closed.
  bool is_open() const noexcept { return stage_ == Stage::open; }
  bool is_closed() const noexcept { return stage_ == Stage::closed; }
  Version version() const noexcept { return version_; }
  std::uint16_t keep_alive_s() const noexcept { return keep_alive_s_; }

  // The commands below are given while the link is open; once it is closed they do nothing.

  // Sends a message. At QoS 1 and 2 its delivery is under way from here on, and the owner must have
  // recorded what it needs to send it again.
  Sent publish(FanOut& message, const Outgoing& outgoing);
  // Sends a delivery of a resumed session again, in the order of deliveries(). `outgoing.tag` does
  // not count; the quality of service is the delivery's.
  Sent resend(PacketId id, FanOut& message, const Outgoing& outgoing);
  // A delivery of a resumed session whose message is no longer there, or that resend() said is too
  // large, is brought to its end without it: at QoS 2 by PUBREL, so that the peer forgets the
  // identifier.
  void abandon(PacketId id);
  // How many more messages of QoS 1 and 2 the peer takes now.
  std::uint16_t room() const noexcept { return sending_.room(); }
  // What is under way, in the order of sending.
  std::vector<Delivery> deliveries() const { return sending_.deliveries(); }
  // After DeliveryReceived, when that is recorded.
  void release(PacketId id);

  // After MessageReceived at QoS 1 and 2: the message is durable, or refused. Given in any order;
  // PUBACK and PUBREC go in the order in which the messages came. 3.1 and 3.1.1 cannot say a
  // failure: there the owner disconnects, or lets the message pass for delivered.
  void acknowledge(PacketId id, Reason reason = Reason::success);
  // After ReleaseReceived, when the identifier is forgotten.
  void complete(PacketId id);

  // Ends the connection; in version 5, and by clients, with DISCONNECT. There is no Closed event.
  void disconnect(Reason reason, const Properties& properties = {});

  // What the owner has to have recorded by now; to compare, and for owners that record nothing.
  SessionState session_state() const;
  std::size_t memory_bytes() const noexcept { return frames_.memory_bytes() + output_.capacity(); }

 protected:
  enum class Stage : std::uint8_t {
    fresh,           // before CONNECT
    deciding,        // server: the owner has to answer
    authenticating,  // AUTH goes to and fro
    connecting,      // client: CONNECT is sent
    open,
    closed,
  };
  enum class Pull : std::uint8_t { need_more, packet, failed };

  Link(Sender peer, const LinkSettings& settings, std::size_t first_packet_bytes)
      : settings_(settings), peer_(peer), frames_(first_packet_bytes) {}
  ~Link() = default;

  // The next packet into packet_, or what was wrong into error_.
  Pull pull();
  bool is_v5() const noexcept { return version_ == Version::v5; }

  // The bounds that the peer names in CONNECT or CONNACK.
  void take_peer_bounds(const Properties& properties);
  // Opens the link with what the session left; PUBRELs go again [MQTT-4.4.0-1].
  void open(const SessionState& session);

  // PUBLISH and its four acknowledgements. Nothing: there is no event, go on.
  std::optional<Step> on_message(Publish publish);
  std::optional<Step> on_acknowledgement(const Acknowledgement& acknowledgement);
  Step on_disconnect(const Disconnect& disconnect);

  Step give(Event event);
  // Closes with the reason code of `kind`, and gives Closed.
  Step fail(const ErrorKind& kind);
  Step close_silently(const ErrorKind& kind, Reason reason);
  // Adds a packet to the output. Where the peer does not take it with its properties, it goes
  // without; false when not even so.
  bool emit(Packet packet);

  LinkSettings settings_;
  Sender peer_;
  Stage stage_ = Stage::fresh;
  Version version_ = Version::v3_1_1;
  std::uint16_t keep_alive_s_ = 0;
  std::size_t peer_packet_bytes_ = kGreatestVariable + kMostFixedHeaderBytes;
  FrameReader frames_;
  ReceiveWindow receiving_;
  SendWindow sending_;
  InboundAliases aliases_in_;
  OutboundAliases aliases_out_;
  Packet packet_;
  Event event_;
  Bytes output_;
  const ErrorKind* error_ = nullptr;  // of a pull that failed. Static lifetime.

 private:
  Sent send(FanOut& message, const Outgoing& outgoing, Receiver receiver);
  void drain_acknowledgements();
  void drain_releases();
  std::optional<Step> on_pubrel(PacketId id);
  std::optional<Step> on_answer(Answer answer, const Acknowledgement& acknowledgement,
                                DeliveryTag tag);

  std::uint16_t send_quota_ = 20;
};

}  // namespace keel::mqtt
