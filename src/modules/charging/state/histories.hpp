// The append-only tables of charging: sessions that are closed for good, and what stations have
// said of sessions. Their indexes on disk are a format: docs/charging.md. Private to this folder.
#pragma once

#include "kernel/history_table.hpp"
#include "modules/charging/state/rows.hpp"

namespace keel::charging {

struct SessionHistory {
  using Row = SessionRow;
  using Key = SessionKey;
  static const std::array<kernel::ColdIndexSchema, 1> kIndexes;  // tenant, session

  static Key key_of(const Row& row) { return row.key(); }
  static std::array<std::byte, 8> cold_key(const Key& key) {
    return kernel::big_endian(key.tenant.value(), key.session.value());
  }
};

struct SaidHistory {
  using Row = SaidRow;
  using Key = DigestKey;
  static const std::array<kernel::ColdIndexSchema, 1> kIndexes;  // tenant, half of the digest

  static Key key_of(const Row& row) { return {.tenant = row.tenant, .digest = row.digest}; }
  static std::array<std::byte, 20> cold_key(const Key& key) {
    return kernel::big_endian(key.tenant.value(), ByteReader(key.digest).read<uint128>().value());
  }
};

}  // namespace keel::charging
