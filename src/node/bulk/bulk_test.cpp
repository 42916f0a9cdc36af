#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "node/bulk/batches.hpp"
#include "node/bulk/csv_reader.hpp"
#include "node/bulk/errors.hpp"
#include "node/bulk/row_reader.hpp"
#include "servers/api/documents/csv.hpp"

namespace keel::node {
namespace {

// --- CSV ---

using Cells = std::vector<std::string>;

// What comes of the text in pieces of a size; the lines of the records beside.
Result<std::vector<Cells>> records_of(std::string_view text, std::size_t piece,
                                      std::vector<std::uint64_t>* lines = nullptr) {
  CsvReader reader;
  std::vector<Cells> records;
  for (;;) {
    const std::string_view part = text.substr(0, piece);
    text.remove_prefix(part.size());
    if (part.empty()) reader.end();
    reader.feed(part);
    while (auto record = KEEL_TRY(reader.next())) {
      if (lines != nullptr) lines->push_back(record->line);
      records.push_back(std::move(record->cells));
    }
    if (part.empty()) return records;
  }
}

TEST(CsvReader, reads_cells_quoted_ones_and_either_end_of_line) {
  const std::vector<Cells> expected{{"a", "b"}, {"1", ""}, {"x,\"y\"\nz", "2"}, {"last", "one"}};
  for (std::size_t piece = 1; piece < 50; ++piece) {
    std::vector<std::uint64_t> lines;
    const auto records = records_of(
        "\xef\xbb\xbf"
        "a,b\r\n1,\n\n\"x,\"\"y\"\"\nz\",2\r\nlast,one",
        piece, &lines);
    ASSERT_TRUE(records.ok());
    EXPECT_EQ(*records, expected);
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 4, 6}));
  }
}

