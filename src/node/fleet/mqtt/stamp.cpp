#include "node/fleet/mqtt/stamp.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::node {
namespace {

struct Stored {
  std::uint32_t run_id;
  std::uint32_t publisher;
  std::uint64_t number;
  std::int64_t due_ns;
};
static_assert(sizeof(Stored) == kStampBytes);

}  // namespace

void write_stamp(const Stamp& stamp, ByteSpan payload) {
  KEEL_ASSERT(payload.size() >= kStampBytes);
  const Stored stored{stamp.run_id, stamp.publisher, stamp.number, stamp.due.ns};
  std::ranges::copy(object_bytes(stored), payload.begin());
  std::ranges::fill(payload.subspan(kStampBytes), std::byte{'.'});
}

std::optional<Stamp> read_stamp(ByteView payload) {
  if (payload.size() < kStampBytes) return std::nullopt;
  const auto stored = ByteReader(payload).read_object<Stored>().value();
  return Stamp{stored.run_id, stored.publisher, stored.number, Timestamp{stored.due_ns}};
}

}  // namespace keel::node
