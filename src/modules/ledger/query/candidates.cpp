#include "modules/ledger/query/candidates.hpp"

#include "modules/ledger/query/page.hpp"

namespace keel::ledger {

Stretch AccountCandidates::within(TransferList& list, Timestamp first, Timestamp last,
                                  bool backward) {
  return {.first = list.first_not_before(first),
          .last = list.first_not_before(after(last)) - 1,
          .backward = backward};
}

std::optional<Candidate> AccountCandidates::next() {
  if (numbers_.empty()) return std::nullopt;
  const std::uint64_t number = numbers_.take();
  return Candidate{number, &list_.at(number)};
}

std::optional<Candidate> EveryTransfer::next() {
  if (places_.empty()) return std::nullopt;
  const std::uint64_t place = places_.take();
  const TransferRow* row = state_.transfers.row(place - 1);
  const bool theirs =
      row == nullptr || row->tenant != tenant_ || row->code != TransferCode::created;
  return Candidate{place, theirs ? nullptr : &row->transfer};
}

// The cell's time ascends with the rows, and a row's own time is at most that: the very time, or an
// earlier one that it was imported with. So all rows before one that was not imported, and is
// before `time`, are before it. Where a stretch of imports tells nothing, it counts as not before.
std::uint64_t EveryTransfer::first_not_before(const State& state, Timestamp time) {
  constexpr std::uint64_t kTries = 8;
  std::uint64_t low = 0;                        // rows below are before `time`
  std::uint64_t high = state.transfers.rows();  // all that may be
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    std::uint64_t at = middle;
    const TransferRow* row = nullptr;
    do {
      row = state.transfers.row(at);
      if (row == nullptr) return low + 1;  // not at hand
    } while (row->transfer.flags.has(TransferFlag::imported) && ++at < high &&
             at < middle + kTries);
    const bool is_before = !row->transfer.flags.has(TransferFlag::imported) && at < high &&
                           row->transfer.timestamp < time;
    if (is_before) {
      low = at + 1;
    } else {
      high = middle;
    }
  }
  return low + 1;
}

// Places are numbers from 1: place first_hot() is the last cold row.
Stretch PostedTransfers::hot_part(const State& state, Stretch places) {
  places.first = std::max(places.first, state.transfers.first_hot() + 1);
  return places;
}
Stretch PostedTransfers::cold_part(const State& state, Stretch places) {
  places.last = std::min(places.last, state.transfers.first_hot());
  return places;
}

std::optional<Candidate> PostedTransfers::next() {
  std::optional<Candidate> found = cold_.backward ? hot_.next() : next_cold();
  if (!found) found = cold_.backward ? next_cold() : hot_.next();
  return found;
}

std::optional<Candidate> PostedTransfers::next_cold() {
  if (used_ == entries_.size()) read_on();
  if (used_ == entries_.size()) return std::nullopt;
  const std::size_t entry_bytes = key_.size() + sizeof(std::uint64_t);
  const std::uint64_t number =
      kernel::number_of_entry(ByteView(entries_).subspan(used_, entry_bytes));
  used_ += entry_bytes;
  const TransferRow* row = state_.transfers.row(number);
  return Candidate{number + 1, row == nullptr ? nullptr : &row->transfer};
}

void PostedTransfers::read_on() {
  constexpr std::size_t kAtOnce = 256;
  entries_.clear();
  used_ = 0;
  if (cold_.empty()) return;
  const kernel::ColdRange range{.low = key_,
                                .high = key_,
                                .first_number = cold_.first - 1,
                                .end_number = cold_.last,
                                .backward = cold_.backward,
                                .limit = kAtOnce};
  const auto& transfers = state_.transfers;
  if (!transfers.source()->scan(transfers.id(), index_, range, entries_) || entries_.empty()) {
    cold_.last = 0;  // the end, or not at hand
    return;
  }
  const std::size_t entry_bytes = key_.size() + sizeof(std::uint64_t);
  const std::uint64_t last = kernel::number_of_entry(ByteView(entries_).last(entry_bytes));
  if (entries_.size() < kAtOnce * entry_bytes) {
    cold_.last = 0;
  } else if (cold_.backward) {
    cold_.last = last;  // place of the row before it
  } else {
    cold_.first = last + 2;
  }
}

}  // namespace keel::ledger
