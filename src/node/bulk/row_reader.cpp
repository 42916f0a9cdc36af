#include "node/bulk/row_reader.hpp"

#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "node/bulk/errors.hpp"

namespace keel::node {
namespace {

constexpr std::size_t kLongestLine = CsvReader::kLongest;

Error bad_row(std::uint64_t line, std::string_view what) {
  return {kBadRow, "line " + std::to_string(line) + ": " + std::string(what)};
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

void append_flags(std::string_view cell, JsonWriter& json) {
  json.begin_list();
  for (;;) {
    const auto bar = cell.find('|');
    json.text(cell.substr(0, bar));
    if (bar == std::string_view::npos) break;
    cell.remove_prefix(bar + 1);
  }
  json.end_list();
}

// Narrow integers are JSON numbers. What is no number goes as the text that it is, so that the
// reader of JSON says what was expected.
void append_cell(const FieldInfo& field, std::string_view cell, JsonWriter& json) {
  const bool is_narrow = field.type.kind == Kind::unsigned_integer && field.type.value_size < 8;
  const bool is_digits = cell.find_first_not_of("0123456789") == std::string_view::npos;
  if (field.type.kind == Kind::flags) return append_flags(cell, json);
  if (is_narrow && is_digits && cell.size() < 20) return json.raw(cell);
  json.text(cell);
}

// Never zero, and another one for every name, line and text.
std::string derived_id(std::string_view name, const RowTexts::RowText& text) {
  const std::uint64_t sizes[2] = {name.size(), text.line};
  const Digest digest = sha256({as_bytes("keel import 1"), std::as_bytes(std::span(sizes)),
                                as_bytes(name), as_bytes(text.source)});
  return to_decimal(ByteReader(digest).read<uint128>().value() | 1);
}

// The same object with an id in front.
std::string with_id(std::string_view json, std::string_view id) {
  const auto brace = json.find('{');
  if (brace == std::string_view::npos) return std::string(json);
  const std::string_view rest = json.substr(brace + 1);
  const bool more = rest.find_first_not_of(" \t\r\n}") != std::string_view::npos;
  return "{\"id\":\"" + std::string(id) + (more ? "\"," : "\"") + std::string(rest);
}

template <typename Row>
void mark_imported(Row& row) {
  if (row.timestamp == Timestamp{}) return;
  using Flag = std::conditional_t<std::is_same_v<Row, ledger::Transfer>, ledger::TransferFlag,
                                  ledger::AccountFlag>;
  row.flags |= Flag::imported;
}

}  // namespace

Result<FileForm> form_of_file(std::string_view path) {
  if (path.ends_with(".csv")) return FileForm::csv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return FileForm::json_lines;
  return Error(kBadFile,
               std::string(path) + ": expected a name that ends in .csv, .jsonl or .ndjson");
}

void RowTexts::feed(std::string_view bytes) {
  if (form_ == FileForm::csv) return csv_.feed(bytes);
  bytes_.erase(0, std::exchange(begin_, 0));
  bytes_ += bytes;
}

void RowTexts::end() noexcept {
  ended_ = true;
  csv_.end();
}

Result<> RowTexts::read_header(const CsvRecord& record) {
  for (const std::string& name : record.cells) {
    const FieldInfo* field = body_.find(name);
    if (field == nullptr) {
      std::string known;
      for (const FieldInfo& each : body_.fields) known += " " + std::string(each.name);
      return bad_row(record.line, "unknown column \"" + name + "\", expected some of" + known);
    }
    if (std::ranges::find(columns_, field) != columns_.end())
      return bad_row(record.line, "column \"" + name + "\" stands twice");
    columns_.push_back(field);
  }
  return success();
}

Result<std::string> RowTexts::to_json(const CsvRecord& record) const {
  if (record.cells.size() != columns_.size())
    return bad_row(record.line, "got " + std::to_string(record.cells.size()) + " cells, expected " +
                                    std::to_string(columns_.size()));
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (record.cells[i].empty()) continue;
    json.key(columns_[i]->name);
    append_cell(*columns_[i], record.cells[i], json);
  }
  json.end_object();
  return text;
}

Result<std::optional<RowTexts::RowText>> RowTexts::next() {
  if (form_ == FileForm::json_lines) return next_json_line();
  for (;;) {
    std::optional<CsvRecord> record = KEEL_TRY(csv_.next());
    if (!record) return std::optional<RowText>();
    if (columns_.empty()) {
      KEEL_TRY(read_header(*record));
      continue;
    }
    std::string json = KEEL_TRY(to_json(*record));
    return std::optional(RowText{record->line, std::move(record->text), std::move(json)});
  }
}

Result<std::optional<RowTexts::RowText>> RowTexts::next_json_line() {
  for (;;) {
    const std::string_view rest = std::string_view(bytes_).substr(begin_);
    const auto end = rest.find('\n');
    if (std::min(end, rest.size()) > kLongestLine)
      return bad_row(line_ + 1, "longer than 65536 bytes");
    if (end == std::string_view::npos && (!ended_ || rest.empty())) return std::optional<RowText>();
    const std::string_view line = rest.substr(0, end);
    begin_ += std::min(line.size() + 1, rest.size());
    ++line_;
    if (!is_blank(line)) return std::optional(RowText{line_, std::string(line), std::string(line)});
  }
}

template <typename Body, typename Row>
Result<Body> RowReader<Body, Row>::read(const RowTexts::RowText& text) const {
  Result<Body> body = from_json<Body>(text.json);
  if constexpr (std::is_same_v<Row, ledger::Transfer>) {
    if (!body.ok() && body.error().is(kMissingKey))
      body = from_json<Body>(with_id(text.json, derived_id(name_, text)));
  }
  return body;
}

template <typename Body, typename Row>
Result<std::optional<NumberedRow<Row>>> RowReader<Body, Row>::next() {
  const auto text = KEEL_TRY(texts_.next());
  if (!text) return std::optional<NumberedRow<Row>>();
  const Result<Body> body = read(*text);
  if (!body.ok()) return bad_row(text->line, body.error().detail());
  NumberedRow<Row> numbered{.line = text->line, .row = KEEL_TRY(servers::to_row(*body))};
  mark_imported(numbered.row);
  return std::optional(numbered);
}

template class RowReader<servers::TransferBody, ledger::Transfer>;
template class RowReader<servers::AccountBody, ledger::AccountSpec>;

}  // namespace keel::node
