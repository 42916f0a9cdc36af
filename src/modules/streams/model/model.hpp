// An independent model of what the streams module remembers: plain maps, nothing in pieces, nothing
// gathered. Random batches are given to both, and what they answer and hold is compared: of the
// module alone in testing/model_test.cpp, of a cell under faults in sim/torture/streams. Written
// from docs/streams.md, not from the module.
//
// For tests. Time comes in. What is due happens when it is called by its name, in whichever order
// and pieces it happened; or all at once in expire().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
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
  TenantId tenant{};
  std::string client_id;
  std::uint64_t epoch = 1;
  std::uint32_t expiry_s = 0;
  Timestamp expires_at = Timestamp::never();  // of an ended one: when it has
  bool connected = true;
  bool is_purged = false;  // it has ended, and time is to remove what is left of it
  std::map<std::string, ModelSubscription> subscriptions;
  std::map<std::uint64_t, ModelEntry> entries;
  std::uint64_t next_entry = 1;
  std::set<std::uint16_t> inbound;
  std::uint64_t dropped = 0;
  std::uint64_t refused = 0;
  std::map<std::uint64_t, std::uint64_t> first_rows;  // of entries' messages

  std::size_t bytes() const;
  bool is_empty() const { return entries.empty() && subscriptions.empty() && inbound.empty(); }
};

using ModelTopic = std::pair<TenantId, std::string>;

struct ModelResult {
  OpCode code{};
  std::vector<std::uint64_t> numbers;

  friend bool operator==(const ModelResult&, const ModelResult&) = default;
};

// How much of an ended session has gone at once.
struct ModelPiece {
  std::uint32_t entries = 0;
  std::uint32_t subscriptions = 0;
  std::uint32_t inbound = 0;

  friend bool operator==(const ModelPiece&, const ModelPiece&) = default;
};

class Model {
 public:
  explicit Model(const StreamsOptions& options) : options_(options) {}

  // Whose operations follow.
  void act_for(TenantId tenant) { tenant_ = tenant; }
  ModelResult publish(const Publish& publish, Timestamp now);
  ModelResult forget(SessionNumber session, std::uint16_t packet_id);
  ModelResult release(SessionNumber session, EntryNumber entry);
  ModelResult finish(SessionNumber session, EntryNumber entry);
  ModelResult open(const Open& open, Timestamp now);
  ModelResult close(const Close& close, Timestamp now);
  ModelResult subscribe(const Subscribe& subscribe);
  ModelResult unsubscribe(SessionNumber session, const std::string& filter);
  ModelResult drop_will(SessionNumber session);

  // What time does, of any tenant. They answer when that was due; nullopt: it is not there, or not
  // due ever, and nothing has happened.
  std::optional<Timestamp> end_session(SessionNumber session, Timestamp now);
  std::optional<Timestamp> purge(SessionNumber session, ModelPiece& gone);
  std::optional<Timestamp> expire_entry(const Settle& entry);
  std::optional<Timestamp> expire_retained(const ModelTopic& topic);
  // The earliest that is due; never(): nothing is.
  Timestamp next_due() const;
  // All that is due by now.
  void expire(Timestamp now);

  const std::map<std::uint64_t, ModelSession>& sessions() const { return sessions_; }
  // Being removed, or kept for their wills.
  const std::map<std::uint64_t, ModelSession>& ended() const { return ended_; }
  const std::map<std::uint64_t, ModelWill>& wills() const { return wills_; }
  const std::map<ModelTopic, ModelMessage>& retained() const { return retained_; }
  Statistics statistics() const;
  // The session of a client of the tenant that acts; zero: it has none.
  SessionNumber session_of(std::string_view client_id) const;
  // Entries that have made room, since the last call.
  std::vector<Settle> take_dropped() { return std::exchange(dropped_, {}); }

 private:
  ModelSession* find(SessionNumber session);
  ModelSession* find_ended(SessionNumber session);
  void end(std::uint64_t number, Timestamp now);
  void take_will(std::uint64_t number);
  void remove_if_empty(std::uint64_t number);
  std::uint64_t enqueue(const Target& target, const ModelMessage& message, std::uint64_t row);
  void erase_entry(ModelSession& session, std::uint64_t entry);
  void erase_retained(const ModelTopic& topic);
  OpCode check_room(const Publish& publish) const;
  std::uint64_t first_row_kept() const;

  StreamsOptions options_;
  TenantId tenant_{};
  std::map<std::uint64_t, ModelSession> sessions_;
  std::map<std::uint64_t, ModelSession> ended_;
  std::map<std::uint64_t, ModelWill> wills_;  // those of ended ones too
  std::map<ModelTopic, ModelMessage> retained_;
  std::vector<Settle> dropped_;
  std::uint64_t next_session_ = 1;
  Statistics counted_;                               // what is not counted by looking
  std::uint64_t rows_ = 0;                           // of messages, of 128 bytes, ever
  std::map<std::uint64_t, std::uint64_t> segments_;  // how many entries refer to 4,096 rows
};

}  // namespace keel::streams
