#include "node/bulk/csv_reader.hpp"

#include <algorithm>

#include "node/bulk/errors.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Error bad(std::uint64_t line, std::string_view what) {
  return {kBadFile, "line " + std::to_string(line) + ": " + std::string(what)};
}

enum class Cell : std::uint8_t { complete, cut_off, malformed };

// Reads the cell at `at`, which moves behind it.
Cell read_cell(std::string_view from, std::size_t& at, std::string& cell) {
  if (at == from.size() || from[at] != '"') {
    const std::size_t end = std::min(from.find_first_of(",\n", at), from.size());
    cell = from.substr(at, end - at);
    at = end;
    if (cell.ends_with('\r')) cell.pop_back();
    return cell.find('"') == std::string::npos ? Cell::complete : Cell::malformed;
  }
  for (++at;; at += 2) {
    const std::size_t mark = from.find('"', at);
    if (mark == std::string_view::npos) return Cell::cut_off;
    cell += from.substr(at, mark - at);
    at = mark;
    if (mark + 1 == from.size() || from[mark + 1] != '"') break;
    cell += '"';
  }
  ++at;
  const std::string_view behind = from.substr(at, 2);
  if (behind == "\r\n" || behind == "\r") ++at;
  const bool ends = at == from.size() || from[at] == ',' || from[at] == '\n';
  return ends ? Cell::complete : Cell::malformed;
}

}  // namespace

void CsvReader::feed(std::string_view bytes) {
  bytes_.erase(0, std::exchange(begin_, 0));
  bytes_ += bytes;
}

Result<std::optional<CsvRecord>> CsvReader::next() {
  if (!started_) {
    if (bytes_.size() < kByteOrderMark.size() && !ended_) return std::optional<CsvRecord>();
    started_ = true;
    if (bytes_.starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
  }
  for (;;) {
    std::optional<CsvRecord> record = KEEL_TRY(parse());
    const bool empty = record && record->text.empty();
    if (!empty) return record;
  }
}

Result<std::optional<CsvRecord>> CsvReader::parse() {
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (rest.empty()) return std::optional<CsvRecord>();
  CsvRecord record{.line = line_, .cells = {}, .text = {}};
  std::size_t at = 0;
  for (;;) {
    const Cell read = read_cell(rest, at, record.cells.emplace_back());
    if (at > kLongest) return bad(line_, "longer than 65536 bytes; is a quotation mark missing?");
    // At the end of what is there a cell may go on, or a quotation mark be doubled.
    if (read == Cell::cut_off || at >= rest.size()) {
      if (!ended_ && rest.size() > kLongest)
        return bad(line_, "longer than 65536 bytes; is a quotation mark missing?");
      if (!ended_) return std::optional<CsvRecord>();
      if (read == Cell::cut_off) return bad(line_, "a quotation mark is not closed");
    }
    if (read == Cell::malformed)
      return bad(line_,
                 "a quotation mark where none may stand; a cell with one is quoted, "
                 "and the mark doubled");
    if (at >= rest.size() || rest[at] == '\n') break;
    ++at;  // the comma
  }
  record.text = rest.substr(0, at);
  if (record.text.ends_with('\r')) record.text.pop_back();
  const auto lines = std::ranges::count(record.text, '\n');
  line_ += static_cast<std::uint64_t>(lines) + 1;
  begin_ += std::min(at + 1, rest.size());
  return std::optional<CsvRecord>(std::move(record));
}

}  // namespace keel::node
