// MQTT, both ends. What must hold for any bytes:
//   1. Cut into pieces anywhere, they give the same frames, and the same packets of each sender and
//      version.
//   2. A packet that was parsed and is written has the length that was counted, and parses to a
//      packet that is written the same again.
//   3. Checked properties are found by their identifiers, each within its packet.
//   4. However they are cut, a server tells its owner the same and sends the same; what it sends
//   are
//      packets that a client parses.
//   5. A connection that resumes has what the one before has left, and brings it to its end.
//   6. The tree of subscriptions finds what matching one by one finds.
//   7. No more memory is held than the limits allow.

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "wire/mqtt/connection/client_connection.hpp"
#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/packet/parser.hpp"
#include "wire/mqtt/packet/writer.hpp"
#include "wire/mqtt/topic/subject.hpp"
#include "wire/mqtt/topic/subscription_tree.hpp"

namespace keel::fuzz {
namespace {

using namespace mqtt;

constexpr std::size_t kPacketBytes = 4'096;
constexpr std::string_view kConnect(
    "\x10\x0d\x00\x04MQTT\x04\x00\x00\x3c\x00\x01"
    "c",
    15);
const Limits kLimits{.first_packet_bytes = 512,
                     .packet_bytes = kPacketBytes,
                     .topic = {.bytes = 64, .levels = 8},
                     .property_count = 8,
                     .user_property_bytes = 64,
                     .filter_count = 4};

bool is_inside(ByteView part, ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_properties(const Properties& properties, ByteView whole) {
  std::uint64_t present = 0;
  PropertyCursor cursor(properties);
  while (const auto property = cursor.next()) {
    present |= bit_of(property->id);
    KEEL_ASSERT(is_inside(property->value, whole));
    KEEL_ASSERT(is_inside(as_bytes(property->name), whole));
    KEEL_ASSERT(properties.find(property->id).has_value());
  }
  KEEL_ASSERT(cursor.remaining() == 0);
  KEEL_ASSERT(present == properties.present());
}

void check_topic(std::string_view topic) {
  const auto subject = subject_of_topic(topic);
  if (subject.ok()) KEEL_ASSERT(topic_of_subject(*subject).value() == topic);
}

// What is particular to a type of packet.
struct Checker {
  ByteView whole;

  void operator()(const Connect& connect) const {
    check_properties(connect.properties, whole);
    if (connect.will) {
      check_properties(connect.will->properties, whole);
      check_topic(connect.will->topic);
      KEEL_ASSERT(is_inside(connect.will->payload, whole));
    }
    KEEL_ASSERT(is_inside(as_bytes(connect.client_id), whole));
  }
  void operator()(const Publish& publish) const {
    check_properties(publish.properties, whole);
    KEEL_ASSERT(is_inside(publish.payload, whole));
    KEEL_ASSERT((publish.qos == Qos::at_most_once) == publish.id.is_zero());
    if (!publish.topic.empty()) check_topic(publish.topic);
  }
  void operator()(const Subscribe& subscribe) const {
    check_properties(subscribe.properties, whole);
    std::size_t count = 0;
    SubscriptionCursor cursor = subscribe.subscriptions();
    for (; const auto subscription = cursor.next(); ++count) {
      KEEL_ASSERT(parse_filter(subscription->filter, kLimits.topic).ok());
    }
    KEEL_ASSERT(count == subscribe.count && count > 0);
  }
  void operator()(const Unsubscribe& unsubscribe) const {
    check_properties(unsubscribe.properties, whole);
    std::size_t count = 0;
    FilterCursor cursor = unsubscribe.filters();
    while (cursor.next()) ++count;
    KEEL_ASSERT(count == unsubscribe.count && count > 0);
  }
  void operator()(const Ping&) const {}
  template <typename Other>
  void operator()(const Other& other) const {
    check_properties(other.properties, whole);
  }
};

std::string written(const Packet& packet, Version version) {
  Bytes space(packet_bytes(packet, version));
  const ByteView bytes = write_packet(space, packet, version).value();
  KEEL_ASSERT(bytes.size() == space.size());
  return std::string(as_text(bytes));
}

// One frame, as from this sender in this version: what became of it, as text.
std::string check_frame(const Frame& frame, Sender sender, Version version) {
  const ParseRules rules{.sender = sender, .version = version, .limits = &kLimits};
  Packet packet;
  const auto parsed = parse_packet(frame, rules, packet);
  if (!parsed.ok()) {
    KEEL_ASSERT(is_failure(refusal_reason(parsed.error().kind())));
    return std::string(parsed.error().kind().name);
  }
  std::visit(Checker{frame.body}, packet);
  Version of_packet = version;
  if (const auto* connect = std::get_if<Connect>(&packet)) of_packet = connect->version;
  const std::string once = written(packet, of_packet);
  FrameReader reader(2 * kPacketBytes);
  reader.feed(as_bytes(once));
  KEEL_ASSERT(reader.next() == FrameStep::frame);
  KEEL_ASSERT(reader.frame().bytes == once.size());
  Packet again;
  KEEL_ASSERT(parse_packet(reader.frame(), rules, again).ok());
  KEEL_ASSERT(again.index() == packet.index());
  KEEL_ASSERT(written(again, of_packet) == once);
  return once;
}

std::vector<std::string> read_frames(const std::vector<Bytes>& pieces, bool holding) {
  std::vector<std::string> seen;
  FrameReader reader(kPacketBytes);
  for (const Bytes& piece : pieces) {
    reader.feed(piece);
    if (holding) reader.hold();
    FrameStep step;
    while ((step = reader.next()) == FrameStep::frame) {
      for (const Sender sender : {Sender::client, Sender::server}) {
        for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
          seen.push_back(check_frame(reader.frame(), sender, version));
        }
      }
    }
    KEEL_ASSERT(reader.memory_bytes() <= 2 * kPacketBytes + piece.size());
    if (step == FrameStep::error) {
      seen.emplace_back(reader.error().name);
      break;
    }
  }
  return seen;
}

// An owner for whom everything is durable at once. It writes down what it is told.
class Owner {
 public:
  explicit Owner(const LinkSettings& settings) : connection_(settings) {}

