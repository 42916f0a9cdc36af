// HeadLog: writes signed chain heads behind one another into the heads file
// (docs/journal-format.md, section 8).
//
// Thread: one core; one sign() at a time.
#pragma once

#include <memory>
#include <string>

#include "journal/chain.hpp"
#include "journal/local/options.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

class HeadLog {
 public:
  HeadLog(runtime::Core& core, std::string directory, const LocalOptions& options)
      : core_(core), directory_(std::move(directory)), options_(options) {}

  void begin_at(std::uint64_t end_bytes) noexcept { end_bytes_ = end_bytes; }

  // Signs the head of what is durable, writes and syncs it. The same head again: answers with the
  // entry that is there.
  runtime::Task<Result<HeadEntry>> sign(const ChainState& durable);

 private:
  runtime::Core& core_;
  std::string directory_;
  LocalOptions options_;
  std::unique_ptr<runtime::File> file_;
  std::uint64_t end_bytes_ = 0;
  std::optional<HeadEntry> last_;
};

}  // namespace keel::journal
