// The streams module under batches and queries of any bytes. An input is a script: an operation is
// a byte that says which, two that say how long its payload is (little-endian), and the payload.
// Two sessions, a named stream and its consumer are there at the start. What must hold for any
// script:
//   1. A batch gives an Error that writes nothing, or an answer with a result for each of its
//      operations.
//   2. Taken back and decided again, it gives the same; a cell that only applies the events arrives
//      at the same state.
//   3. The counts of the sessions are those of their rows, and those of the cell their sums.
//   4. A query is refused or answered, in no more bytes than a reply may have, and changes nothing.

#include <array>
#include <memory>

#include "base/describe/wire.hpp"
#include "fuzz/fuzz_target.hpp"
#include "kernel/testing/test_cell.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/payload/batch_reader.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "modules/streams/streams.hpp"

namespace keel::fuzz {
namespace {

using namespace keel::streams;  // the whole file is about it
using kernel::testing::Decided;
using kernel::testing::TestCell;

constexpr TenantId kTenant{1};
constexpr std::size_t kMaxOperations = 24;
constexpr std::size_t kMaxEvents = 10'000;

kernel::testing::Modules streams_alone(kernel::UndoLog& undo, kernel::HashSeed seed) {
  kernel::testing::Modules modules;
  modules.push_back(std::make_unique<Streams>(undo, seed,
                                              StreamsOptions{.max_sessions = 6,
                                                             .max_subscriptions = 8,
                                                             .max_entries = 40,
                                                             .max_inbound = 6,
                                                             .max_retained = 6,
                                                             .max_retained_bytes = 2'000,
                                                             .max_message_bytes = 64'000,
                                                             .max_content_rows = 60,
                                                             .max_streams = 3,
                                                             .max_stream_bytes = 64'000,
                                                             .max_blocks = 6,
                                                             .max_consumers = 3,
                                                             .max_pending = 8,
                                                             .session_entries = 8,
                                                             .session_bytes = 2'000,
                                                             .session_subscriptions = 3,
                                                             .when_full = WhenFull::drop_oldest}));
  return modules;
}

class Script {
 public:
  Script() {
    BatchWriter batch;
    batch.open({.client_id = "one", .expiry_s = 100});
    batch.open({.client_id = "two", .expiry_s = kNeverExpires});
    command(kBatch, Bytes(batch.bytes().begin(), batch.bytes().end()));
    say(PutStream{.name = "s", .terms = {.filters = {"a/#"}, .max_messages = 5, .max_age_s = 9}});
    say(PutConsumer{.stream = "s", .name = "c", .terms = {.ack_wait_ms = 2, .max_deliveries = 2}});
  }

  void run(ByteView script) {
    ByteReader reader(script);
    for (std::size_t i = 0; i < kMaxOperations && reader.remaining() > 3; ++i) {
      const auto operation = reader.read<std::uint8_t>().value();
      const std::size_t bytes = reader.read<std::uint16_t>().value();
      const ByteView payload = reader.take(std::min(bytes, reader.remaining())).value();
      // A heap block of its own, so that the address sanitizer sees a view that outlives it.
      run(operation, Bytes(payload.begin(), payload.end()));
    }
    KEEL_ASSERT(live_.digest() == follower_.digest());
  }

 private:
  // Operations: a batch, then queries 1 to 7, then time, as they were before there were named
  // streams (the corpus says so); then queries 8 to 12 and commands 2 to 8.
  static constexpr std::uint8_t kTime = 8;
  static constexpr std::uint8_t kFirstCommand = 14;
  static constexpr std::uint8_t kOperations = 21;

  void run(std::uint8_t operation, const Bytes& payload) {
    const std::uint8_t which = operation % kOperations;
    if (which == 0) {
      command(kBatch, payload);
    } else if (which < kTime) {
      query({kModule, which}, payload);
    } else if (which > kTime && which < kFirstCommand) {
      query({kModule, static_cast<std::uint16_t>(which - 1)}, payload);
    } else if (which >= kFirstCommand) {
      command({kModule, static_cast<std::uint16_t>(which - kFirstCommand + 2)}, payload);
    } else {
      now_ = now_ + Duration::seconds(static_cast<std::int64_t>(payload.size()));
      follow(live_.expire(context(), 1 + payload.size()));
    }
    check_counts();
  }

  template <typename Asked>
  void say(const Asked& asked) {
    Bytes payload;
    encode(asked, payload);
    command(Asked::kType, payload);
  }

