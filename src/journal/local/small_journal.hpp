// A small journal whose every byte is known, for tests of damage and for the golden files: written
// in a world without latency, so that its times are fixed, and taken from the disk as files.
#pragma once

#include <map>
#include <string>

#include "journal/fake/memory_disk.hpp"
#include "journal/local/local_test_support.hpp"

namespace keel::journal {

struct SmallJournal {
  std::map<std::string, Bytes> sealed;    // after close(), by path
  std::map<std::string, Bytes> unsealed;  // after the last group, before anything sealed it
  std::uint64_t records = 0;
};

inline LocalOptions tiny_options() {
  LocalOptions options;
  options.cell = CellId(1);
  options.first_segment_bytes = 64 << 10;
  options.segment_bytes = 64 << 10;
  options.group = {.bytes = 56 << 10, .records = 64};
  JournalId id;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::byte>(0xa0 + i);
  options.new_journal_id = id;
  return options;
}

inline std::map<std::string, Bytes> files_of(sim::Medium& medium) {
  std::map<std::string, Bytes> files;
  for (const std::string& name : medium.list(kDirectory)) {
    const std::string path = std::string(kDirectory) + '/' + name;
    const auto node = medium.find(path);
    Bytes bytes(static_cast<std::size_t>(node->visible.size_bytes));
    node->visible.read(0, bytes);
    files[path] = std::move(bytes);
  }
  return files;
}

inline sim::WorldOptions still_world() {
  sim::WorldOptions options = quiet_world(1);
  options.disk.latency_low = {};
  options.disk.latency_high = {};
  return options;
}

// Two openings, two segments, groups of one to several blocks, the last one of five.
inline SmallJournal write_small_journal() {
  Rig rig(still_world());
  SmallJournal small;
  rig.run(
      +[](Rig* r, SmallJournal* out) -> Task<> {
        for (const std::size_t groups : {std::size_t{3}, std::size_t{4}}) {
          auto opened =
              (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
          Journal* journal = opened.journal.get();
          for (std::size_t i = 0; i < groups; ++i) {
            const bool large = i + 1 == groups;
            const AppendResult result =
                co_await append_records(journal, large ? 3 : 2 + i, large ? 6'300 : 5 + i * 2'000);
            KEEL_ASSERT(result.outcome == AppendOutcome::durable);
          }
          out->records = journal->durable().value();
          out->unsealed = files_of(r->machine.medium());
          KEEL_ASSERT((co_await journal->close()).ok());
        }
        out->sealed = files_of(r->machine.medium());
      },
      &rig, &small);
  return small;
}

// Runs the verifier over files in memory, without a world.
inline VerifyReport verify_disk(MemoryDisk& disk) {
  std::optional<Result<VerifyReport>> report;
  struct Started {
    struct promise_type {
      Started get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
  };
  // A MemoryDisk never suspends, so that the task ends in this call.
  struct Run {
    static Started now(MemoryDisk* from, std::optional<Result<VerifyReport>>* into) {
      into->emplace(co_await verify(*from, kDirectory));
    }
  };
  Run::now(&disk, &report);
  KEEL_ASSERT(report.has_value());
  return std::move(*report).value();
}

inline VerifyReport verify_files(const std::map<std::string, Bytes>& files) {
  MemoryDisk disk;
  disk.files = files;
  return verify_disk(disk);
}

}  // namespace keel::journal
