// Rescue: makes the last group of a journal durable again when it is opened.
//
// What an opening reads back need not be durable: after a sync that failed, a system goes on
// showing what it has lost, and a later sync that succeeds says nothing about it. So the last write
// is written again, in its place, before anything is written behind it. A cut in the middle of that
// must not spoil a group that was acknowledged: a group with records is first saved in a file of
// its own (docs/journal-format.md, section 7), and so is one whose head was signed. Another empty
// group may be lost, and needs no saving.
//
// Thread: one core. Memory: one group.
#pragma once

#include <string>

#include "journal/local/options.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

class Rescue {
 public:
  Rescue(runtime::Core& core, std::string directory, const LocalOptions& options)
      : core_(core), directory_(std::move(directory)), options_(options) {}

  // Before the walk: finishes what a cut has interrupted.
  runtime::Task<Result<>> finish_interrupted();
  // After it: writes again what lies from `place` (offset 0: with the segment's header).
  runtime::Task<Result<>> rewrite(WalkPlace place, std::uint64_t bytes, bool must_survive);

 private:
  struct Saved {
    WalkPlace place;
    AlignedBuffer bytes;  // the file's head block, then the content
  };
  runtime::Task<Result<>> save(Saved& saved);
  runtime::Task<Result<std::optional<Saved>>> load();
  runtime::Task<Result<>> write_in_place(const Saved& saved);
  runtime::Task<Result<>> forget();
  std::string path() const;

  runtime::Core& core_;
  std::string directory_;
  LocalOptions options_;
};

}  // namespace keel::journal
