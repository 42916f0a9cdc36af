#include "modules/ledger/decide/batch.hpp"

#include <algorithm>

#include "modules/ledger/errors.hpp"

namespace keel::ledger {

Result<BatchShape> read_batch(ByteView payload, std::size_t row_bytes, BatchOptions known_options) {
  ByteReader reader(payload);
  const Result<BatchHeader> header = reader.read_object<BatchHeader>();
  if (!header.ok()) {
    return Error(kBadBatch, "a batch begins with a header of 16 bytes; this one has " +
                                std::to_string(payload.size()));
  }
  const std::uint32_t unknown = header->options.bits() & ~known_options.bits();
  const bool reserved =
      std::ranges::any_of(header->reserved, [](std::byte b) { return b != std::byte{0}; });
  if (unknown != 0 || reserved) {
    return Error(kBadBatch, "reserved bits of the header are not zero");
  }
  const std::size_t size = reader.remaining();
  if (size % row_bytes != 0) {
    return Error(kBadBatch, std::to_string(size) + " bytes of rows are not a multiple of " +
                                std::to_string(row_bytes));
  }
  const std::size_t rows = size / row_bytes;
  if (rows == 0 || rows > kMaxBatchRows) {
    return Error(kBadBatch,
                 std::to_string(rows) + " rows; a batch has 1 to " + std::to_string(kMaxBatchRows));
  }
  return BatchShape{header->options, KEEL_TRY(reader.take(size))};
}

}  // namespace keel::ledger
