// Proofs from the files of journals: of every record, of journals that are open, cut and damaged.
#include "journal/proof/find.hpp"

#include "journal/local/small_journal.hpp"
#include "journal/proof/check.hpp"

namespace keel::journal {
namespace {

// A MemoryDisk never suspends, so that the task ends in the first call.
struct Started {
  struct promise_type {
    Started get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct Run {
  static Started now(MemoryDisk* disk, Position position, FindOptions options,
                     std::optional<Result<InclusionProof>>* into) {
    into->emplace(co_await find_proof(*disk, std::string(kDirectory), position, options));
  }
};

Result<InclusionProof> find_in(const std::map<std::string, Bytes>& files, std::uint64_t position,
                               FindOptions options = {}) {
  MemoryDisk disk;
  disk.files = files;
  std::optional<Result<InclusionProof>> found;
  Run::now(&disk, Position(position), options, &found);
  KEEL_ASSERT(found.has_value());
  return *std::move(found);
}

// Groups of one to seventeen records over a few segments, opened twice.
std::map<std::string, Bytes> write_journal(std::uint64_t& records) {
  Rig rig(still_world());
  std::map<std::string, Bytes> files;
  rig.run(
      +[](Rig* r, std::map<std::string, Bytes>* out, std::uint64_t* count) -> Task<> {
        for (int opening = 0; opening < 2; ++opening) {
          auto opened =
              (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
          for (std::size_t i = 1; i <= 17; ++i) {
            const AppendResult result = co_await append_records(opened.journal.get(), i, 40 * i);
            KEEL_ASSERT(result.outcome == AppendOutcome::durable);
          }
          *count = opened.journal->durable().value();
          KEEL_ASSERT((co_await opened.journal->close()).ok());
        }
        *out = files_of(r->machine.medium());
      },
      &rig, &files, &records);
  return files;
}

TEST(FindProof, proves_every_record_of_a_journal) {
  std::uint64_t records = 0;
  const auto files = write_journal(records);
  ASSERT_EQ(records, 2 * 17 * 18 / 2);
  ASSERT_GE(files.size(), 4u);
  for (std::uint64_t position = 1; position <= records; ++position) {
    const auto proof = find_in(files, position);
    ASSERT_TRUE(proof.ok()) << position << ": " << proof.error().to_string();
    const auto proven = check(*proof);
    ASSERT_TRUE(proven.ok()) << position << ": " << proven.error().to_string();
    EXPECT_EQ(proven->envelope.sequence, Position(position));
    EXPECT_TRUE(proven->envelope.command == CommandId(position));
    EXPECT_EQ(proof->payload, payload_of(position, proof->payload.size()));
    EXPECT_EQ(proven->cell, CellId(1));
  }
  EXPECT_TRUE(find_in(files, records + 1).error().is(kNoSuchPosition));
  EXPECT_TRUE(find_in(files, 0).error().is(kNoSuchPosition));
}

TEST(FindProof, of_the_last_group_waits_for_something_behind_it_unless_it_is_known_to_be_durable) {
  const SmallJournal small = write_small_journal();
  EXPECT_TRUE(find_in(small.unsealed, small.records).error().is(kNotSettled));
  EXPECT_TRUE(find_in(small.unsealed, small.records, {.durable = Position(small.records)}).ok());
  EXPECT_TRUE(find_in(small.unsealed, 1).ok());
  EXPECT_TRUE(find_in(small.sealed, small.records).ok());
}

TEST(FindProof, says_that_what_was_moved_to_an_archive_is_there) {
  std::uint64_t records = 0;
  auto files = write_journal(records);
  files.erase(std::string(kDirectory) + '/' + segment_name(1, SegmentClass::main));
  EXPECT_TRUE(find_in(files, 1).error().is(kArchived));
  EXPECT_TRUE(find_in(files, records).ok());
}

TEST(FindProof, gives_no_proof_of_a_damaged_group) {
  const SmallJournal small = write_small_journal();
  for (const auto& [path, bytes] : small.sealed) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = 0; at < bytes.size(); at += 512) {
      auto files = small.sealed;
      files[path][at] ^= std::byte{1};
      for (std::uint64_t position = 1; position <= small.records; ++position) {
        const auto proof = find_in(files, position);
        if (proof.ok()) EXPECT_TRUE(check(*proof).ok()) << path << " " << at << " " << position;
      }
    }
  }
  auto files = small.sealed;
  files[std::string(kDirectory) + '/' + segment_name(1, SegmentClass::main)].at(
      2 * kBlockBytes + kGroupHeaderBytes + kRecordHeaderBytes) ^= std::byte{1};
  EXPECT_TRUE(find_in(files, 1).error().is(kCorrupt));
  EXPECT_TRUE(find_in({}, 1).error().is(kNoJournal));
}

}  // namespace
}  // namespace keel::journal
