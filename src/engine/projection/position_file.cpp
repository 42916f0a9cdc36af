#include "engine/projection/position_file.hpp"

#include "base/hash/crc32c.hpp"
#include "engine/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {

constexpr std::array<char, 8> kMagic{'K', 'E', 'E', 'L', 'P', 'O', 'S', 'I'};

struct Stored {
  std::array<char, 8> magic;
  std::uint64_t position;
  std::uint32_t crc;
  std::uint32_t zero;
};
static_assert(sizeof(Stored) == 24);

std::uint32_t crc_of(const Stored& stored) {
  return crc32c(object_bytes(stored).first(16));
}

}  // namespace

runtime::Task<Result<Position>> PositionFile::load() {
  Result<std::unique_ptr<runtime::File>> file = co_await disk_.open(path(), {});
  if (!file.ok()) {
    if (file.error().is(runtime::kNoSuchFile)) co_return Position{};
    co_return file.error();
  }
  Bytes bytes(sizeof(Stored));
  const std::size_t read = KEEL_CO_TRY(co_await (*file)->read(0, bytes));
  const Stored stored = ByteReader(bytes).read_object<Stored>().value();
  if (read != sizeof(Stored) || stored.magic != kMagic || stored.crc != crc_of(stored)) {
    co_return Error(kBadRecord, path() + " is damaged; without it, the projection begins anew");
  }
  co_return Position(stored.position);
}

runtime::Task<Result<>> PositionFile::store(Position position) {
  Stored stored{.magic = kMagic, .position = position.value(), .crc = 0, .zero = 0};
  stored.crc = crc_of(stored);
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  const std::string unfinished = path() + ".unfinished";
  const std::unique_ptr<runtime::File> file =
      KEEL_CO_TRY(co_await disk_.open(unfinished, {.write = true, .create = true}));
  KEEL_CO_TRY(co_await file->write(0, object_bytes(stored)));
  KEEL_CO_TRY(co_await file->sync());
  KEEL_CO_TRY(co_await disk_.rename(unfinished, path()));
  co_return co_await disk_.sync_directory(directory_);
}

}  // namespace keel::engine
