// A batch of packed rows: reading it, answering it row by row, and linked chains. The same for
// every command of the ledger. Private to this folder.
#pragma once

#include <cstring>

#include "base/result.hpp"
#include "kernel/transaction.hpp"
#include "modules/ledger/requests.hpp"

namespace keel::ledger {

// Rows as they lie in a payload, which need not be aligned: each is copied out when it is asked
// for.
template <typename Row>
class PackedRows {
 public:
  explicit PackedRows(ByteView bytes) : bytes_(bytes) {
    KEEL_ASSERT(bytes.size() % sizeof(Row) == 0);
  }

  std::size_t size() const noexcept { return bytes_.size() / sizeof(Row); }
  Row operator[](std::size_t index) const {
    Row row;
    std::memcpy(&row, bytes_.subspan(index * sizeof(Row), sizeof(Row)).data(), sizeof(Row));
    return row;
  }

 private:
  ByteView bytes_;
};

template <typename Row>
struct Batch {
  BatchOptions options;
  PackedRows<Row> rows;
};

// Header and size of a payload, before anything is decided. Checks the header against
// `known_options`.
struct BatchShape {
  BatchOptions options;
  ByteView rows;
};
Result<BatchShape> read_batch(ByteView payload, std::size_t row_bytes, BatchOptions known_options);

template <typename Row>
Result<Batch<Row>> read_batch(ByteView payload, BatchOptions known_options = {}) {
  const BatchShape shape = KEEL_TRY(read_batch(payload, sizeof(Row), known_options));
  return Batch<Row>{shape.options, PackedRows<Row>(shape.rows)};
}

// The answers, in a place that is as large as all of them from the start: a rollback does not
// shorten it.
class ResultRows {
 public:
  ResultRows(ByteSpan bytes, std::size_t row_bytes) : bytes_(bytes), row_bytes_(row_bytes) {}

  bool with_balances() const noexcept { return row_bytes_ == sizeof(TransferResultWithBalances); }
  void set(const RowResult& result) { put(TransferResultWithBalances{.result = result}); }
  void set(const TransferResultWithBalances& result) { put(result); }

 private:
  void put(const TransferResultWithBalances& result) {
    const ByteSpan to = bytes_.subspan(result.result.index * row_bytes_, row_bytes_);
    std::memcpy(to.data(), &result, row_bytes_);
  }

  ByteSpan bytes_;
  std::size_t row_bytes_;
};

// Makes room for `rows` answers at the end of the reply.
inline ResultRows reply_rows(kernel::Transaction& tx, std::size_t rows, std::size_t row_bytes) {
  Bytes& reply = tx.reply();
  const std::size_t before = reply.size();
  reply.resize(before + rows * row_bytes);
  return {ByteSpan(reply).subspan(before), row_bytes};
}

// The codes of a chain have the same numbers for accounts and transfers.
inline constexpr std::uint32_t kChainOpen =
    static_cast<std::uint32_t>(TransferCode::linked_event_chain_open);
inline constexpr std::uint32_t kLinkedFailed =
    static_cast<std::uint32_t>(TransferCode::linked_event_failed);
static_assert(kChainOpen == static_cast<std::uint32_t>(AccountCode::linked_event_chain_open));
static_assert(kLinkedFailed == static_cast<std::uint32_t>(AccountCode::linked_event_failed));

// How many rows before its turn a row's keys are looked up in advance: far enough for memory to
// answer, near enough for the lines to be there still.
inline constexpr std::size_t kLookAhead = 16;

// What decides one row of a batch: look_ahead() warms the caches for a row to come; decide() emits
// the fact and answers, or answers a fault and emits nothing; refused() may emit what is to be
// remembered of a row that failed by its own fault.
template <typename D, typename Row>
concept RowDecider = requires(D decider, const Row& row, std::uint32_t index) {
  { D::is_linked(row) } -> std::same_as<bool>;
  { decider.look_ahead(row) } -> std::same_as<void>;
  { decider.decide(row, index) } -> std::same_as<TransferResultWithBalances>;
  { decider.refused(row, RowResult{}) } -> std::same_as<void>;
};

// Decides the rows in order, each by itself, a linked one together with the next: the first fault
// in a chain takes back the whole chain.
template <typename Row, RowDecider<Row> D>
void decide_rows(kernel::Transaction& tx, PackedRows<Row> rows, ResultRows results, D decider) {
  struct Chain {
    std::uint32_t first;
    kernel::Transaction::Mark start;
    bool broken;
  };
  std::optional<Chain> chain;
  for (std::size_t ahead = 0; ahead < std::min(kLookAhead, rows.size()); ++ahead) {
    decider.look_ahead(rows[ahead]);
  }
  for (std::uint32_t index = 0; index < rows.size() && !tx.overflowed(); ++index) {
    if (index + kLookAhead < rows.size()) decider.look_ahead(rows[index + kLookAhead]);
    const Row row = rows[index];
    const bool linked = D::is_linked(row);
    if (linked && !chain) chain = Chain{index, tx.mark(), false};

    TransferResultWithBalances answer{.result = {.index = index}};
    if (linked && index + 1 == rows.size()) {
      answer.result.code = kChainOpen;
    } else if (chain && chain->broken) {
      answer.result.code = kLinkedFailed;
    } else {
      answer = decider.decide(row, index);
    }

    const bool failed = answer.result.code != 0;
    if (failed && chain && !chain->broken) {
      chain->broken = true;
      tx.rollback_to(chain->start);
      for (std::uint32_t i = chain->first; i < index; ++i) {
        results.set(RowResult{.index = i, .code = kLinkedFailed});
      }
    }
    if (failed) decider.refused(row, answer.result);
    results.set(answer);
    if (!linked) chain.reset();
  }
}

}  // namespace keel::ledger