  // False when the connection is closed.
  bool feed(ByteView bytes) {
    connection_.feed(bytes);
    for (;;) {
      const Step step = connection_.next();
      if (step == Step::need_more || step == Step::closed) break;
      KEEL_ASSERT(step == Step::event);  // never blocked: this owner answers at once
      std::visit([this](const auto& event) { handle(event); }, Event(connection_.event()));
    }
    sent_ += as_text(connection_.take_output());
    return !connection_.is_closed();
  }
  ServerConnection& connection() { return connection_; }
  // Everything that it was told, then everything that was sent.
  // Takes up what another connection left, and brings every delivery to the wire once more.
  void resume(const SessionState& session) {
    connection_.feed(as_bytes(kConnect));
    KEEL_ASSERT(connection_.next() == Step::event);
    connection_.accept({.session_present = true, .session = session});
    KEEL_ASSERT(connection_.next() == Step::need_more);
    FanOut message({.topic = "t", .properties = {}, .payload = {}});
    bool again = true;
    for (const Delivery& delivery : connection_.deliveries()) {
      if (delivery.stage != DeliveryStage::sent) continue;
      if (again) {
        KEEL_ASSERT(connection_.resend(delivery.id, message, {}) == Sent::sent);
      } else {
        connection_.abandon(delivery.id);
      }
      again = !again;
    }
  }
  std::string record() const { return notes_ + '\n' + sent_; }

