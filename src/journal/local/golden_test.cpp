// The golden journal of format version 1: it is read for ever, and the same input gives the same
// bytes for as long as the version is 1. KEEL_WRITE_GOLDEN=1 writes the files anew; that is right
// for a new version only.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "journal/local/small_journal.hpp"

namespace keel::journal {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = KEEL_GOLDEN_JOURNAL;

Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

void write_file(const fs::path& path, ByteView bytes) {
  const std::string_view text = as_text(bytes);
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<long>(text.size()));
}

std::map<std::string, Bytes> golden_files() {
  std::map<std::string, Bytes> files;
  for (const auto& entry : fs::directory_iterator(kGolden / "journal")) {
    files[std::string(kDirectory) + '/' + entry.path().filename().string()] =
        read_file(entry.path());
  }
  return files;
}

// What the records are, as text: one line each.
std::string records_as_json(const std::map<std::string, Bytes>& files) {
  std::string out = "[\n";
  std::string_view separator;
  for (const auto& [path, bytes] : files) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = kBlockBytes; at < bytes.size();) {
      const auto header = decode_group_header(ByteView(bytes).subspan(at));
      if (!header) break;
      GroupRecords records(*header, ByteView(bytes).subspan(at, header->extent_bytes()));
      while (const auto record = records.next()) {
        const Envelope& e = record->envelope;
        out += separator;
        out += "{\"sequence\": " + std::to_string(e.sequence.value()) +
               ", \"time\": " + std::to_string(e.time.ns) +
               ", \"tenant\": " + std::to_string(e.tenant.value()) +
               ", \"principal\": " + std::to_string(e.principal.value()) + ", \"command\": \"" +
               to_decimal(e.command.value()) + "\", \"correlation\": \"" +
               to_decimal(e.correlation.value()) + "\", \"causation\": \"" +
               to_decimal(e.causation.value()) + "\", \"type\": " + std::to_string(e.type) +
               ", \"schema_version\": " + std::to_string(e.schema_version) +
               ", \"row_bytes\": " + std::to_string(e.row_bytes) + ", \"payload\": \"" +
               to_hex(record->payload) + "\"}";
        separator = ",\n";
      }
      at += header->extent_bytes();
    }
  }
  return out + "\n]\n";
}

std::map<std::string, Bytes> written_today() {
  std::map<std::string, Bytes> files = write_small_journal().sealed;
  std::erase_if(files, [](const auto& file) { return !file.first.ends_with(".segment"); });
  return files;
}

TEST(GoldenJournal, version_1_is_read_and_has_the_expected_records) {
  if (std::getenv("KEEL_WRITE_GOLDEN") != nullptr) {
    fs::create_directories(kGolden / "journal");
    const auto files = written_today();
    for (const auto& [path, bytes] : files) {
      write_file(kGolden / "journal" / fs::path(path).filename(), bytes);
    }
    write_file(kGolden / "records.json", as_bytes(records_as_json(files)));
    write_file(kGolden / "report.json", as_bytes(to_json(verify_files(files)) + '\n'));
  }
  const auto files = golden_files();
  ASSERT_GE(files.size(), 2u);
  EXPECT_EQ(records_as_json(files), as_text(read_file(kGolden / "records.json")));
  EXPECT_EQ(to_json(verify_files(files)) + '\n', as_text(read_file(kGolden / "report.json")));
}

TEST(GoldenJournal, the_same_input_gives_the_same_bytes_today) {
  const auto golden = golden_files();
  const auto today = written_today();
  ASSERT_EQ(golden.size(), today.size());
  for (const auto& [path, bytes] : today) EXPECT_TRUE(bytes == golden.at(path)) << path;
}

}  // namespace
}  // namespace keel::journal
