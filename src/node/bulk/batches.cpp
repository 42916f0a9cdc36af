#include "node/bulk/batches.hpp"

#include "node/bulk/errors.hpp"

namespace keel::node {
namespace {

// What the two kinds of row differ in.
template <typename Row>
struct Kind;
template <>
struct Kind<ledger::Transfer> {
  static constexpr auto kExists = static_cast<std::uint32_t>(ledger::TransferCode::exists);
  static constexpr auto kLinkedFailed =
      static_cast<std::uint32_t>(ledger::TransferCode::linked_event_failed);
  static constexpr auto kLinked = ledger::TransferFlag::linked;
  static std::span<const ledger::CodeInfo> codes() { return ledger::transfer_codes(); }
};
template <>
struct Kind<ledger::AccountSpec> {
  static constexpr auto kExists = static_cast<std::uint32_t>(ledger::AccountCode::exists);
  static constexpr auto kLinkedFailed =
      static_cast<std::uint32_t>(ledger::AccountCode::linked_event_failed);
  static constexpr auto kLinked = ledger::AccountFlag::linked;
  static std::span<const ledger::CodeInfo> codes() { return ledger::account_codes(); }
};

std::string_view name_of(std::uint32_t number, std::span<const ledger::CodeInfo> codes) {
  const auto found = std::ranges::find(codes, number, &ledger::CodeInfo::number);
  return found == codes.end() ? std::string_view("unknown") : found->name;
}

}  // namespace

Result<> OrderOfTimes::check(std::uint64_t line, ledger::LedgerId ledger, Timestamp timestamp) {
  if (timestamp == Timestamp{} || ledger.is_zero()) return success();
  const auto [found, is_new] = last_.try_emplace(ledger.value(), Last{line, timestamp});
  if (is_new) return success();
  if (timestamp <= found->second.timestamp) {
    return Error(kBadRow, "line " + std::to_string(line) + ": timestamp: not after that of line " +
                              std::to_string(found->second.line) + ", which is of ledger " +
                              std::to_string(ledger.value()) + " too");
  }
  found->second = {line, timestamp};
  return success();
}

template <typename Row>
Result<> Batch<Row>::add(const NumberedRow<Row>& row) {
  rows_.push_back(row.row);
  lines_.push_back(row.line);
  if (!row.row.flags.has(Kind<Row>::kLinked)) complete_ = rows_.size();
  if (complete_ == 0 && rows_.size() == ledger::kMaxBatchRows) {
    return Error(kBadRow, "line " + std::to_string(lines_.front()) +
                              ": a chain of linked rows begins that is longer than a batch of " +
                              std::to_string(ledger::kMaxBatchRows));
  }
  return success();
}

template <typename Row>
ByteView Batch<Row>::bytes() const {
  return std::as_bytes(std::span(rows_).first(complete_));
}

template <typename Row>
Result<> Batch<Row>::answered(ByteView results, ImportCounts& counts,
                              std::vector<RefusedRow>& refused) {
  std::vector<ledger::RowResult> read;
  ByteReader reader(results);
  while (!reader.empty()) read.push_back(KEEL_TRY(reader.read_object<ledger::RowResult>()));
  if (read.size() != complete_) {
    return Error(kBadFile, std::to_string(read.size()) + " results came for " +
                               std::to_string(complete_) + " rows");
  }
  for (std::size_t first = 0; first < complete_;) {
    std::size_t end = first + 1;
    while (end < complete_ && rows_[end - 1].flags.has(Kind<Row>::kLinked)) ++end;
    count(first, std::span(read).subspan(first, end - first), counts, refused);
    first = end;
  }
  forget();
  return success();
}

template <typename Row>
void Batch<Row>::forget() {
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(complete_));
  lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(complete_));
  complete_ = 0;
}

// A chain was created as a whole or not at all: when the row that broke it exists, all of them do.
template <typename Row>
void Batch<Row>::count(std::size_t first, std::span<const ledger::RowResult> results,
                       ImportCounts& counts, std::vector<RefusedRow>& refused) const {
  const auto broken = std::ranges::find_if(results, [](const ledger::RowResult& result) {
    return result.code != 0 && result.code != Kind<Row>::kLinkedFailed;
  });
  if (broken == results.end()) {
    counts.created += results.size();
  } else if (broken->code == Kind<Row>::kExists) {
    counts.existing += results.size();
  } else {
    counts.refused += results.size();
    const auto at = static_cast<std::size_t>(broken - results.begin());
    refused.push_back({lines_[first + at], name_of(broken->code, Kind<Row>::codes())});
  }
}

template class Batch<ledger::Transfer>;
template class Batch<ledger::AccountSpec>;

}  // namespace keel::node
