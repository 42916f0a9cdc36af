// BatchReader: takes the operations off a payload of kBatch, or of the event that records them,
// and checks their form: sizes, flags, qualities of service, the bounds of types.hpp. What it gives
// are views into the payload. That a topic is a topic and a filter a filter is the caller's to
// check: here they are bytes.
//
//   BatchReader reader(payload);
//   while (!reader.done()) {
//     const OpView op = KEEL_TRY(reader.next());
//     if (op.kind == OpKind::publish) { const PublishView publish = KEEL_TRY(read_publish(op)); …
//
// Errors: kBadBatch. No allocation.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

struct OpView {
  OpKind kind{};
  ByteView body;  // behind its head
};

class BatchReader {
 public:
  explicit BatchReader(ByteView payload [[clang::lifetimebound]]) : rest_(payload) {}

  bool done() const noexcept { return rest_.empty(); }
  Result<OpView> next();

 private:
  ByteReader rest_;
};

struct TargetView {
  TargetHead head;
  ByteView identifiers;  // 4 bytes each
};

// The targets of a message, whose form has been checked.
class Targets {
 public:
  Targets() : rest_(ByteView()) {}
  explicit Targets(ByteView bytes [[clang::lifetimebound]]) : rest_(bytes) {}
  bool done() const noexcept { return rest_.empty(); }
  TargetView next();

 private:
  ByteReader rest_;
};

struct PublishView {
  PublishHead head;
  std::string_view topic;
  ByteView properties;
  ByteView payload;
  ByteView targets;      // for Targets
  ToStream to_stream{};  // with its flag
  Captured captured{};   // with its flag

  std::size_t message_bytes() const noexcept {
    return topic.size() + properties.size() + payload.size();
  }
};

struct OpenView {
  OpenHead head;
  std::string_view client_id;
  std::string_view will_topic;
  ByteView will_properties;
  ByteView will_payload;
};

struct SubscribeView {
  SubscribeHead head;
  std::string_view filter;
};

struct UnsubscribeView {
  UnsubscribeHead head;
  std::string_view filter;
};

Result<PublishView> read_publish(const OpView& op);
Result<Forget> read_forget(const OpView& op);
Result<Settle> read_settle(const OpView& op);
Result<OpenView> read_open(const OpView& op);
Result<Close> read_close(const OpView& op);
Result<SubscribeView> read_subscribe(const OpView& op);
Result<UnsubscribeView> read_unsubscribe(const OpView& op);
Result<DropWill> read_drop_will(const OpView& op);

}  // namespace keel::streams
