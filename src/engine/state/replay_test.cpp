#include "engine/state/replay.hpp"

#include "engine/errors.hpp"
#include "engine/testing/test_cell.hpp"

namespace keel::engine::test {
namespace {

// Turns version 1 of `added`, as an older Keel has written it, into itself with ten times the
// amount: enough to see that it was asked.
class TenTimes final : public Upcaster {
 public:
  Result<> upcast(kernel::Event& event, Bytes& buffer) const override {
    if (event.type != Added::kEventType) return success();
    Added added = KEEL_TRY(ByteReader(event.payload).read_object<Added>());
    added.amount *= 10;
    const ByteView bytes = object_bytes(added);
    buffer.assign(bytes.begin(), bytes.end());
    event.payload = buffer;
    event.schema_version = Added::kSchemaVersion;
    return success();
  }
};

class ReplayTest : public CellTest {
 protected:
  // Puts a record into the history, as if some Keel had written it.
  void write(journal::Envelope envelope, ByteView payload) {
    machine_.start(
        0,
        +[](runtime::Core* on, journal::MemoryHistory* history, journal::Envelope with,
            Bytes bytes) -> runtime::Task<> {
          journal::MemoryJournal journal(*on, *history);
          journal::GroupBuilder* group = journal.form();
          with.time = journal.last_time() + Duration::nanoseconds(1);
          EXPECT_TRUE(group->append(with, bytes).has_value());
          EXPECT_EQ((co_await journal.append(*group)).outcome, journal::AppendOutcome::durable);
          EXPECT_TRUE((co_await journal.close()).ok());
        },
        &core(), &history_, envelope, Bytes(payload.begin(), payload.end()));
    run();
  }
  static journal::Envelope added_of(std::uint16_t version) {
    return {.tenant = TenantId(1),
            .type = Added::kEventType.value(),
            .schema_version = version,
            .row_bytes = sizeof(Added)};
  }
};

TEST_F(ReplayTest, stops_at_an_event_that_nobody_knows) {
  write({.type = kernel::EventType(kCounters, 99).value(), .schema_version = 1}, as_bytes("x"));
  const Result<> opened = try_open();
  ASSERT_TRUE(!opened.ok() && opened.error().is(kUnknownEvent));
  EXPECT_NE(opened.error().detail().find("9.99 version 1 at position 1"), std::string::npos);
}

TEST_F(ReplayTest, stops_at_a_version_that_is_newer_than_this_binary) {
  write(added_of(1), object_bytes(Added{.counter = 1, .amount = 1}));
  write(added_of(2), object_bytes(Added{.counter = 1, .amount = 1}));
  const Result<> opened = try_open();
  ASSERT_TRUE(!opened.ok() && opened.error().is(kNewerEvent));
  EXPECT_NE(opened.error().detail().find("9.1 version 2 at position 2"), std::string::npos);
}

TEST_F(ReplayTest, stops_at_rows_that_do_not_fit) {
  write(added_of(1), Bytes(sizeof(Added) + 1));
  EXPECT_TRUE(try_open().error().is(kBadRecord));
}

TEST_F(ReplayTest, stops_at_an_outcome_that_is_too_short) {
  write({.type = kOutcomeType.value(), .schema_version = 1}, as_bytes("short"));
  EXPECT_TRUE(try_open().error().is(kBadRecord));
}

TEST_F(ReplayTest, splits_packed_rows_and_takes_their_tenant) {
  std::vector<Added> rows(5, Added{.counter = 1, .amount = 2});
  write(added_of(1), std::as_bytes(std::span(rows)));
  open();
  EXPECT_EQ(cell_->replay_report().rows, 5u);
  EXPECT_EQ(value(1, TenantId(1)), 10);
  Asked& asked = ask_value(1);
  run();
  EXPECT_EQ(asked.answer.revision, Position(1));
}

TEST_F(ReplayTest, upcasts_what_an_older_keel_has_written) {
  write(added_of(0), object_bytes(Added{.counter = 1, .amount = 2}));
  const TenTimes ten_times;
  upcaster_ = &ten_times;
  open();
  EXPECT_EQ(value(1), 20);
}

}  // namespace
}  // namespace keel::engine::test
