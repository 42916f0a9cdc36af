// One batch while it is decided. Operations on messages are gathered into one event as long as each
// can be decided without what the ones before it do; where that is not sure, what was gathered is
// applied first (settle()), and the state itself answers.
//
// Private to this folder.
#pragma once

#include "kernel/transaction.hpp"
#include "modules/streams/decide/overlay.hpp"
#include "modules/streams/options.hpp"
#include "modules/streams/payload/batch_reader.hpp"
#include "modules/streams/state/state.hpp"

namespace keel::streams {

// Memory that decisions share; nothing in it outlives one.
struct Scratch {
  explicit Scratch(kernel::HashSeed seed) : overlay(seed) {}

  Overlay overlay;
  Bytes event;                       // gathered operations
  std::vector<EntryNumber> numbers;  // what became of the targets of a message
  std::vector<Settle> dropped;
};

// A stream in the overlay.
inline SessionNumber overlay_id(StreamNumber stream) {
  return SessionNumber(stream.value());
}

// What still fits into the tables, beside what has been gathered.
struct Room {
  std::uint64_t message_rows = 0;
  std::uint64_t entries = 0;
  std::uint64_t inbound = 0;
  std::uint64_t retained = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t content_rows = 0;
  std::uint64_t stream_rows = 0;
  std::uint64_t blocks = 0;
};

class Decision {
 public:
  Decision(const State& state, const StreamsOptions& options, kernel::Transaction& tx,
           const kernel::Context& context, Scratch& scratch);

  // Decides a whole batch; the answers are in tx.reply().
  Result<> decide(ByteView payload);

 private:
  TenantId tenant() const noexcept { return tx_.tenant(); }
  Result<> decide(const OpView& op);
  Result<> decide_about_client(const OpView& op);

  // Messages (traffic.cpp).
  Result<> publish(const OpView& op);
  OpCode check_publish(const PublishView& publish);
  // The named stream that takes it, if one does (captures.cpp).
  OpCode choose_stream(const PublishView& publish);
  OpCode check_stream(const PublishView& publish);
  bool is_full(const StreamRecord& stream, std::uint64_t rows);
  OpCode check_room(const PublishView& publish);
  OpCode fits(const PublishView& publish) const;
  bool take_targets(const PublishView& publish, bool exact);
  void make_room(const PublishView& publish);
  bool drop_oldest(SessionNumber session, const QueueRecord& queue, std::uint64_t bytes);
  void record(const PublishView& publish);
  void take_room(const PublishView& publish, const PublishHead& head, std::size_t identifiers);
  Result<> forget(const OpView& op);
  Result<> release(const OpView& op);
  Result<> finish(const OpView& op);
  const EntryRecord* find_entry(const Settle& settle);
  void gather(OpKind kind, ByteView body);

  // Clients (sessions.cpp).
  Result<> open(const OpView& op);
  void emit_opened(const SessionOpened& opened, const OpView& op);
  Result<> close(const OpView& op);
  Result<> subscribe(const OpView& op);
  Result<> unsubscribe(const OpView& op);
  Result<> drop_will(const OpView& op);
  bool has_content_room(std::uint64_t rows) const;

  // Applies what was gathered.
  void settle();
  Room room_of_state() const;
  bool is_over(const QueueRecord& queue, const Overlay::Added& added, std::uint64_t bytes) const;
  void answer(OpCode code, std::span<const std::uint64_t> numbers = {});

  const State& state_;
  const StreamsOptions& options_;
  kernel::Transaction& tx_;
  const kernel::Context& context_;
  Scratch& scratch_;
  Room room_;
  std::size_t targets_ = 0;
  StreamNumber taker_{};  // of the publish at hand; zero: none
};

// What is due by time; the number of events.
std::size_t expire(const State& state, kernel::Transaction& tx, const kernel::Context& context,
                   std::size_t limit);

}  // namespace keel::streams
