// What a broker may hold and promise, and what it has counted.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "servers/mqtt/broker/batch_queue.hpp"
#include "wire/mqtt/connection/link.hpp"
#include "wire/mqtt/topic/subscription_tree.hpp"

namespace keel::broker {

struct BrokerOptions {
  BatchQueue::Sender sender;  // of the commands to the streams module
  mqtt::LinkSettings link;
  mqtt::SubscriptionTree::Bounds subscriptions;
  std::size_t session_subscriptions = 1'000;     // of one session; one more: 0x97
  std::size_t output_bytes = 1'024 * 1'024;      // a client's, not yet taken: above it QoS 0 drops
  std::size_t queued_messages = 1'000;           // QoS 1 and 2 that wait for one client
  std::size_t queued_bytes = 4 * 1'024 * 1'024;  // and their bytes
  std::size_t retained_messages = 1'000'000;     // one more is refused: 0x97
  std::size_t retained_bytes = 256 * 1'024 * 1'024;
  std::size_t handled_messages = 4'096;  // under way at handlers of topics; one more: 0x97
  Duration status_period = Duration::seconds(10);  // between two rounds of $SYS; zero: none
};

// Counters since the start, on the broker's core.
struct BrokerStats {
  std::uint64_t sessions = 0;       // now
  std::uint64_t subscriptions = 0;  // now
  std::uint64_t retained = 0;       // now
  std::uint64_t retained_bytes = 0;
  std::uint64_t taken_over = 0;
  std::array<std::uint64_t, 3> received{};  // messages, by quality of service
  std::array<std::uint64_t, 3> sent{};
  // Messages that did not reach a receiver, by cause.
  std::uint64_t dropped_slow = 0;        // QoS 0: the client's output was full
  std::uint64_t dropped_queue_full = 0;  // QoS 1 and 2: as many wait already
  std::uint64_t dropped_too_large = 0;   // above the client's maximum packet size
  std::uint64_t dropped_expired = 0;
  std::uint64_t dropped_no_receiver = 0;  // nobody has subscribed
  std::uint64_t dropped_offline = 0;      // QoS 0 to a session without a connection
  std::uint64_t dropped_ended = 0;        // to a session that ended while it was made durable
  std::uint64_t dropped_not_allowed = 0;  // waited for a user who may not have it any more
  // Messages that were refused, by cause.
  std::uint64_t refused_not_allowed = 0;
  std::uint64_t refused_payload_format = 0;
  std::uint64_t refused_retained_full = 0;
  std::uint64_t refused_module = 0;         // by the streams module, for any cause
  std::uint64_t refused_subscriptions = 0;  // filters, for any cause
  std::uint64_t revoked_subscriptions = 0;  // of kept sessions: their users may not have them now
};

}  // namespace keel::broker
