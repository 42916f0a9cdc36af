#include "archive/store/file_set.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::archive {

namespace {

constexpr std::string_view kManifestPrefix = "manifest-";
constexpr std::string_view kDataPrefix = "data-";
constexpr std::string_view kSuffix = ".keel";
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::size_t kDigits = 20;
// Larger than any that the limits of a store allow.
constexpr std::uint64_t kMostManifestBytes = std::uint64_t{64} << 20;

std::optional<std::uint64_t> number_in(std::string_view name, std::string_view prefix) {
  if (name.size() != prefix.size() + kDigits + kSuffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(prefix.size(), kDigits);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string FileSet::name_of(std::uint64_t file) {
  return fmt::format("{}{:020}{}", kDataPrefix, file, kSuffix);
}
std::string FileSet::manifest_name_of(Position position) {
  return fmt::format("{}{:020}{}", kManifestPrefix, position.value(), kSuffix);
}

runtime::Task<Result<FileSet::Listing>> FileSet::list() {
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  Listing listing;
  for (const std::string& name : KEEL_CO_TRY(co_await disk_.list(directory_))) {
    if (name.ends_with(kUnfinished)) {
      KEEL_CO_TRY(co_await disk_.remove(directory_ + "/" + name));
    } else if (const auto position = number_in(name, kManifestPrefix)) {
      listing.manifests.push_back(Position(*position));
    } else if (const auto file = number_in(name, kDataPrefix)) {
      listing.files.push_back(*file);
    }
  }
  std::ranges::sort(listing.files);
  std::ranges::sort(listing.manifests);
  co_return listing;
}

runtime::Task<Result<std::vector<Position>>> FileSet::manifests() {
  std::vector<Position> positions;
  const Result<std::vector<std::string>> names = co_await disk_.list(directory_);
  if (!names.ok()) {
    if (!names.error().is(runtime::kNoSuchFile)) co_return names.error();
    co_return positions;
  }
  for (const std::string& name : *names) {
    if (const auto position = number_in(name, kManifestPrefix)) {
      positions.push_back(Position(*position));
    }
  }
  std::ranges::sort(positions);
  co_return positions;
}

runtime::Task<Result<FileSet::Handle>> FileSet::open_to_read(std::uint64_t file) {
  const auto known = std::ranges::find(open_, file, &Open::file);
  if (known != open_.end()) {
    open_.splice(open_.begin(), open_, known);
    co_return open_.front().handle;
  }
  Result<std::unique_ptr<runtime::File>> opened = co_await disk_.open(path_of(file), reading_);
  if (!opened.ok()) {
    if (!opened.error().is(runtime::kNoSuchFile)) co_return opened.error();
    co_return Error(kDamaged, fmt::format("{} is missing", path_of(file)));
  }
  Handle handle = std::move(*opened);
  open_.push_front({.file = file, .handle = handle});
  if (open_.size() > kMostOpen) open_.pop_back();
  co_return handle;
}

runtime::Task<Result<std::unique_ptr<runtime::File>>> FileSet::open_to_write(std::uint64_t file) {
  co_return co_await disk_.open(path_of(file), {.write = true, .create = true});
}

runtime::Task<Result<>> FileSet::remove(std::uint64_t file) {
  std::erase_if(open_, [file](const Open& open) { return open.file == file; });
  const Result<> removed = co_await disk_.remove(path_of(file));
  if (!removed.ok() && !removed.error().is(runtime::kNoSuchFile)) co_return removed.error();
  co_return success();
}

runtime::Task<Result<>> FileSet::read(std::uint64_t file, std::uint64_t first_block,
                                      std::uint32_t block_bytes, ByteSpan into) {
  const Handle handle = KEEL_CO_TRY(co_await open_to_read(file));
  const std::uint64_t offset = first_block * block_bytes;
  const std::size_t read = KEEL_CO_TRY(co_await handle->read(offset, into));
  if (read != into.size()) {
    co_return Error(kDamaged, fmt::format("{} ends at {}; expected were {} bytes from {} on",
                                          path_of(file), offset + read, into.size(), offset));
  }
  co_return success();
}

Result<> FileSet::check(ByteView block, BlockId place, BlockShape shape) const {
  Result<> whole = check_block(block, place, shape);
  if (whole.ok()) return whole;
  return Error(kDamaged, fmt::format("{}, the block at {}: {}", path_of(place.file),
                                     place.block * block.size(), whole.error().detail()));
}

runtime::Task<Result<Manifest>> FileSet::load_manifest(Position position) {
  const std::string path = manifest_path_of(position);
  Result<std::unique_ptr<runtime::File>> file = co_await disk_.open(path, {});
  if (!file.ok()) {
    if (!file.error().is(runtime::kNoSuchFile)) co_return file.error();
    co_return Error(kNoManifest, path + " is not there");
  }
  const std::uint64_t size = KEEL_CO_TRY(co_await (*file)->size());
  if (size > kMostManifestBytes) co_return Error(kDamaged, path + " is too large");
  Bytes bytes(static_cast<std::size_t>(size));
  bytes.resize(KEEL_CO_TRY(co_await (*file)->read(0, bytes)));
  Result<Manifest> manifest = decode_manifest(bytes);
  if (!manifest.ok()) {
    co_return Error(manifest.error().kind(), path + ": " + manifest.error().detail());
  }
  if (manifest->position != position) {
    co_return Error(kDamaged, path + ": it is of another position than its name says");
  }
  co_return std::move(manifest);
}

runtime::Task<Result<>> FileSet::write_manifest(const Manifest& manifest) {
  const std::string unfinished = manifest_path_of(manifest.position) + std::string(kUnfinished);
  const Bytes bytes = encode(manifest);
  const std::unique_ptr<runtime::File> file =
      KEEL_CO_TRY(co_await disk_.open(unfinished, {.write = true, .create = true}));
  KEEL_CO_TRY(co_await file->truncate(0));
  KEEL_CO_TRY(co_await file->write(0, bytes));
  co_return co_await file->sync();
}

runtime::Task<Result<>> FileSet::name_manifest(Position position) {
  const std::string path = manifest_path_of(position);
  KEEL_CO_TRY(co_await disk_.rename(path + std::string(kUnfinished), path));
  co_return co_await disk_.sync_directory(directory_);
}

runtime::Task<Result<>> FileSet::remove_manifest(Position position) {
  const Result<> removed = co_await disk_.remove(manifest_path_of(position));
  if (!removed.ok() && !removed.error().is(runtime::kNoSuchFile)) co_return removed.error();
  co_return success();
}

}  // namespace keel::archive
