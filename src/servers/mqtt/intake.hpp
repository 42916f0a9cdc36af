// Intake: somebody in the same program who takes the messages of some topics, instead of those who
// have subscribed: what devices say that becomes commands (servers/terminals). Access lists have
// been asked before. A client's messages are taken one after the other, in their order.
//
// At QoS 1 and 2 a message is acknowledged when take() has returned, which says that what it did is
// durable. Thread: the server's core. Lifetime: outlives the server's run().
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::broker {

struct TakenMessage {
  std::string topic;
  Bytes payload;
};

// What the intake says in turn, at QoS 1, to whoever has subscribed.
struct IntakeAnswer {
  std::string topic;
  std::string payload;
};

class Intake {
 public:
  virtual ~Intake() = default;
  // Whether it wants this topic, a valid name.
  virtual bool takes(std::string_view topic) const noexcept = 0;
  // An error: nobody knows what has become of it. The client's connection is ended without an
  // acknowledgement, so that it says it again.
  virtual runtime::Task<Result<IntakeAnswer>> take(const TakenMessage& message,
                                                   runtime::Wait wait) = 0;
};

}  // namespace keel::broker
