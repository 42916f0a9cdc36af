#include "modules/charging/accounts.hpp"

#include "base/hash/sha256.hpp"

namespace keel::charging {
namespace {

uint128 first_half(const Digest& digest) {
  return ByteReader(digest).read<uint128>().value();
}

}  // namespace

uint128 account_id(std::uint32_t ledger, AccountRole role, DriverId driver) {
  const auto number = static_cast<std::uint32_t>(role);
  return first_half(sha256({as_bytes(std::string_view("keel.charging.account")),
                            object_bytes(ledger), object_bytes(number), object_bytes(driver)}));
}

uint128 transfer_id(const Digest& key, const TransferName& name) {
  const auto number = static_cast<std::uint32_t>(name.kind);
  return first_half(
      sha256({key, as_bytes(std::string_view("keel.charging.transfer")), object_bytes(name.session),
              object_bytes(name.version), object_bytes(number), object_bytes(name.nth)}));
}

}  // namespace keel::charging
