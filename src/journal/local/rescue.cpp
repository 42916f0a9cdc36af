#include "journal/local/rescue.hpp"

#include "base/hash/crc32c.hpp"
#include "base/hash/sha256.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

constexpr runtime::OpenFile kRead{};

void encode_head(WalkPlace place, ByteView content, ByteSpan block) {
  ByteWriter writer(block.first(kRescueHeaderBytes));
  writer.write(as_bytes(kRescueMagic));
  writer.write(place.segment);
  writer.write(place.offset);
  writer.write(std::uint64_t{content.size()});
  writer.write(ByteView(sha256(content)));
  writer.write(crc32c(block.first(kRescueHeaderBytes - 4)));
}

}  // namespace

std::string Rescue::path() const {
  return directory_ + '/' + rescue_name(options_.segment_class);
}

runtime::Task<Result<>> Rescue::finish_interrupted() {
  auto saved = KEEL_CO_TRY(co_await load());
  if (saved) {
    // Saved anew: that it can be read does not say that it is durable.
    KEEL_CO_TRY(co_await save(*saved));
    KEEL_CO_TRY(co_await write_in_place(*saved));
  }
  co_return co_await forget();
}

runtime::Task<Result<>> Rescue::rewrite(WalkPlace place, std::uint64_t bytes, bool must_survive) {
  Saved saved{.place = place,
              .bytes = AlignedBuffer(kBlockBytes + static_cast<std::size_t>(bytes))};
  const auto file = KEEL_CO_TRY(co_await core_.disk().open(
      directory_ + '/' + segment_name(place.segment, options_.segment_class),
      {.write = false, .create = false, .exclusive = false, .direct = options_.direct}));
  const ByteSpan content = saved.bytes.span().subspan(kBlockBytes);
  if (KEEL_CO_TRY(co_await file->read(place.offset, content)) != bytes) {
    co_return Error(runtime::kDiskFailed, "a group that was there cannot be read again");
  }
  if (!must_survive) co_return co_await write_in_place(saved);
  KEEL_CO_TRY(co_await save(saved));
  KEEL_CO_TRY(co_await write_in_place(saved));
  co_return co_await forget();
}

runtime::Task<Result<>> Rescue::save(Saved& saved) {
  encode_head(saved.place, saved.bytes.view().subspan(kBlockBytes),
              saved.bytes.span().first(kBlockBytes));
  const auto file = KEEL_CO_TRY(co_await core_.disk().open(
      path(), {.write = true, .create = true, .exclusive = false, .direct = options_.direct}));
  KEEL_CO_TRY(co_await file->write(0, saved.bytes.view()));
  KEEL_CO_TRY(co_await file->sync());
  co_return co_await core_.disk().sync_directory(directory_);
}

runtime::Task<Result<std::optional<Rescue::Saved>>> Rescue::load() {
  std::optional<Saved> nothing;
  auto opened = co_await core_.disk().open(path(), kRead);
  if (!opened.ok()) {
    if (opened.error().is(runtime::kNoSuchFile)) co_return nothing;
    co_return std::move(opened).error();
  }
  const std::uint64_t size_bytes = KEEL_CO_TRY(co_await (*opened)->size());
  if (size_bytes % kBlockBytes != 0 || size_bytes < 2 * kBlockBytes ||
      size_bytes > kMaxGroupBytes + 2 * kBlockBytes) {
    co_return nothing;
  }
  Saved saved{.place = {}, .bytes = AlignedBuffer(static_cast<std::size_t>(size_bytes))};
  if (KEEL_CO_TRY(co_await (*opened)->read(0, saved.bytes.span())) != size_bytes) co_return nothing;
  ByteReader reader(saved.bytes.view().subspan(kRescueMagic.size()));
  saved.place.segment = reader.read<std::uint64_t>().value();
  saved.place.offset = reader.read<std::uint64_t>().value();
  // Whole, or not yet finished when the power went: then its content is still in its place.
  std::array<std::byte, kRescueHeaderBytes> expected;
  encode_head(saved.place, saved.bytes.view().subspan(kBlockBytes), expected);
  if (!std::ranges::equal(saved.bytes.view().first(kRescueHeaderBytes), expected))
    co_return nothing;
  co_return std::move(saved);
}

runtime::Task<Result<>> Rescue::write_in_place(const Saved& saved) {
  const auto file = KEEL_CO_TRY(co_await core_.disk().open(
      directory_ + '/' + segment_name(saved.place.segment, options_.segment_class),
      {.write = true, .create = false, .exclusive = false, .direct = options_.direct}));
  KEEL_CO_TRY(co_await file->write(saved.place.offset, saved.bytes.view().subspan(kBlockBytes)));
  co_return co_await file->sync();
}

runtime::Task<Result<>> Rescue::forget() {
  const auto removed = co_await core_.disk().remove(path());
  if (!removed.ok()) {
    if (removed.error().is(runtime::kNoSuchFile)) co_return success();
    co_return removed.error();
  }
  co_return co_await core_.disk().sync_directory(directory_);
}

}  // namespace keel::journal