 private:
  void note(std::string_view what, std::size_t number = 0) {
    notes_ += std::string(what) + std::to_string(number) + ";";
  }
  void handle(const ConnectRequested& requested) {
    note("connect", requested.connect.client_id.size());
    if (!connection_.authentication_method().empty()) return connection_.challenge({});
    connection_.accept({});
  }
  void handle(const AuthenticationReceived& received) {
    note("auth");
    if (received.again) return connection_.reauthenticated({});
    connection_.accept({});
  }
  void handle(const MessageReceived& received) {
    const Publish& publish = received.publish;
    note("message", publish.payload.size());
    KEEL_ASSERT(!publish.topic.empty());
    Bytes space(publish.properties.bytes().size());
    const auto forwarded = forwarded_properties(space, publish.properties, 1).value();
    if (forwarded) {
      FanOut message(
          {.topic = publish.topic, .properties = *forwarded, .payload = publish.payload});
      connection_.publish(message, {.qos = publish.qos, .tag = DeliveryTag(++tag_)});
    }
    if (publish.qos != Qos::at_most_once) connection_.acknowledge(publish.id);
  }
  void handle(const ReleaseReceived& release) {
    note("release", release.id.value());
    connection_.complete(release.id);
  }
  void handle(const SubscribeReceived& received) {
    note("subscribe", received.subscribe.count);
    connection_.acknowledge_subscribe(received.subscribe.id,
                                      std::vector<Reason>(received.subscribe.count));
  }
  void handle(const UnsubscribeReceived& received) {
    note("unsubscribe", received.unsubscribe.count);
    connection_.acknowledge_unsubscribe(received.unsubscribe.id,
                                        std::vector<Reason>(received.unsubscribe.count));
  }
  void handle(const DeliveryReceived& received) {
    note("received", received.tag.value());
    connection_.release(received.id);
  }
  void handle(const DeliveryEnded& ended) { note("ended", ended.tag.value()); }
  void handle(const Closed& closed) {
    note(closed.error == nullptr ? "closed" : closed.error->name, code(closed.reason));
  }
  template <typename Other>
  void handle(const Other&) {
    KEEL_ASSERT(false);  // of a client's end
  }

