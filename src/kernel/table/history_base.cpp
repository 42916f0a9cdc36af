#include "kernel/table/history_base.hpp"

#include "base/hash/sha256.hpp"
#include "kernel/errors.hpp"

namespace keel::kernel {

Digest HistoryBase::link(const Digest& before, std::uint64_t first, Bytes& records) const {
  records.clear();
  append_records(first, first + kStretchRows, records);
  return sha256({object_bytes(before), records});
}

bool HistoryBase::extend_chain(std::uint64_t end, std::uint64_t max_rows) {
  const std::uint64_t until = std::min(end, final_rows());
  Bytes records;
  for (std::uint64_t done = 0; base_.first + kStretchRows <= until; done += kStretchRows) {
    if (done + kStretchRows > max_rows) return true;
    base_.chain = link(base_.chain, base_.first, records);
    base_.first += kStretchRows;
  }
  return false;
}

// A change is told from the insert of a row by how many rows there were when it was made.
void HistoryBase::forget_oldest() {
  if (!let_go_.empty() && let_go_.front().rows == final_rows()) {
    forget_before(let_go_.front().number);
    let_go_.pop_front();
  } else {
    --undoable_;
  }
}

bool HistoryBase::undo_let_go() {
  if (let_go_.empty() || let_go_.back().rows != end_) return false;
  let_go_.pop_back();
  return true;
}

void HistoryBase::free_forgotten(std::uint64_t max_rows) {
  const std::uint64_t until = std::min(base_.forgotten, final_rows());
  if (source_ != nullptr || until <= first_hot_) return;
  static_cast<void>(extend_chain(until, max_rows));
  static_cast<void>(drop_hot(until, max_rows));
}

Result<> HistoryBase::load_base(ByteView base) {
  KEEL_ASSERT(end_ == 0);
  base_ = KEEL_TRY(ByteReader(base).read_object<Base>());
  if (base_.first % kStretchRows != 0) return kSnapshotMismatch;
  const std::uint64_t not_needed = source_ == nullptr ? base_.forgotten : source_->rows(id());
  if (base_.first > not_needed) {
    return Error(kRowsMissing, std::string(name()) + ": the snapshot needs the first " +
                                   std::to_string(base_.first) + " rows, the store has " +
                                   std::to_string(source_ == nullptr ? 0 : source_->rows(id())));
  }
  first_hot_ = end_ = base_.first;
  return success();
}

void HistoryBase::hash_state(StateHash& hash) const {
  Digest chain = base_.chain;
  std::uint64_t first = base_.first;
  Bytes records;
  for (; first + kStretchRows <= end_; first += kStretchRows) chain = link(chain, first, records);
  records.clear();
  append_records(first, end_, records);
  hash.update(object_bytes(chain));
  hash.update(records);
}

}  // namespace keel::kernel
