// TopicHandler: what clients publish to certain topics goes to it, and not to subscribers; PUBACK
// or PUBREC waits for what comes of it. The composition root gives handlers to the server.
//
//   bool takes(topic)                       "$keel/devices/lamp-1/twin/update": mine
//   handle(message, wait)                   durable by the time it returns
//
// Messages of one client are handed on in order, without waiting for one another. A message of QoS
// 2 may be handed on twice, as one of QoS 1 may: when its client comes back before it was answered.
//
// Thread: the server's core. Bounds: BrokerOptions::handled_messages are under way at once; one
// more is refused (quota_exceeded).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"
#include "wire/mqtt/field/reason.hpp"

namespace keel::broker {

// Owns what it holds.
struct HandledMessage {
  std::string user;
  std::string client_id;
  std::string topic;
  Bytes payload;
};

class TopicHandler {
 public:
  virtual ~TopicHandler() = default;
  virtual bool takes(std::string_view topic) const noexcept = 0;
  // What PUBACK says: a reason that PUBACK may carry (MQTT 5, 3.4.2.1). An error: nobody knows what
  // has become of it; its client's connection is ended without an answer, so that it says it again.
  virtual runtime::Task<Result<mqtt::Reason>> handle(HandledMessage message,
                                                     runtime::Wait wait) = 0;
  // Work of its own, begun when the server serves, called off when its clients have gone.
  virtual runtime::Task<> run(runtime::Wait wait) {
    static_cast<void>(wait);
    co_return;
  }
  // A client of this user was let in, or has gone.
  virtual void came(std::string_view user) { static_cast<void>(user); }
  virtual void went(std::string_view user) { static_cast<void>(user); }
};

}  // namespace keel::broker
