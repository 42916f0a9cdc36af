// The files of an import: CSV, or JSON lines where the first byte is a brace. What must hold for
// any bytes:
//   1. Cut into pieces anywhere, they give the same rows and the same error as whole.
//   2. Line numbers ascend.
//   3. Rows that are written as CSV again read as the same rows.

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "node/bulk/row_reader.hpp"
#include "servers/api/documents/csv.hpp"

namespace keel::fuzz {
namespace {

using node::FileForm;
using node::NumberedRow;
using node::TransferReader;

struct Seen {
  std::vector<NumberedRow<ledger::Transfer>> rows;
  std::string error;
};

bool same_rows(const Seen& a, const Seen& b, bool with_lines) {
  return std::ranges::equal(a.rows, b.rows, [&](const auto& one, const auto& other) {
    return one.row == other.row && (!with_lines || one.line == other.line);
  });
}

Seen read(std::vector<Bytes> pieces, FileForm form) {
  TransferReader reader(form, "fuzz");
  Seen seen;
  for (std::size_t i = 0; i <= pieces.size(); ++i) {
    if (i == pieces.size()) {
      reader.end();
    } else {
      reader.feed(as_text(pieces[i]));
      pieces[i] = {};
    }
    for (;;) {
      const auto row = reader.next();
      if (!row.ok()) {
        seen.error = row.error().detail();
        return seen;
      }
      if (!row->has_value()) break;
      KEEL_ASSERT(seen.rows.empty() || seen.rows.back().line < (*row)->line);
      seen.rows.push_back(**row);
    }
  }
  return seen;
}

std::string written(const Seen& seen) {
  std::string text;
  servers::append_csv_header(info<servers::TransferBody>(), text);
  for (const auto& numbered : seen.rows) {
    servers::append_csv_row(servers::from_row(numbered.row), text);
  }
  return text;
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const keel::ByteView bytes = input_bytes(data, size);
  const bool is_json = !bytes.empty() && bytes.front() == std::byte{'{'};
  const FileForm form = is_json ? FileForm::json_lines : FileForm::csv;
  const Seen whole = read(one_piece(bytes), form);

  Random random(seed_of(bytes));
  for (const auto& pieces : {single_bytes(bytes), random_pieces(bytes, random, 12)}) {
    const Seen cut = read(pieces, form);
    KEEL_ASSERT(same_rows(whole, cut, true));
    KEEL_ASSERT(whole.error == cut.error);
  }

  const std::string again = written(whole);
  const Seen second = read(one_piece(keel::as_bytes(again)), FileForm::csv);
  KEEL_ASSERT(second.error.empty());
  KEEL_ASSERT(same_rows(whole, second, false));
  return 0;
}
