// What the tests of the module share: a harness with the module in it, short words for what they
// ask of it, and what it holds as plain values (all pages of a query together).
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "base/describe/wire.hpp"
#include "kernel/testing/module_harness.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/model/model.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "modules/streams/streams.hpp"

namespace keel::streams {

// So that a failed expectation prints numbers.
inline void PrintTo(OpCode code, std::ostream* to) {
  *to << "code " << static_cast<int>(code);
}
inline void PrintTo(LogCode code, std::ostream* to) {
  *to << "code " << static_cast<int>(code);
}

namespace testing {

// As the model says it.
struct HeldSession {
  SessionRowHead head;
  std::string client_id;
};

struct Outcome {
  std::vector<ModelResult> results;
  std::vector<Settle> dropped;
  std::vector<kernel::testing::RecordedEvent> events;
};

class StreamsKit {
 public:
  explicit StreamsKit(const StreamsOptions& options = {}, std::size_t check_every = 1);

  // Decides what was written and begins anew.
  Outcome run(BatchWriter& batch);
  // The only result of a batch of one operation; the others below are such.
  ModelResult one(BatchWriter& batch);

  Opened open(std::string_view client_id, std::uint32_t expiry_s = kNeverExpires,
              bool clean_start = false, const Will* will = nullptr);
  OpCode close(SessionNumber session, CloseFlags flags = {}, std::uint32_t expiry_s = 0);
  // To one session.
  EntryNumber publish(SessionNumber to, std::string_view topic, std::string_view payload,
                      std::uint8_t qos = 1, Duration expiry = Duration{INT64_MAX});
  OpCode finish(SessionNumber session, EntryNumber entry);
  OpCode release(SessionNumber session, EntryNumber entry);
  OpCode subscribe(SessionNumber session, std::string_view filter, std::uint8_t options = 1);
  void retain(std::string_view topic, std::string_view payload,
              Duration expiry = Duration{INT64_MAX});
  // Until nothing is due any more; how many events. The time of the last look.
  std::size_t expire(std::size_t limit = 1'000);
  Timestamp expired_at() const { return expired_at_; }

  std::vector<HeldSession> sessions(std::uint32_t budget = 0) const;
  std::map<std::string, ModelSubscription> subscriptions(SessionNumber session,
                                                         std::uint32_t budget = 0) const;
  std::map<std::uint64_t, ModelEntry> entries(SessionNumber session,
                                              std::uint32_t budget = 0) const;
  std::set<std::uint16_t> inbound(SessionNumber session) const;
  std::map<std::uint64_t, ModelWill> wills(std::uint32_t budget = 0) const;
  std::map<std::string, ModelMessage> retained(std::string_view filter,
                                               std::uint32_t budget = 0) const;
  Statistics statistics() const;

  // Named streams.
  struct Said {
    LogCode code{};
    Bytes reply;
    std::optional<Error> error;
  };
  template <typename Asked>
  Said say(const Asked& asked) {
    Bytes payload;
    encode(asked, payload);
    auto decided = harness.when(Asked::kType, payload);
    return {.code = LogCode{decided.outcome.code},
            .reply = std::move(decided.reply),
            .error = std::move(decided.error)};
  }
  template <typename Asked>
  typename Asked::Answer look(const Asked& asked) const {
    Bytes payload;
    encode(asked, payload);
    return decode<typename Asked::Answer>(harness.query(Asked::kType, payload).value()).value();
  }
  LogCode put_stream(const std::string& name, const StreamTerms& terms = {});
  LogCode put_consumer(const std::string& stream, const std::string& name,
                       const ConsumerTerms& terms = {});
  // Publishes at QoS 1, to nobody; what became of it. Sequence 0: no stream has taken it.
  struct Appended {
    OpCode code{};
    Sequence sequence = 0;
  };
  Appended add(std::string_view topic, std::string_view payload,
               const ToStream* to_stream = nullptr);
  StreamView stream(const std::string& name) const;
  ConsumerView consumer(const std::string& stream, const std::string& name) const;
  // All of its messages by their sequences, whatever the page size.
  std::map<Sequence, StoredMessageView> stored(const std::string& stream,
                                               std::uint32_t limit = 0) const;
  std::vector<Delivery> fetch(const std::string& stream, const std::string& consumer,
                              std::uint32_t most = 0, std::uint64_t bytes = 0);
  LogCode acknowledge(const std::string& stream, const std::string& consumer,
                      std::vector<Ack> acks);

  kernel::testing::ModuleHarness harness;

 private:
  template <typename Query>
  Bytes ask(kernel::QueryType type, const Query& query) const;

  Timestamp expired_at_{};
};

}  // namespace testing
}  // namespace keel::streams