TEST(CsvReader, refuses_marks_where_none_may_stand_and_says_the_line) {
  for (const std::string_view text : {"a\nb\"c\n", "a\n\"b\"c\n", "a\n\"b\n"}) {
    for (const std::size_t piece : {1UL, 100UL}) {
      const auto records = records_of(text, piece);
      ASSERT_TRUE(!records.ok() && records.error().is(kBadFile)) << text;
      EXPECT_NE(records.error().detail().find("line 2"), std::string_view::npos);
    }
  }
  const std::string endless = "a\n\"" + std::string(CsvReader::kLongest + 10, 'x');
  EXPECT_TRUE(records_of(endless, 4'096).error().is(kBadFile));
}

RC_GTEST_PROP(CsvReader, reads_back_what_was_written, ()) {
  const auto records = *rc::gen::container<std::vector<Cells>>(rc::gen::container<Cells>(
      3, rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', ' '))));
  std::string text;
  for (const Cells& cells : records) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      for (const char c : cells[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
      text += '"';
    }
    text += *rc::gen::element(std::string("\n"), std::string("\r\n"));
  }
  const auto piece = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
  RC_ASSERT(records_of(text, piece).value() == records);
}

// --- rows ---

template <typename Reader = TransferReader>
auto rows_of(std::string_view text, FileForm form, std::string name = "books",
             std::size_t piece = 7) {
  Reader reader(form, std::move(name));
  using Row = typename decltype(reader.next())::value_type::value_type;
  std::vector<Row> rows;
  std::optional<Error> error;
  for (bool more = true; more && !error;) {
    const std::string_view part = text.substr(0, piece);
    text.remove_prefix(part.size());
    more = !part.empty();
    reader.feed(part);
    if (!more) reader.end();
    for (;;) {
      auto row = reader.next();
      if (!row.ok()) error = row.error();
      if (!row.ok() || !*row) break;
      rows.push_back(**row);
    }
  }
  return std::pair(rows, error);
}

TEST(RowReader, reads_the_same_from_csv_and_from_json_lines) {
  const auto [csv, csv_error] = rows_of(
      "id,debit_account_id,credit_account_id,amount,ledger,code,flags,timestamp\n"
      "1,2,3,340282366920938463463374607431768211455,5,6,pending|linked,2020-01-31T12:00:00Z\n"
      "7,2,3,4,5,6,,\n",
      FileForm::csv);
  const auto [json, json_error] = rows_of(
      R"({"id":1,"debit_account_id":2,"credit_account_id":"3","amount":"340282366920938463463374607431768211455","ledger":5,"code":6,"flags":["linked","pending"],"timestamp":"2020-01-31T12:00:00Z"})"
      "\n\n"
      R"({"id":"7","debit_account_id":2,"credit_account_id":3,"amount":4,"ledger":5,"code":6})",
      FileForm::json_lines);
  ASSERT_FALSE(csv_error || json_error);
  ASSERT_EQ(csv.size(), 2u);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_TRUE(csv[0].row == json[0].row);
  EXPECT_TRUE(csv[1].row == json[1].row);
  EXPECT_TRUE(csv[0].row.flags.has(ledger::TransferFlag::imported));
  EXPECT_FALSE(csv[1].row.flags.has(ledger::TransferFlag::imported));
  EXPECT_EQ(csv[1].line, 3u);
  EXPECT_EQ(json[1].line, 3u);
}

TEST(RowReader, reads_accounts_as_they_are_exported) {
  const servers::AccountBody body{.id = ledger::AccountId(7),
                                  .ledger = ledger::LedgerId(1),
                                  .code = ledger::Code(2),
                                  .flags = ledger::AccountFlags(ledger::AccountFlag::history),
                                  .timestamp = Timestamp{1'700'000'000'000'000'001}};
  std::string text;
  servers::append_csv_header(info<servers::AccountBody>(), text);
  servers::append_csv_row(body, text);
  const auto [rows, error] = rows_of<AccountReader>(text, FileForm::csv);
  ASSERT_FALSE(error);
  ASSERT_EQ(rows.size(), 1u);
  ledger::AccountSpec expected = servers::to_row(body).value();
  expected.flags |= ledger::AccountFlag::imported;
  EXPECT_TRUE(rows[0].row == expected);
}

TEST(RowReader, derives_an_id_from_the_name_the_line_and_the_text) {
  constexpr std::string_view kCsv =
      "debit_account_id,credit_account_id,amount,ledger,code\n2,3,4,5,6\n2,3,4,5,6\n";
  const auto first = rows_of(kCsv, FileForm::csv).first;
  const auto again = rows_of(kCsv, FileForm::csv, "books", 1'000).first;
  const auto other = rows_of(kCsv, FileForm::csv, "others").first;
  ASSERT_EQ(first.size(), 2u);
  EXPECT_TRUE(first[0].row == again[0].row);
  EXPECT_TRUE(first[1].row == again[1].row);
  EXPECT_FALSE(first[0].row.id == first[1].row.id);
  EXPECT_FALSE(first[0].row.id == other[0].row.id);
  const auto [json, error] =
      rows_of(R"({"debit_account_id":2,"credit_account_id":3,"amount":4,"ledger":5,"code":6})",
              FileForm::json_lines);
  ASSERT_FALSE(error);
  EXPECT_FALSE(json[0].row.id.is_zero());
}

TEST(RowReader, says_the_line_of_what_is_wrong) {
  const auto fails = [](std::string_view text, FileForm form, std::string_view line) {
    const auto error = rows_of(text, form).second;
    return error && error->is(kBadRow) && error->detail().find(line) != std::string_view::npos;
  };
  EXPECT_TRUE(fails("id,amuont\n1,2\n", FileForm::csv, "line 1"));
  EXPECT_TRUE(fails("id,id\n1,2\n", FileForm::csv, "line 1"));
  EXPECT_TRUE(fails("id,amount\n1,2\n3\n", FileForm::csv, "line 3"));
  EXPECT_TRUE(fails("id,amount\n1,2\n3,-4\n", FileForm::csv, "line 3"));
  EXPECT_TRUE(fails("id,code\n1,70000\n", FileForm::csv, "line 2"));
  EXPECT_TRUE(fails("id,code\n1,x\n", FileForm::csv, "line 2"));
  EXPECT_TRUE(fails("id,flags\n1,pending|odd\n", FileForm::csv, "line 2"));
  EXPECT_TRUE(fails("{\"id\":1}\n{\"id\":1,\n", FileForm::json_lines, "line 2"));
  EXPECT_TRUE(fails("{}\n\n[1]\n", FileForm::json_lines, "line 3"));
}

TEST(RowReader, knows_a_file_by_the_end_of_its_name) {
  EXPECT_EQ(form_of_file("a/b.csv").value(), FileForm::csv);
  EXPECT_EQ(form_of_file("b.jsonl").value(), FileForm::json_lines);
  EXPECT_TRUE(form_of_file("b.txt").error().is(kBadFile));
}

// --- batches ---

NumberedRow<ledger::Transfer> numbered(std::uint64_t line, bool is_linked = false,
                                       Timestamp timestamp = {}) {
  NumberedRow<ledger::Transfer> row{.line = line};
  row.row.id = ledger::TransferId(line);
  row.row.ledger = ledger::LedgerId(1);
  row.row.timestamp = timestamp;
  if (is_linked) row.row.flags |= ledger::TransferFlag::linked;
  return row;
}

Bytes results_of(std::initializer_list<ledger::TransferCode> codes) {
  Bytes bytes;
  std::uint32_t index = 0;
  for (const ledger::TransferCode code : codes) {
    const ledger::RowResult result{.index = index++, .code = static_cast<std::uint32_t>(code)};
    append(bytes, object_bytes(result));
  }
  return bytes;
}

TEST(Batch, never_cuts_a_chain) {
  Batch<ledger::Transfer> batch(2);
  ASSERT_TRUE(batch.add(numbered(1)).ok());
  EXPECT_FALSE(batch.full());
  ASSERT_TRUE(batch.add(numbered(2, true)).ok());
  EXPECT_TRUE(batch.full());
  EXPECT_EQ(batch.bytes().size(), sizeof(ledger::Transfer));  // the chain stays
  batch.forget();
  ASSERT_TRUE(batch.add(numbered(3, true)).ok());
  EXPECT_FALSE(batch.full());
  ASSERT_TRUE(batch.add(numbered(4)).ok());
  EXPECT_TRUE(batch.full());
  EXPECT_EQ(batch.bytes().size(), 3 * sizeof(ledger::Transfer));
}

TEST(Batch, refuses_a_chain_that_is_longer_than_a_batch) {
  Batch<ledger::Transfer> batch(ledger::kMaxBatchRows);
  Result<> added = success();
  for (std::uint64_t line = 1; added.ok() && line <= ledger::kMaxBatchRows; ++line)
    added = batch.add(numbered(line, true));
  EXPECT_TRUE(!added.ok() && added.error().is(kBadRow));
}

TEST(Batch, counts_what_became_of_rows_and_chains) {
  using enum ledger::TransferCode;
  Batch<ledger::Transfer> batch(100);
  for (const std::uint64_t line : {11U, 12U, 15U, 18U, 19U})
    ASSERT_TRUE(batch.add(numbered(line, line == 12 || line == 15)).ok());
  ImportCounts counts;
  std::vector<RefusedRow> refused;
  // A chain of 12, 15 and 18 that is there already.
  ASSERT_TRUE(batch
                  .answered(results_of({created, exists, linked_event_failed, linked_event_failed,
                                        debit_account_not_found}),
                            counts, refused)
                  .ok());
  EXPECT_EQ(counts, (ImportCounts{.created = 1, .existing = 3, .refused = 1}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].line, 19u);
  EXPECT_EQ(refused[0].code, "debit_account_not_found");
  // A chain that its second row broke.
  ASSERT_TRUE(batch.add(numbered(20, true)).ok());
  ASSERT_TRUE(batch.add(numbered(21)).ok());
  ASSERT_TRUE(
      batch.answered(results_of({linked_event_failed, exceeds_credits}), counts, refused).ok());
  EXPECT_EQ(counts.refused, 3u);
  EXPECT_EQ(refused.back().line, 21u);
  EXPECT_FALSE(batch.answered(results_of({created}), counts, refused).ok());
}

TEST(OrderOfTimes, original_times_ascend_within_a_ledger) {
  OrderOfTimes order;
  EXPECT_TRUE(order.check(numbered(1, false, Timestamp{10})).ok());
  NumberedRow<ledger::Transfer> elsewhere = numbered(2, false, Timestamp{5});
  elsewhere.row.ledger = ledger::LedgerId(2);
  EXPECT_TRUE(order.check(elsewhere).ok());
  EXPECT_TRUE(order.check(numbered(3)).ok());
  EXPECT_TRUE(order.check(numbered(4, false, Timestamp{11})).ok());
  const Result<> same = order.check(numbered(5, false, Timestamp{11}));
  ASSERT_TRUE(!same.ok() && same.error().is(kBadRow));
  EXPECT_NE(same.error().detail().find("line 4"), std::string_view::npos);
}

}  // namespace
}  // namespace keel::node
