#include "node/receipts/position_table.hpp"

#include "runtime/errors.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kPositions = ".positions";
constexpr std::string_view kCorrections = ".corrections";
constexpr std::uint64_t kSlotBytes = 8;
constexpr std::size_t kReadBytes = std::size_t{64} << 10;

struct Correction {
  std::uint64_t position = 0;
  std::uint64_t before = 0;
};
static_assert(sizeof(Correction) == 16);

// Behind the end: zeros.
template <typename T>
runtime::Task<Result<T>> read_at(runtime::File& file, std::uint64_t index) {
  T value{};
  const std::size_t got = KEEL_CO_TRY(
      co_await file.read(index * sizeof(T), std::as_writable_bytes(std::span<T, 1>(&value, 1))));
  co_return got == sizeof(T) ? value : T{};
}

}  // namespace

std::string PositionTable::path(TenantId tenant, std::string_view suffix) const {
  return directory_ + '/' + std::to_string(tenant.value()) + std::string(suffix);
}

runtime::Task<Result<>> PositionTable::open(TenantId tenant) {
  if (files_ && files_->tenant == tenant) co_return success();
  KEEL_CO_TRY(co_await sync());
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  constexpr runtime::OpenFile kHow{.write = true, .create = true};
  Files files{.tenant = tenant,
              .positions = KEEL_CO_TRY(co_await disk_.open(path(tenant, kPositions), kHow)),
              .corrections = KEEL_CO_TRY(co_await disk_.open(path(tenant, kCorrections), kHow))};
  KEEL_CO_TRY(co_await disk_.sync_directory(directory_));
  // Behind what was written whole there may be a piece, or zeros.
  files.corrections_count = KEEL_CO_TRY(co_await files.corrections->size()) / sizeof(Correction);
  while (files.corrections_count > 0 && files.last_correction == Position{}) {
    const auto last =
        KEEL_CO_TRY(co_await read_at<Correction>(*files.corrections, files.corrections_count - 1));
    files.last_correction = Position(last.position);
    if (last.position == 0) --files.corrections_count;
  }
  files_ = std::move(files);
  co_return success();
}

runtime::Task<Result<>> PositionTable::put(Key key, Position position) {
  KEEL_ASSERT(key.number != 0 && position != Position{});
  KEEL_CO_TRY(co_await open(key.tenant));
  const std::uint64_t slot = key.number - 1;
  const Position before(KEEL_CO_TRY(co_await read_at<std::uint64_t>(*files_->positions, slot)));
  if (before >= position) co_return success();
  if (before != Position{}) KEEL_CO_TRY(co_await add_correction(position, before));
  const std::uint64_t value = position.value();
  KEEL_CO_TRY(co_await files_->positions->write(slot * kSlotBytes, object_bytes(value)));
  files_->changed = true;
  co_return success();
}

runtime::Task<Result<>> PositionTable::add_correction(Position position, Position before) {
  if (files_->last_correction >= position) co_return success();  // it came already
  const Correction correction{.position = position.value(), .before = before.value()};
  const std::uint64_t offset = files_->corrections_count * sizeof(Correction);
  KEEL_CO_TRY(co_await files_->corrections->write_durable(offset, object_bytes(correction)));
  ++files_->corrections_count;
  files_->last_correction = position;
  co_return success();
}

runtime::Task<Result<>> PositionTable::sync() {
  if (!files_ || !files_->changed) co_return success();
  KEEL_CO_TRY(co_await files_->positions->sync());
  files_->changed = false;
  co_return success();
}

runtime::Task<Result<std::optional<Position>>> PositionTable::newest(Key key) {
  auto file = co_await disk_.open(path(key.tenant, kPositions), {});
  if (!file.ok() && file.error().is(runtime::kNoSuchFile)) co_return std::optional<Position>();
  if (!file.ok()) co_return std::move(file).error();
  const auto value =
      KEEL_CO_TRY(co_await read_at<std::uint64_t>(**file, std::uint64_t{key.number} - 1));
  co_return value == 0 ? std::optional<Position>() : Position(value);
}

runtime::Task<Result<std::optional<Position>>> PositionTable::before(TenantId tenant,
                                                                     Position position) {
  auto file = co_await disk_.open(path(tenant, kCorrections), {});
  if (!file.ok() && file.error().is(runtime::kNoSuchFile)) co_return std::optional<Position>();
  if (!file.ok()) co_return std::move(file).error();
  std::uint64_t low = 0;
  for (std::uint64_t high = KEEL_CO_TRY(co_await (*file)->size()) / sizeof(Correction);
       low < high;) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto found = KEEL_CO_TRY(co_await read_at<Correction>(**file, middle));
    if (found.position == position.value()) co_return Position(found.before);
    if (found.position != 0 && found.position < position.value()) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  co_return std::optional<Position>();
}

runtime::Task<Result<bool>> PositionTable::plausible(Position end) {
  files_.reset();
  auto names = co_await disk_.list(directory_);
  if (!names.ok() && names.error().is(runtime::kNoSuchFile)) co_return true;
  if (!names.ok()) co_return std::move(names).error();
  Bytes buffer(kReadBytes);
  for (const std::string& name : *names) {
    if (!name.ends_with(kPositions) && !name.ends_with(kCorrections)) continue;
    const auto file = KEEL_CO_TRY(co_await disk_.open(directory_ + '/' + name, {}));
    for (std::uint64_t offset = 0;; offset += buffer.size()) {
      const std::size_t got = KEEL_CO_TRY(co_await file->read(offset, buffer));
      ByteReader reader(ByteView(buffer).first(got / kSlotBytes * kSlotBytes));
      while (!reader.empty()) {
        if (KEEL_CO_TRY(reader.read<std::uint64_t>()) > end.value()) co_return false;
      }
      if (got < buffer.size()) break;
    }
  }
  co_return true;
}

runtime::Task<Result<>> PositionTable::clear() {
  files_.reset();
  auto names = co_await disk_.list(directory_);
  if (!names.ok() && names.error().is(runtime::kNoSuchFile)) co_return success();
  if (!names.ok()) co_return std::move(names).error();
  for (const std::string& name : *names) {
    if (name.ends_with(kPositions) || name.ends_with(kCorrections))
      KEEL_CO_TRY(co_await disk_.remove(directory_ + '/' + name));
  }
  co_return co_await disk_.sync_directory(directory_);
}

}  // namespace keel::node
