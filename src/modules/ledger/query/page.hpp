// What the answers share: the payload of a query, and the rows of a page behind a header that is
// known when they are all there. Private to this folder.
#pragma once

#include <cstring>

#include "modules/ledger/decide/batch.hpp"
#include "modules/ledger/errors.hpp"
#include "modules/ledger/requests.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

// A query on its way: who asks what of which state.
struct Asked {
  const State& state;
  TenantId tenant;
  ByteView payload;
};

// Rows looked at for one page, whether they match or not.
inline constexpr std::size_t kMaxScannedRows = 4 * kMaxBatchRows;

// The payload as the record that it must be; kBadFilter when its size is another.
template <typename Record>
Result<Record> read_record(ByteView payload, std::string_view name) {
  if (payload.size() != sizeof(Record)) {
    return Error(kBadFilter, std::to_string(payload.size()) + " bytes; " + std::string(name) +
                                 " has " + std::to_string(sizeof(Record)));
  }
  return PackedRows<Record>(payload)[0];
}

inline std::uint32_t limit_of(std::uint32_t asked) {
  return asked == 0 || asked > kMaxBatchRows ? kMaxBatchRows : asked;
}

// The moments of a filter, both inclusive: zero leaves an end open.
struct Period {
  Timestamp first;
  Timestamp last;

  bool contains(Timestamp time) const { return first <= time && time <= last; }
};
inline Result<Period> read_period(Timestamp from, Timestamp to) {
  constexpr Timestamp kLast{INT64_MAX - 1};  // the moment after it is still one
  if (to.ns != 0 && to < from) {
    return Error(kBadFilter, "the filter's range of time ends before it begins");
  }
  return Period{.first = from, .last = to.ns == 0 ? kLast : std::min(to, kLast)};
}
inline Timestamp after(Timestamp time) {
  return time + Duration::nanoseconds(1);
}

template <typename Header>
class Page {
 public:
  explicit Page(Bytes& reply) : reply_(reply), start_(reply.size()) {
    append(reply_, object_bytes(Header{}));
  }

  template <typename Row>
  void add(const Row& row) {
    append(reply_, object_bytes(row));
    ++rows_;
  }
  std::uint32_t rows() const noexcept { return rows_; }
  void finish(Header header) {
    header.rows = rows_;
    std::memcpy(ByteSpan(reply_).subspan(start_).data(), &header, sizeof(header));
  }

 private:
  Bytes& reply_;
  std::size_t start_;
  std::uint32_t rows_ = 0;
};

}  // namespace keel::ledger
