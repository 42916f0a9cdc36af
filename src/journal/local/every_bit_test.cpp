// Every bit of every used block of a small journal flipped, sealed and as it stood before its last
// group was: verified, and, for all bits of that group and a sample of the others, opened and
// replayed. What it costs is counted and printed (docs/reliability.md has the figures).
#include <cstdio>
#include <ranges>

#include "journal/local/small_journal.hpp"

namespace keel::journal {
namespace {

using Files = std::map<std::string, Bytes>;

// Every bit in an optimised build; one of so many in the others, which are ten times as slow.
constexpr std::uint64_t kUsedStep = KEEL_BIT_STEP;
// Of unused blocks, which are all zero, one bit of each so many bytes.
constexpr std::size_t kUnusedStep = 61;
// Of used blocks before and behind the last group: opened for one bit of each so many bytes.
constexpr std::size_t kOpenedStep = 41;
// Of what is opened, so many are opened for writing as well.
constexpr std::uint64_t kWrittenStep = 16;

struct Kept {
  Envelope envelope;
  Bytes payload;
};

struct Whole {
  Files files;
  std::vector<Kept> records;
  // The last group with records, and the write that it came with: the first one of a segment has
  // the segment's header in it as well.
  std::string path;
  GroupHeader last;
  std::size_t write_begins = 0;
  std::size_t write_ends = 0;
  bool sealed = false;

