#include "kernel/testing/module_harness.hpp"

#include <gtest/gtest.h>

namespace keel::kernel::testing {
namespace {

constexpr HashSeed kLiveSeed{0x1111};
constexpr HashSeed kTwinSeed{0x2222'2222'2222};
constexpr HashSeed kFollowerSeed{0x3333'3333'3333'3333};
constexpr HashSeed kReplaySeed{0x4444'4444};
constexpr HashSeed kLoadSeed{0x5555'5555};

constexpr std::size_t kSliceBytes = 512;

// 2026-01-01T00:00:00Z
constexpr Timestamp kStart{1'767'225'600'000'000'000};

// The same for each step of every cell, another for every step.
Context context_at(Timestamp now) {
  Context context{.now = now, .entropy = {}};
  ByteWriter(context.entropy).write(static_cast<std::uint64_t>(now.ns) * 0x9E3779B97F4A7C15);
  return context;
}

void expect_same(const Decided& decided, const Decided& other, const std::string& what) {
  EXPECT_EQ(decided.error.has_value(), other.error.has_value()) << what;
  if (decided.error && other.error) {
    EXPECT_EQ(decided.error->kind().number, other.error->kind().number) << what;
  }
  EXPECT_EQ(decided.outcome.code, other.outcome.code) << what;
  EXPECT_TRUE(decided.events == other.events) << what << ": other events";
  EXPECT_TRUE(decided.reply == other.reply) << what << ": another reply";
}

}  // namespace

ModuleHarness::ModuleHarness(MakeModules make) : ModuleHarness(std::move(make), Options{}) {}

ModuleHarness::ModuleHarness(MakeModules make, Options options)
    : make_(std::move(make)),
      options_(options),
      live_(make_, kLiveSeed, options_.vault, &cold_),
      twin_(make_, kTwinSeed, options_.vault),
      follower_(make_, kFollowerSeed, options_.vault),
      now_(kStart) {}

ModuleHarness::~ModuleHarness() {
  check_replay();
}

void ModuleHarness::given(const RecordedEvent& event) {
  for (TestCell* cell : {&live_, &twin_, &follower_}) cell->apply(event.view());
  journal_.push_back(event);
  now_ = now_ + Duration::milliseconds(1);
}

Decided ModuleHarness::when(CommandType type, ByteView payload) {
  return when(Command{.tenant = tenant_,
                      .principal = PrincipalId(1),
                      .id = CommandId(++commands_),
                      .correlation = CorrelationId(commands_),
                      .causation = CausationId(),
                      .expected_revision = std::nullopt,
                      .type = type,
                      .schema_version = SchemaVersion(1),
                      .payload = payload});
}

Decided ModuleHarness::when(const Command& command) {
  const Context context = context_at(now_);
  return step("command " + std::to_string(command.type.value()),
              [&](TestCell& cell) { return cell.decide(command, context, options_.max_events); });
}

Decided ModuleHarness::when_due(std::size_t limit) {
  const Context context = context_at(now_);
  return step("expire", [&](TestCell& cell) { return cell.expire(context, limit); });
}

template <typename Decide>
Decided ModuleHarness::step(const std::string& name, Decide&& decide) {
  const std::string what = "step " + std::to_string(steps_) + " (" + name + ")";
  const bool checked = steps_++ % options_.check_every == 0;
  if (checked) go_on_with_snapshot();
  const Digest before = checked ? live_.digest() : Digest{};
  const UndoLog::Mark start = live_.undo().mark();

  Decided decided = decide(live_);
  if (checked) {
    if (decided.error) {
      EXPECT_EQ(live_.digest(), before) << what << ": an Error has left something behind";
    }
    live_.undo().rollback_to(start);
    EXPECT_EQ(live_.digest(), before) << what << ": undo has not restored the state";
    expect_same(decided, decide(live_), what + " decided again");
  }
  expect_same(decided, decide(twin_), what + " with other hash keys");
  for (const RecordedEvent& event : decided.events) {
    follower_.apply(event.view());
    journal_.push_back(event);
  }
  if (checked) {
    const Digest after = live_.digest();
    EXPECT_EQ(twin_.digest(), after) << what << ": another state with other hash keys";
    EXPECT_EQ(follower_.digest(), after) << what << ": applying the events gives another state";
  }
  for (TestCell* cell : {&live_, &twin_, &follower_}) cell->settle();
  now_ = now_ + Duration::milliseconds(1);
  return decided;
}

void ModuleHarness::go_on_with_snapshot() {
  if (!snapshot_) {
    snapshot_bytes_.clear();
    snapshot_digest_ = live_.digest();
    snapshot_.emplace(live_.tables());
  }
  if (snapshot_->next_slice(kSliceBytes, snapshot_bytes_)) return;
  snapshot_.reset();
  TestCell loaded(make_, kLoadSeed, options_.vault, &cold_);
  SnapshotLoader loader(loaded.tables());
  EXPECT_TRUE(loader.feed(snapshot_bytes_).ok()) << "a snapshot does not load";
  EXPECT_TRUE(loader.finish().ok()) << "a snapshot is not complete";
  EXPECT_EQ(loaded.digest(), snapshot_digest_) << "a snapshot is not the state of its moment";
}

Result<Bytes> ModuleHarness::query(QueryType type, ByteView payload) const {
  return live_.query(
      {.tenant = tenant_, .principal = PrincipalId(1), .type = type, .payload = payload});
}

void ModuleHarness::check_replay() const {
  TestCell replay(make_, kReplaySeed, options_.vault);
  for (const RecordedEvent& event : journal_) replay.apply(event.view());
  EXPECT_EQ(replay.digest(), live_.digest()) << "a full replay gives another state";
}

}  // namespace keel::kernel::testing
