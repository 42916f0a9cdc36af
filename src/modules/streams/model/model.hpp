// An independent model of what the streams module remembers: plain maps, one tenant, nothing in
// pieces, nothing gathered. Random batches are given to both (testing/model_test.cpp), and what
// they answer and hold is compared. Written from docs/streams.md, not from the module.
//
// For tests. Time comes in; what is due happens when expire() is called, all at once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "modules/streams/options.hpp"
#include "modules/streams/payload/batch_writer.hpp"

namespace keel::streams {

struct ModelMessage {
  SessionNumber publisher{};
  Timestamp published{};
  Timestamp expires_at{};
  std::string topic;
  std::string properties;
  std::string payload;
  std::uint8_t qos = 0;

  std::size_t bytes() const { return topic.size() + properties.size() + payload.size(); }
  friend bool operator==(const ModelMessage&, const ModelMessage&) = default;
};

struct ModelEntry {
  ModelMessage message;
  Timestamp expires_at{};  // never() once it is released
  std::uint8_t qos = 0;
  EntryStage stage{};
  bool retain = false;
  std::vector<std::uint32_t> identifiers;

  friend bool operator==(const ModelEntry&, const ModelEntry&) = default;
};

struct ModelWill {
  ModelMessage message;  // its qos is asked for, its times are not
  bool retain = false;
  std::uint32_t delay_s = 0;
  Timestamp due_at = Timestamp::never();

  friend bool operator==(const ModelWill&, const ModelWill&) = default;
};

struct ModelSubscription {
  std::uint8_t options = 0;
  std::uint32_t identifier = 0;

  friend bool operator==(const ModelSubscription&, const ModelSubscription&) = default;
};

struct ModelSession {
  std::string client_id;
  std::uint64_t epoch = 1;
  std::uint32_t expiry_s = 0;
  Timestamp expires_at = Timestamp::never();
  bool connected = true;
  std::map<std::string, ModelSubscription> subscriptions;
  std::map<std::uint64_t, ModelEntry> entries;
  std::uint64_t next_entry = 1;
  std::set<std::uint16_t> inbound;
  std::uint64_t dropped = 0;
  std::uint64_t refused = 0;

  std::size_t bytes() const;
};

struct ModelResult {
  OpCode code{};
  std::vector<std::uint64_t> numbers;

  friend bool operator==(const ModelResult&, const ModelResult&) = default;
};

class Model {
 public:
  explicit Model(const StreamsOptions& options) : options_(options) {}

  ModelResult publish(const Publish& publish, Timestamp now);
  ModelResult forget(SessionNumber session, std::uint16_t packet_id);
  ModelResult release(SessionNumber session, EntryNumber entry);
  ModelResult finish(SessionNumber session, EntryNumber entry);
  ModelResult open(const Open& open, Timestamp now);
  ModelResult close(const Close& close, Timestamp now);
  ModelResult subscribe(const Subscribe& subscribe);
  ModelResult unsubscribe(SessionNumber session, const std::string& filter);
  ModelResult drop_will(SessionNumber session);
  void expire(Timestamp now);

  const std::map<std::uint64_t, ModelSession>& sessions() const { return sessions_; }
  const std::map<std::uint64_t, ModelWill>& wills() const { return wills_; }
  const std::map<std::string, ModelMessage>& retained() const { return retained_; }
  // Since the last call.
  std::vector<Settle> take_dropped() { return std::exchange(dropped_, {}); }

 private:
  ModelSession* find(SessionNumber session);
  void end(std::uint64_t number, Timestamp now);
  std::uint64_t enqueue(const Target& target, const ModelMessage& message);

  StreamsOptions options_;
  std::map<std::uint64_t, ModelSession> sessions_;  // none that have ended
  std::map<std::uint64_t, ModelWill> wills_;        // those of ended ones too
  std::map<std::string, ModelMessage> retained_;
  std::vector<Settle> dropped_;
  std::uint64_t next_session_ = 1;
};

}  // namespace keel::streams