  std::uint64_t bits_of_last_write() const { return (write_ends - write_begins) * 8; }
};
struct Journals {
  Whole sealed;
  Whole unsealed;
  Whole unsealed_first_write;  // the last group is the first of a segment
};

bool same(const Kept& a, const Kept& b) {
  const Envelope& x = a.envelope;
  const Envelope& y = b.envelope;
  return x.sequence == y.sequence && x.time == y.time && x.tenant == y.tenant &&
         x.principal == y.principal && x.command == y.command && x.correlation == y.correlation &&
         x.causation == y.causation && x.type == y.type && x.schema_version == y.schema_version &&
         x.row_bytes == y.row_bytes && a.payload == b.payload;
}

LocalOptions smallest_options() {
  LocalOptions options = tiny_options();
  options.first_segment_bytes = options.segment_bytes = 7 * kBlockBytes;
  options.group = {.bytes = 4 * kBlockBytes, .records = 64};
  return options;
}

Task<Result<std::vector<Kept>>> replay(Journal* journal) {
  std::vector<Kept> records;
  const auto cursor = KEEL_CO_TRY(co_await journal->read(Position(0)));
  while (auto record = KEEL_CO_TRY(co_await cursor->next())) {
    records.push_back({record->envelope, Bytes(record->payload.begin(), record->payload.end())});
  }
  co_return records;
}

Task<> append_to(Journal* journal, std::size_t count, std::size_t size_bytes, Rig* rig,
                 Whole* then) {
  const AppendResult result = co_await append_records(journal, count, size_bytes);
  KEEL_ASSERT(result.outcome == AppendOutcome::durable);
  then->files = files_of(rig->machine.medium());
  then->records = (co_await replay(journal)).value();
}

// Two openings, two segments, groups of one block and of two.
Task<> write(Rig* rig, Journals* out) {
  auto opened = (co_await LocalJournal::open(rig->core(), kDirectory, smallest_options())).value();
  co_await append_to(opened.journal.get(), 2, 40, rig, &out->unsealed);
  KEEL_ASSERT((co_await opened.journal->close()).ok());
  opened = (co_await LocalJournal::open(rig->core(), kDirectory, smallest_options())).value();
  co_await append_to(opened.journal.get(), 2, 2'200, rig, &out->unsealed_first_write);
  co_await append_to(opened.journal.get(), 3, 1'500, rig, &out->unsealed);
  KEEL_ASSERT((co_await opened.journal->close()).ok());
  out->sealed = out->unsealed;
  out->sealed.files = files_of(rig->machine.medium());
  out->sealed.sealed = true;
}

void find_last_group(Whole& whole) {
  for (const auto& [path, bytes] : whole.files) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = 0; at + kBlockBytes <= bytes.size(); at += kBlockBytes) {
      const auto header = decode_group_header(ByteView(bytes).subspan(at));
      if (!header || header->record_count == 0) continue;
      whole.path = path;
      whole.last = *header;
    }
  }
  const std::size_t begin = whole.last.file_offset;
  whole.write_begins = begin == kBlockBytes ? 0 : begin;
  whole.write_ends = begin + whole.last.extent_bytes();
}

const Journals& journals() {
  static const Journals written = [] {
    Rig rig(still_world());
    Journals made;
    rig.run(write, &rig, &made);
    for (Whole* each : {&made.sealed, &made.unsealed, &made.unsealed_first_write}) {
      find_last_group(*each);
    }
    return made;
  }();
  return written;
}

struct Bit {
  std::string path;
  std::size_t at = 0;
  unsigned bit = 0;
  bool used = true;      // its block is not all zero
  bool in_last = false;  // in the write of the last group with records
  std::string name() const {
    return path + " byte " + std::to_string(at) + " bit " + std::to_string(bit);
  }
};

// Every bit of used blocks, a sample of those of unused ones.
template <typename Each>
void each_bit(const Whole& journal, Each each) {
  std::uint64_t bits = 0;
  for (const auto& [path, bytes] : journal.files) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::size_t block = at - at % kBlockBytes;
      const bool used = !is_zero(ByteView(bytes).subspan(block, kBlockBytes));
      if (!used && at % kUnusedStep != 0) continue;
      const bool in_last =
          path == journal.path && at >= journal.write_begins && at < journal.write_ends;
      for (unsigned bit = used ? 0 : at % 8; bit < (used ? 8 : at % 8 + 1); ++bit) {
        if (used && bits++ % kUsedStep != 0) continue;
        each(Bit{.path = path, .at = at, .bit = bit, .used = used, .in_last = in_last});
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

struct Tally {
  std::uint64_t bits = 0;
  std::uint64_t of_last_write = 0;
  std::uint64_t detected = 0;      // a problem, by name
  std::uint64_t cost_group = 0;    // the unsealed last group is dropped, and reported
  std::uint64_t cost_nothing = 0;  // reported as an incomplete write without a record
  std::uint64_t harmless = 0;      // the same, in an unused block
  std::uint64_t opened = 0;
  std::uint64_t refused = 0;
  std::uint64_t whole_prefix = 0;  // opened without the last group
  std::uint64_t all = 0;           // opened with every record
  std::uint64_t for_writing = 0;

  void print(std::string_view name) const {
    const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "%.*s: %llu bits flipped, %llu detected, %llu cost the unsealed last group, %llu cost no "
        "record, %llu harmless in unused blocks; opened with %llu of them, %llu for writing too: "
        "%llu refused, %llu without the last group, %llu with all\n",
        static_cast<int>(name.size()), name.data(), number(bits), number(detected),
        number(cost_group), number(cost_nothing), number(harmless), number(opened),
        number(for_writing), number(refused), number(whole_prefix), number(all));
  }
};

// Reported always; and a record is missing only when it was in the unsealed last group.
void judge_verified(const Whole& journal, const Bit& flipped, const VerifyReport& report,
                    Tally& tally) {
  ++tally.bits;
  tally.of_last_write += flipped.in_last ? 1 : 0;
  ASSERT_EQ(report.ok(), report.tail.has_value()) << flipped.name() << ": " << to_json(report);
  if (!report.ok()) {
    ++tally.detected;
    ASSERT_FALSE(report.problems.front().problem.name.empty()) << flipped.name();
    return;
  }
  if (report.records == journal.records.size()) {
    ++(flipped.used ? tally.cost_nothing : tally.harmless);
    return;
  }
  ++tally.cost_group;
  ASSERT_TRUE(!journal.sealed && flipped.in_last) << flipped.name() << ": " << to_json(report);
  ASSERT_EQ(report.records + journal.last.record_count, journal.records.size());
  ASSERT_TRUE(journal.path.ends_with(report.tail->file)) << report.tail->file;
  ASSERT_EQ(report.tail->offset, journal.write_begins);
  ASSERT_EQ(report.tail->group_number, journal.last.group_number);
}

void verify_every_bit(const Whole& journal, Tally& tally) {
  MemoryDisk damaged;
  damaged.files = journal.files;
  each_bit(journal, [&](const Bit& bit) {
    std::byte& byte = damaged.files.at(bit.path).at(bit.at);
    byte ^= std::byte{1} << bit.bit;
    judge_verified(journal, bit, verify_disk(damaged), tally);
    byte ^= std::byte{1} << bit.bit;
  });
}

// --- opened and replayed -----------------------------------------------------------------------

void put_back(sim::Medium& medium, const Files& files) {
  if (!medium.has_directory(kDirectory)) medium.make_directory(kDirectory);
  for (const std::string& name : medium.list(kDirectory)) {
    medium.remove(std::string(kDirectory) + '/' + name);
  }
  for (const auto& [path, bytes] : files) {
    const auto node = medium.create(path);
    node->durable.resize(bytes.size());
    node->visible.resize(bytes.size());
    node->durable.write(0, bytes);
    node->visible.write(0, bytes);
  }
  medium.sync_directory(kDirectory);
}

// Refuses by name, or gives every record, or every one but those of the unsealed last group.
Task<> open_one(Rig* rig, const Whole* journal, const Bit* flipped, bool for_writing,
                Tally* tally) {
  LocalOptions options = smallest_options();
  options.read_only = !for_writing;
  auto opened = co_await LocalJournal::open(rig->core(), kDirectory, options);
  if (!opened.ok()) {
    ++tally->refused;
    EXPECT_TRUE(opened.error().is(kCorrupt) || opened.error().is(kNewerFormat))
        << flipped->name() << ": " << opened.error().to_string();
    co_return;
  }
  const auto records = co_await replay(opened->journal.get());
  EXPECT_TRUE((co_await opened->journal->close()).ok());
  EXPECT_TRUE(records.ok()) << flipped->name();
  if (!records.ok()) co_return;
  const auto& dropped = opened->report.dropped;
  EXPECT_TRUE(dropped.has_value()) << flipped->name() << " passed unseen";
  const std::size_t count = records->size();
  EXPECT_LE(count, journal->records.size());
  EXPECT_TRUE(std::ranges::equal(*records, journal->records | std::views::take(count), same))
      << flipped->name() << ": another state";
  EXPECT_EQ(opened->journal->durable(), Position(count));
  if (count == journal->records.size()) {
    ++tally->all;
    co_return;
  }
  ++tally->whole_prefix;
  EXPECT_EQ(count + journal->last.record_count, journal->records.size()) << flipped->name();
  EXPECT_TRUE(!journal->sealed && flipped->in_last) << flipped->name();
  if (!dropped) co_return;
  EXPECT_TRUE(journal->path.ends_with(dropped->file)) << dropped->file;
  EXPECT_EQ(dropped->offset, journal->write_begins);
  EXPECT_EQ(dropped->group_number, journal->last.group_number);
}

void open_with_bits(const Whole& journal, Tally& tally) {
  Rig rig(still_world());
  sim::Medium& medium = rig.machine.medium();
  put_back(medium, journal.files);
  each_bit(journal, [&](const Bit& bit) {
    const bool sampled = bit.at % kOpenedStep == 0 && bit.bit == bit.at % 8;
    if (!bit.in_last && !sampled) return;
    ++tally.opened;
    medium.flip_bit(bit.path, bit.at, bit.bit);
    Tally once;
    rig.run(open_one, &rig, &journal, &bit, false, &once);
    tally.refused += once.refused;
    tally.whole_prefix += once.whole_prefix;
    tally.all += once.all;
    if (tally.opened % kWrittenStep == 0) {
      // It changes what it finds, and must come to the same.
      Tally again;
      rig.run(open_one, &rig, &journal, &bit, true, &again);
      EXPECT_EQ(once.refused, again.refused) << bit.name();
      EXPECT_EQ(once.whole_prefix, again.whole_prefix) << bit.name();
      ++tally.for_writing;
      put_back(medium, journal.files);
    } else {
      medium.flip_bit(bit.path, bit.at, bit.bit);
    }
  });
}

Tally flip_every_bit(const Whole& journal, std::string_view name) {
  Tally tally;
  verify_every_bit(journal, tally);
  open_with_bits(journal, tally);
  tally.print(name);
  EXPECT_EQ(tally.detected + tally.cost_group + tally.cost_nothing + tally.harmless, tally.bits);
  EXPECT_EQ(tally.refused + tally.whole_prefix + tally.all, tally.opened);
  EXPECT_GT(tally.bits, 100'000u / kUsedStep);
  EXPECT_GT(tally.detected, 0u);
  EXPECT_GT(tally.harmless, 0u);
  EXPECT_GE(tally.opened, tally.of_last_write);
  EXPECT_GE(tally.of_last_write, journal.bits_of_last_write() / kUsedStep);
  EXPECT_GT(tally.for_writing, 1'000u / kUsedStep);
  EXPECT_GT(tally.refused, 0u);
  EXPECT_GT(tally.all, 0u);
  return tally;
}

TEST(JournalEveryBit, of_a_sealed_journal_is_detected_or_costs_no_record) {
  const Tally tally = flip_every_bit(journals().sealed, "sealed");
  EXPECT_EQ(tally.cost_group, 0u);
  EXPECT_EQ(tally.whole_prefix, 0u);
  EXPECT_GT(tally.cost_nothing, 0u);
}

// The window: damage to the unsealed last group is like an incomplete write
// (docs/journal-format.md, section 7). Each of its bits costs that group whole and nothing else,
// and is reported by name.
TEST(JournalEveryBit, of_the_unsealed_last_group_costs_that_group_whole_and_is_reported) {
  const Whole& journal = journals().unsealed;
  ASSERT_EQ(journal.write_ends - journal.write_begins, 2 * kBlockBytes);
  const Tally tally = flip_every_bit(journal, "unsealed");
  EXPECT_EQ(tally.cost_group, tally.of_last_write);
  EXPECT_EQ(tally.whole_prefix, tally.cost_group);
}

TEST(JournalEveryBit, of_an_unsealed_first_write_of_a_segment_costs_that_write_and_is_reported) {
  const Whole& journal = journals().unsealed_first_write;
  ASSERT_EQ(journal.write_begins, 0u);
  const Tally tally = flip_every_bit(journal, "unsealed, the first write of a segment");
  // All but the lowest bit of the format's version name a newer one, which is refused.
  const std::uint64_t newer = tally.of_last_write - tally.cost_group;
  EXPECT_TRUE(kUsedStep == 1 ? newer == 31 : newer <= 31) << newer;
  EXPECT_EQ(tally.whole_prefix, tally.cost_group);
}

}  // namespace
}  // namespace keel::journal
