// ReceiptExaminer: after a run of torture every bill in the journal that is left must have a
// receipt that holds, and the audit of the bills must find nothing.
//
// Stateless but for what it is told to keep. Thread: any, several at a time when it keeps nothing.
#pragma once

#include <string>
#include <vector>

#include "sim/torture/examiner.hpp"

namespace keel::node {

class ReceiptExaminer final : public torture::Examiner {
 public:
  // `kept`: where the receipts go, as JSON; null: nowhere.
  explicit ReceiptExaminer(std::vector<std::string>* kept = nullptr) : kept_(kept) {}

  void declare(torture::Counts& counts) const override {
    counts.declare("receipt: holds");
    counts.declare("receipt: of a correction");
  }
  // Counts "receipt: holds" and "receipt: of a correction".
  runtime::Task<std::vector<std::string>> examine(runtime::Core& core, std::string directory,
                                                  const torture::History& history,
                                                  torture::Counts& counts) const override;

 private:
  std::vector<std::string>* kept_;
};

}  // namespace keel::node
