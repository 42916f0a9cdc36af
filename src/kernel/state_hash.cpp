#include "kernel/state_hash.hpp"

#include "kernel/table/table_base.hpp"

namespace keel::kernel {

void StateHash::update(ByteView bytes) {
  if (bytes.size() > kGathered - size_) {
    sha256_.update(ByteView(gathered_).first(size_));
    size_ = 0;
  }
  if (bytes.size() > kGathered) {
    sha256_.update(bytes);
    return;
  }
  ByteWriter(ByteSpan(gathered_).subspan(size_)).write(bytes);
  size_ += bytes.size();
}

Digest StateHash::finish() {
  sha256_.update(ByteView(gathered_).first(size_));
  size_ = 0;
  return sha256_.finish();
}

Digest state_digest(std::span<TableBase* const> tables) {
  StateHash hash;
  for (const TableBase* table : tables) {
    hash.update(object_bytes(TableHeader{table->id(), table->record_bytes(), table->rows()}));
    table->hash_state(hash);
  }
  return hash.finish();
}

}  // namespace keel::kernel
