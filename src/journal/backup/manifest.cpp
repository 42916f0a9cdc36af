#include "journal/backup/manifest.hpp"

#include "base/json/json.hpp"
#include "journal/errors.hpp"
#include "journal/replace_file.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

constexpr std::uint32_t kManifestFormat = 1;
constexpr std::size_t kMaxManifestBytes = 64 << 10;

std::string path_of(const std::string& directory) {
  return directory + '/' + std::string(kManifestName);
}

}  // namespace

Result<ChainPoint> end_of(const BackupManifest& manifest) {
  if (manifest.last_header.empty()) return ChainPoint{};
  const auto header = decode_group_header(manifest.last_header);
  if (!header || manifest.last_header.size() != kGroupHeaderBytes) {
    return Error(kBadManifest, "last_header is no group header");
  }
  ChainPoint end = point_behind(*header, manifest.last_header);
  if (to_hex(end.before.head) != manifest.head || end.before.groups != manifest.group ||
      end.before.last != manifest.position || end.place.segment != manifest.segment ||
      end.place.offset != manifest.end_offset) {
    return Error(kBadManifest,
                 "head, group, position, segment and end_offset are not those of "
                 "last_header");
  }
  return end;
}

BackupManifest manifest_of(const ChainPoint& end, ByteView last_header, Timestamp made_at) {
  return {.format = kManifestFormat,
          .journal_id = to_hex(end.before.identity.journal_id),
          .cell = end.before.identity.cell.value(),
          .position = end.before.last,
          .time = end.before.last_time,
          .group = end.before.groups,
          .head = to_hex(end.before.head),
          .segment = end.place.segment,
          .end_offset = end.place.offset,
          .made_at = made_at,
          .last_header = Bytes(last_header.begin(), last_header.end())};
}

runtime::Task<Result<std::optional<BackupManifest>>> read_manifest(runtime::Disk& disk,
                                                                   std::string directory) {
  auto opened = co_await disk.open(path_of(directory), {});
  if (!opened.ok()) {
    if (opened.error().is(runtime::kNoSuchFile)) co_return std::optional<BackupManifest>();
    co_return std::move(opened).error();
  }
  Bytes bytes(kMaxManifestBytes);
  bytes.resize(KEEL_CO_TRY(co_await (*opened)->read(0, bytes)));
  auto read = from_json<BackupManifest>(as_text(bytes));
  if (!read.ok())
    co_return Error(kBadManifest, path_of(directory) + ": " + read.error().to_string());
  if (read->format != kManifestFormat) {
    co_return Error(kNewerFormat, path_of(directory) + " is of format " +
                                      std::to_string(read->format) + ", this program reads " +
                                      std::to_string(kManifestFormat));
  }
  co_return std::move(read).value();
}

runtime::Task<Result<>> write_manifest(runtime::Disk& disk, std::string directory,
                                       const BackupManifest& manifest) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  to_json(manifest, json);
  text += '\n';
  co_return co_await replace_file(disk, directory, std::string(kManifestName), as_bytes(text));
}

}  // namespace keel::journal