  ServerConnection connection_;
  std::uint64_t tag_ = 0;
  std::string notes_;
  std::string sent_;
};

LinkSettings small_settings() {
  LinkSettings settings;
  settings.limits = kLimits;
  settings.receive_maximum = 4;
  settings.send_window = 4;
  settings.received_ids = 4;
  return settings;
}

// What is left of one connection is what the next one has: it answers for every delivery, and takes
// no message again that it has stored.
void check_resumed(const SessionState& session) {
  Owner owner(small_settings());
  owner.resume(session);
  KEEL_ASSERT(owner.connection().session_state().received == session.received);
  for (const Delivery& delivery : owner.connection().deliveries()) {
    const char type = delivery.stage == DeliveryStage::released ? '\x70'
                      : delivery.qos == Qos::at_least_once      ? '\x40'
                                                                : '\x50';
    const auto id = delivery.id.value();
    const std::string answer{type, 2, static_cast<char>(id >> 8u), static_cast<char>(id & 0xffu)};
    KEEL_ASSERT(owner.feed(as_bytes(answer)));
    const std::string complete{'\x70', 2, answer[2], answer[3]};
    if (type == '\x50') KEEL_ASSERT(owner.feed(as_bytes(complete)));
  }
  KEEL_ASSERT(owner.connection().deliveries().empty());
  owner.connection().disconnect(Reason::success);
}

std::string serve(const std::vector<Bytes>& pieces, Version& version) {
  Owner owner(small_settings());
  for (const Bytes& piece : pieces) {
    const bool open = owner.feed(piece);
    KEEL_ASSERT(owner.connection().memory_bytes() <= 4 * kPacketBytes + 32 * piece.size());
    KEEL_ASSERT(owner.connection().deliveries().size() <= 4);
    KEEL_ASSERT(owner.connection().session_state().received.size() <= 8);
    if (!open) break;
  }
  version = owner.connection().version();
  check_resumed(owner.connection().session_state());
  return owner.record();
}

// What a server sent is read by a client without an error.
void check_sent(std::string_view sent, Version version) {
  const Limits roomy;
  FrameReader reader(roomy.packet_bytes);
  reader.feed(as_bytes(sent));
  Packet packet;
  while (reader.next() == FrameStep::frame) {
    const ParseRules rules{.sender = Sender::server, .version = version, .limits = &roomy};
    KEEL_ASSERT(parse_packet(reader.frame(), rules, packet).ok());
  }
  KEEL_ASSERT(reader.buffered() == 0);
}

// A client that has sent CONNECT, and is told these bytes.
void check_client(const std::vector<Bytes>& pieces) {
  ClientConnection client(small_settings());
  KEEL_ASSERT(client.connect({.version = Version::v5, .client_id = "c"}).ok());
  for (const Bytes& piece : pieces) {
    client.feed(piece);
    Step step;
    while ((step = client.next()) == Step::event) {
      const Event event = client.event();
      if (std::holds_alternative<Connected>(event)) {
        client.subscribe(std::array{Subscription{.filter = "a"}});
      }
      if (const auto* message = std::get_if<MessageReceived>(&event)) {
        if (message->publish.qos != Qos::at_most_once) client.acknowledge(message->publish.id);
      }
      if (const auto* release = std::get_if<ReleaseReceived>(&event)) client.complete(release->id);
    }
    if (step == Step::closed) return;
  }
}

// A shared subscription alone in a tree is found by a topic that its filter is, if it is one.
void check_shared(const ParsedFilter& filter) {
  SubscriptionTree tree;
  KEEL_ASSERT(tree.add(filter, {.id = SubscriberId(1)}).value());
  KEEL_ASSERT(!tree.add(filter, {.id = SubscriberId(1)}).value());
  std::size_t found = 0;
  tree.visit_shared(filter.filter, [&](const SharedMatch& match) {
    KEEL_ASSERT(match.group == filter.group);
    KEEL_ASSERT(match.members.size() == 1);
    ++found;
  });
  if (!has_wildcard(filter.filter)) KEEL_ASSERT(found == 1);
  KEEL_ASSERT(tree.remove(filter, SubscriberId(1)));
  KEEL_ASSERT(!tree.remove(filter, SubscriberId(1)));
}

// Lines of the input as filters, all against each of them that is a topic.
void check_tree(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size() && lines.size() < 16;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  SubscriptionTree tree;
  std::vector<std::string_view> filters;
  for (const std::string_view line : lines) {
    const auto filter = parse_filter(line, kLimits.topic);
    if (!filter.ok()) continue;
    if (filter->is_shared()) {
      check_shared(*filter);
      continue;
    }
    if (tree.add(*filter, {.id = SubscriberId(filters.size() + 1)}).value())
      filters.push_back(line);
  }
  for (const std::string_view line : lines) {
    if (!check_topic_name(line, kLimits.topic).ok()) continue;
    std::size_t expected = 0;
    for (const std::string_view filter : filters) {
      expected += matches(filter, line) ? 1 : 0;
      if (covers("#", filter) && matches(filter, line)) KEEL_ASSERT(matches("#", line));
    }
    std::size_t found = 0;
    tree.visit(line, SubscriberId(0), [&](const Match& match) {
      KEEL_ASSERT(matches(filters[match.subscriber.value() - 1], line));
      ++found;
    });
    KEEL_ASSERT(found == expected);
  }
  for (std::size_t at = 0; at < filters.size(); ++at) {
    KEEL_ASSERT(tree.remove({.group = {}, .filter = filters[at]}, SubscriberId(at + 1)));
  }
  KEEL_ASSERT(tree.nodes() == 1);
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel;
  const ByteView bytes = fuzz::input_bytes(data, size);
  fuzz::Random random(fuzz::seed_of(bytes));
  const auto frames = fuzz::read_frames(fuzz::one_piece(bytes), false);
  KEEL_ASSERT(frames == fuzz::read_frames(fuzz::single_bytes(bytes), false));
  KEEL_ASSERT(frames == fuzz::read_frames(fuzz::random_pieces(bytes, random, 9), true));
  mqtt::Version version = mqtt::Version::v3_1_1;
  const std::string served = fuzz::serve(fuzz::one_piece(bytes), version);
  KEEL_ASSERT(served == fuzz::serve(fuzz::random_pieces(bytes, random, 9), version));
  fuzz::check_sent(std::string_view(served).substr(served.find('\n') + 1), version);
  fuzz::check_client(fuzz::random_pieces(bytes, random, 50));
  fuzz::check_tree(as_text(bytes));
  return 0;
}
