// For tests: opens a journal of small segments on the machine's disk, so that little work crosses
// many boundaries.
#pragma once

#include "engine/cell/cell_host.hpp"
#include "journal/local/local_journal.hpp"

namespace keel::engine {

class LocalOpener final : public JournalOpener {
 public:
  explicit LocalOpener(runtime::Core& core) : core_(core) {}
  runtime::Task<Result<std::unique_ptr<journal::Journal>>> open() override {
    journal::LocalOptions options;
    options.cell = CellId(1);
    options.first_segment_bytes = 64 << 10;
    options.segment_bytes = 64 << 10;
    options.group = {.bytes = 32 << 10, .records = 256};
    auto opened =
        KEEL_CO_TRY(co_await journal::LocalJournal::open(core_, "keel_data/journal", options));
    co_return std::unique_ptr<journal::Journal>(std::move(opened.journal));
  }

 private:
  runtime::Core& core_;
};

}  // namespace keel::engine
