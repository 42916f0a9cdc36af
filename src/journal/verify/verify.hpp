// verify(): reads a journal's files and checks everything that docs/journal-format.md says, without
// believing anything that the writer has noted elsewhere. Changes nothing. For a journal at rest:
// of one that is being written the end may look incomplete.
//
// Memory: bounded, whatever the journal's size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "journal/verify/walk.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

struct VerifyOptions {
  SegmentClass segment_class = SegmentClass::main;
  std::size_t max_problems = 100;  // then it stops looking
  // Of a signed head, where the public key is known; else signatures are not looked at.
  std::function<bool(const HeadEntry&)> signature_holds{};
  // Begins there; else at the journal's beginning.
  std::optional<ChainPoint> from{};
  // Called with each valid group, in order: for those who know what records mean.
  std::function<void(const WalkGroup& group)> each_group{};
  // Nothing behind this place is looked at: of a copy that is not finished.
  std::optional<WalkPlace> until{};
};

struct VerifyReport {
  ChainIdentity identity;
  std::uint64_t segments = 0;
  std::uint64_t groups = 0;  // seals included
  std::uint64_t seals = 0;
  std::uint64_t records = 0;
  Position first_sequence;  // 0: no record
  Position last_sequence;
  Timestamp last_time;
  std::uint64_t epoch = 0;
  std::uint64_t bytes = 0;  // of groups, with headers and padding
  Digest head{};
  std::uint64_t heads = 0;  // signed heads that agree with the chain; signatures are not checked
  struct Tail {
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t extent_bytes = 0;
    std::uint64_t group_number = 0;
    std::string_view reason;
  };
  std::optional<Tail> tail;      // an incomplete last write: not a problem
  std::optional<CutRecord> cut;  // older segments were moved to an archive
  std::vector<FileProblem> problems;
  std::vector<std::string> unknown_files;

  bool ok() const noexcept { return problems.empty(); }
};

// An error is of the disk, or kNoJournal; what is wrong with the journal stands in the report.
runtime::Task<Result<VerifyReport>> verify(runtime::Disk& disk, std::string_view directory,
                                           VerifyOptions options = {});

// The report as docs/journal-format.md section 9 names its fields, one line.
std::string to_json(const VerifyReport& report);

}  // namespace keel::journal