  void command(kernel::CommandType type, const Bytes& payload) {
    const kernel::Command command{.tenant = kTenant,
                                  .principal = PrincipalId(1),
                                  .id = CommandId(++commands_),
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    const Digest before = live_.digest();
    const kernel::UndoLog::Mark mark = live_.undo().mark();
    const Decided first = live_.decide(command, context(), kMaxEvents);
    const Digest after = live_.digest();
    if (first.error.has_value()) KEEL_ASSERT(after == before);
    live_.undo().rollback_to(mark);
    KEEL_ASSERT(live_.digest() == before);
    const Decided again = live_.decide(command, context(), kMaxEvents);
    KEEL_ASSERT(live_.digest() == after);
    KEEL_ASSERT(again.events == first.events && again.reply == first.reply);
    if (!first.error.has_value() && type == kBatch) check_reply(payload, first.reply);
    follow(again);
  }

  static void check_reply(const Bytes& payload, const Bytes& bytes) {
    BatchReply reply = BatchReply::read(bytes).value();
    for (BatchReader reader(payload); !reader.done();) {
      const OpView op = reader.next().value();
      KEEL_ASSERT(reply.has_result());
      const OpResult result = reply.next_result().value();
      if (result.code != OpCode::done) continue;
      if (op.kind == OpKind::publish) {
        const std::size_t targets = read_publish(op)->head.targets;
        KEEL_ASSERT(result.numbers.size() == targets || result.numbers.size() == targets + 2);
      } else if (op.kind == OpKind::open) {
        KEEL_ASSERT(!opened_of(result).session.is_zero());
      }
    }
    KEEL_ASSERT(!reply.has_result());
    while (reply.has_dropped()) KEEL_ASSERT(reply.next_dropped().ok());
  }

  Result<Bytes> ask(kernel::QueryType type, ByteView payload) const {
    return live_.query(
        {.tenant = kTenant, .principal = PrincipalId(1), .type = type, .payload = payload});
  }

  void query(kernel::QueryType type, const Bytes& payload) {
    const Digest before = live_.digest();
    const Result<Bytes> reply = ask(type, payload);
    KEEL_ASSERT(live_.digest() == before);
    if (reply.ok()) KEEL_ASSERT(reply->size() <= kMaxReplyBytes + kMaxMessageBytes);
  }

  void check_counts() const {
    const Statistics all = read_statistics(ask(kStatistics, {}).value()).value();
    const Bytes listed = ask(kListSessions, object_bytes(ListSessions{})).value();
    Statistics sums;
    for (SessionPage page = SessionPage::read(listed).value(); page.has_row();) {
      const SessionRowHead session = page.next()->head;
      ++sums.sessions;
      sums.connected += session.state == SessionState::connected ? 1 : 0;
      sums.subscriptions += session.subscriptions;
      sums.entries += session.entries;
      sums.inbound += session.inbound;
      sums.wills += session.has_will;
      const ListEntries query{.session = session.number, .content = EntryContent::messages};
      const Bytes queue = ask(kListEntries, object_bytes(query)).value();
      std::uint64_t bytes = 0;
      for (EntryPage entries = EntryPage::read(queue).value(); entries.has_row();) {
        const MessageView message = entries.next()->message;
        bytes += message.topic.size() + message.properties.size() + message.payload.size();
      }
      KEEL_ASSERT(bytes == session.queue_bytes);
    }
    KEEL_ASSERT(sums.sessions == all.sessions && sums.connected == all.connected);
    KEEL_ASSERT(sums.subscriptions == all.subscriptions && sums.entries == all.entries);
    KEEL_ASSERT(sums.inbound == all.inbound && sums.wills == all.wills);
    check_streams();
  }

  template <typename Asked>
  typename Asked::Answer look(const Asked& asked) const {
    Bytes payload;
    encode(asked, payload);
    return decode<typename Asked::Answer>(ask(Asked::kType, payload).value()).value();
  }

  // A stream's counts are those of the messages that it gives; nothing pending is missed.
  void check_streams() const {
    for (const StreamView& stream : look(ListStreams{}).streams) {
      std::uint64_t messages = 0;
      Sequence next = 0;
      do {
        const auto page = look(ReadMessages{.stream = stream.name, .from = next});
        messages += page.messages.size();
        next = page.next;
      } while (next <= stream.last);
      KEEL_ASSERT(messages == stream.messages && stream.first + messages == stream.last + 1);
      const auto listed = look(ListConsumers{.stream = stream.name});
      KEEL_ASSERT(listed.consumers.size() == stream.consumers);
      for (const ConsumerView& consumer : listed.consumers) {
        KEEL_ASSERT((consumer.ack_pending == 0) == consumer.next_redelivery.is_never());
        KEEL_ASSERT(consumer.ack_floor <= consumer.delivered);
      }
    }
  }

  void follow(const Decided& decided) {
    for (const auto& event : decided.events) follower_.apply(event.view());
    now_ = now_ + Duration::milliseconds(1);
  }

  kernel::Context context() const { return {.now = now_, .entropy = {}}; }

  TestCell live_{streams_alone, kernel::HashSeed(1), nullptr};
  TestCell follower_{streams_alone, kernel::HashSeed(2), nullptr};
  Timestamp now_{1'767'225'600'000'000'000};  // 2026-01-01T00:00:00Z
  std::uint64_t commands_ = 0;
};

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::Script().run(keel::fuzz::input_bytes(data, size));
  return 0;
}
