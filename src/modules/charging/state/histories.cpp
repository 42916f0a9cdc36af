#include "modules/charging/state/histories.hpp"

namespace keel::charging {
namespace {

void by_session(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = ByteReader(record).read_object<SessionRow>().value();
  append(to, kernel::big_endian(row.tenant.value(), row.number.value(), number));
}

void by_digest(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = ByteReader(record).read_object<SaidRow>().value();
  append(to, kernel::big_endian(row.tenant.value(), ByteReader(row.digest).read<uint128>().value(),
                                number));
}

}  // namespace

constinit const std::array<kernel::ColdIndexSchema, 1> SessionHistory::kIndexes{
    kernel::ColdIndexSchema{.key_bytes = 8, .unique = true, .entries_of = by_session}};
constinit const std::array<kernel::ColdIndexSchema, 1> SaidHistory::kIndexes{
    kernel::ColdIndexSchema{.key_bytes = 20, .unique = true, .entries_of = by_digest}};

}  // namespace keel::charging
