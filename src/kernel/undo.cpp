#include "kernel/undo.hpp"

#include "kernel/table/table_base.hpp"

namespace keel::kernel {

void UndoLog::rollback_to(Mark mark) {
  KEEL_ASSERT(mark.entries >= first_);
  KEEL_ASSERT(mark.entries <= this->mark().entries);
  while (this->mark().entries > mark.entries) {
    TableBase* table = entries_.back();
    entries_.pop_back();
    table->undo_newest();
  }
}

void UndoLog::forget_until(Mark mark) {
  KEEL_ASSERT(mark.entries <= this->mark().entries);
  for (; first_ < mark.entries; ++first_) {
    entries_.front()->forget_oldest();
    entries_.pop_front();
  }
}

}  // namespace keel::kernel
