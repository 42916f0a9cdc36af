#include "node/timeline/key_table.hpp"

#include "node/timeline/errors.hpp"

namespace keel::node {
namespace {

using runtime::Task;

constexpr std::uint64_t kGrowth = 16;  // pages of a level for each of the one before
constexpr std::size_t kSlotBytes = 24;
static_assert(KeyTable::kSlots * kSlotBytes <= KeyTable::kPageBytes);

}  // namespace

Task<Result<std::optional<KeyTable::Place>>> KeyTable::find(uint128 key) {
  KEEL_ASSERT(key != 0);
  std::array<std::byte, kPageBytes> page;
  std::uint64_t first = 0;  // page of the level
  std::uint64_t pages = 1;
  for (std::uint32_t level = 0; level < kLevels; ++level) {
    const std::uint64_t offset =
        (first + static_cast<std::uint64_t>(key & (pages - 1))) * kPageBytes;
    page.fill(std::byte{0});
    // Behind the end: zeros.
    static_cast<void>(KEEL_CO_TRY(co_await file_->read(offset, page)));
    ByteReader reader(page);
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const auto found = KEEL_CO_TRY(reader.read<uint128>());
      const auto value = KEEL_CO_TRY(reader.read<std::uint64_t>());
      if (found == key || found == 0)
        co_return Place{.offset_bytes = offset + slot * kSlotBytes,
                        .value = found == 0 ? 0 : value};
    }
    first += pages;
    pages *= kGrowth;
  }
  co_return std::optional<Place>();
}

Task<Result<std::uint64_t>> KeyTable::get(uint128 key) {
  const std::optional<Place> place = KEEL_CO_TRY(co_await find(key));
  co_return place ? place->value : 0;
}

Task<Result<>> KeyTable::put(uint128 key, std::uint64_t value) {
  KEEL_ASSERT(value != 0);
  const std::optional<Place> place = KEEL_CO_TRY(co_await find(key));
  if (!place) co_return Error(kTimelineFull, "every page for one more key is full");
  if (place->value != 0)
    co_return co_await file_->write(place->offset_bytes + sizeof(key), object_bytes(value));
  std::array<std::byte, kSlotBytes> slot;
  ByteWriter writer(slot);
  writer.write(key);
  writer.write(value);
  co_return co_await file_->write(place->offset_bytes, slot);
}

}  // namespace keel::node
