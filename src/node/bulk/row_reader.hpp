// RowReader: a file's bytes in, accounts or transfers out, each with the number of its line. A file
// is CSV, whose header names fields of the API's body in any order, or JSON lines, such a body
// each. Empty cells and absent keys are zero; flags in CSV are joined by '|'.
//
// A row with a timestamp is imported: it gets the flag `imported`. A transfer without an id gets
// one that follows from the import's name, the number of its line and its text.
#pragma once

#include "modules/ledger/types.hpp"
#include "node/bulk/csv_reader.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::node {

enum class FileForm : std::uint8_t { csv, json_lines };

// By the end of the name: .csv, .jsonl or .ndjson; kBadFile for any other.
Result<FileForm> form_of_file(std::string_view path);

template <typename Row>
struct NumberedRow {
  std::uint64_t line = 0;
  Row row{};
};

// The text of a row, as JSON, and its line; what the two forms have in common.
class RowTexts {
 public:
  RowTexts(FileForm form, const StructInfo& body) : form_(form), body_(body) {}

  void feed(std::string_view bytes);
  void end() noexcept;

  struct RowText {
    std::uint64_t line = 0;
    std::string source;  // as in the file
    std::string json;
  };
  Result<std::optional<RowText>> next();

 private:
  Result<std::optional<RowText>> next_json_line();
  Result<> read_header(const CsvRecord& record);
  Result<std::string> to_json(const CsvRecord& record) const;

  FileForm form_;
  const StructInfo& body_;
  CsvReader csv_;
  std::vector<const FieldInfo*> columns_;
  std::string bytes_;  // of JSON lines
  std::size_t begin_ = 0;
  std::uint64_t line_ = 0;
  bool ended_ = false;
};

// Body: servers::TransferBody or servers::AccountBody.
template <typename Body, typename Row>
class RowReader {
 public:
  RowReader(FileForm form, std::string name) : texts_(form, info<Body>()), name_(std::move(name)) {}

  void feed(std::string_view bytes) { texts_.feed(bytes); }
  void end() noexcept { texts_.end(); }
  // nullopt: feed more or, after end(), this was the last. kBadRow with the line.
  Result<std::optional<NumberedRow<Row>>> next();

 private:
  Result<Body> read(const RowTexts::RowText& text) const;

  RowTexts texts_;
  std::string name_;
};

using TransferReader = RowReader<servers::TransferBody, ledger::Transfer>;
using AccountReader = RowReader<servers::AccountBody, ledger::AccountSpec>;

}  // namespace keel::node
