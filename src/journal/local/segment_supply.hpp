// SegmentSupply: makes the next segment ahead, so that a switch finds it ready: a file of zeros
// under a passing name, synced, renamed, the directory synced. It writes in steps and keeps ahead
// of the segment in use rather than hurrying, because it shares the disk with the journal's groups.
// At most one segment is ahead.
//
// Thread: one core. Its task runs in the scope that it is given.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "journal/local/options.hpp"
#include "runtime/ports.hpp"
#include "runtime/scope.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::journal {

struct Segment {
  std::unique_ptr<runtime::File> file;
  std::uint64_t index = 0;
  std::uint64_t bytes = 0;
};

class SegmentSupply {
 public:
  SegmentSupply(runtime::Core& core, std::string directory, const LocalOptions& options);

  // An all-zero segment that is there already.
  void put_in(Segment spare) { ready_ = std::move(spare); }
  // Starts the task that makes segments in the background.
  void begin(runtime::Scope& scope);
  // Which segment is in use, and how far it is filled, durably: the one behind it is made from then
  // on, and never earlier, so that at most one segment is without content. After a failure it is
  // tried again with the next group.
  void in_use(std::uint64_t index, std::uint64_t bytes) noexcept;

  // The segment `index`, empty and durable under its name. Waits for one that is being made; makes
  // it if an earlier attempt has failed. kNoSpace: the disk is full.
  runtime::Task<Result<Segment>> take(std::uint64_t index);

  std::uint64_t size_of(std::uint64_t index) const noexcept;

 private:
  runtime::Task<Result<Segment>> make(std::uint64_t index, bool in_hurry);
  runtime::Task<Result<>> fill(runtime::File& file, std::uint64_t bytes);
  runtime::Task<> run(runtime::Cancellation* stop);

  runtime::Core& core_;
  std::string directory_;
  LocalOptions options_;
  Segment ready_;
  std::uint64_t wanted_ = 0;  // index of the segment that is to be made; 0: none
  bool making_ = false;
  bool in_hurry_ = false;
  bool failed_ = false;  // the last attempt
  std::uint64_t in_use_ = 0;
  std::uint64_t in_use_bytes_ = 0;
  runtime::Cancellation* stop_ = nullptr;
  runtime::WaitQueue work_;   // the task waits for something to do, or to go on
  runtime::WaitQueue ended_;  // take() waits for the task
};

}  // namespace keel::journal
