// Rows in, batches out, and what the ledger's answer to a batch means for the rows. Knows no node
// and no file.
#pragma once

#include <unordered_map>

#include "modules/ledger/codes.hpp"
#include "modules/ledger/requests.hpp"
#include "node/bulk/row_reader.hpp"

namespace keel::node {

// What the ledger would refuse, seen before anything is sent: original times must ascend within a
// ledger. (Posts and voids may leave their ledger open; then nothing is known.)
class OrderOfTimes {
 public:
  template <typename Row>
  Result<> check(const NumberedRow<Row>& row) {
    return check(row.line, row.row.ledger, row.row.timestamp);
  }

 private:
  struct Last {
    std::uint64_t line;
    Timestamp timestamp;
  };
  Result<> check(std::uint64_t line, ledger::LedgerId ledger, Timestamp timestamp);

  std::unordered_map<std::uint32_t, Last> last_;
};

// A row that the ledger has refused.
struct RefusedRow {
  std::uint64_t line = 0;
  std::string_view code;
};

struct ImportCounts {
  std::uint64_t created = 0;
  std::uint64_t existing = 0;
  std::uint64_t refused = 0;

  friend bool operator==(const ImportCounts&, const ImportCounts&) = default;
};

template <typename Row>
class Batch {
 public:
  // `most`: rows, from which on it is full; at most kMaxBatchRows.
  explicit Batch(std::size_t most) : most_(most) {}

  // Not on a full one. kBadRow: a chain is longer than a batch may be.
  Result<> add(const NumberedRow<Row>& row);
  // Whether it is time to send. A chain that has begun waits for its end.
  bool full() const noexcept { return rows_.size() >= most_ && complete_ != 0; }
  // No row comes any more: what is left goes as it is, a chain that is open too.
  void end() noexcept { complete_ = rows_.size(); }

  // What to send: the rows of every complete chain. Empty: nothing.
  ByteView bytes() const;
  // Counts the packed results of what bytes() held, and takes those rows away. Appends what was
  // refused; of a chain the row that broke it. kBadFile: this is no answer to them.
  Result<> answered(ByteView results, ImportCounts& counts, std::vector<RefusedRow>& refused);
  // Takes those rows away; nobody was asked.
  void forget();

 private:
  // One chain, or one row that is linked to none.
  void count(std::size_t first, std::span<const ledger::RowResult> results, ImportCounts& counts,
             std::vector<RefusedRow>& refused) const;

  std::size_t most_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> lines_;
  std::size_t complete_ = 0;  // rows up to the end of the last complete chain
};

extern template class Batch<ledger::Transfer>;
extern template class Batch<ledger::AccountSpec>;

}  // namespace keel::node
