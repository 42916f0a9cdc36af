// For the tests of the vault: a machine of the simulated world with a vault on its disk.
#pragma once

#include <gtest/gtest.h>

#include "kernel/errors.hpp"
#include "sim/world/rig.hpp"
#include "vault/errors.hpp"
#include "vault/vault.hpp"

namespace keel::vault {

using kernel::SealedPlace;
using kernel::Subject;
using kernel::SubjectId;
using runtime::Task;

inline constexpr kernel::EventType kInvited{kernel::ModuleId(60101), 1};
inline const std::string kDirectory = "data/vault";

inline Subject person(std::uint64_t number) {
  return {TenantId(1), SubjectId(number)};
}
inline SealedPlace place_of(const Subject& whose) {
  return {.subject = whose, .event = kInvited, .field = 2};
}
inline kernel::SealNonce nonce_of(std::uint8_t number) {
  kernel::SealNonce nonce{};
  nonce[0] = std::byte{number};
  return nonce;
}

class Rig : public sim::Rig {
 public:
  explicit Rig(std::uint64_t seed) : sim::Rig(sim::quiet_world(seed)) {}

  // What a file holds that a program would read.
  Bytes content(std::string_view name) {
    const auto node = machine.medium().find(kDirectory + "/" + std::string(name));
    if (node == nullptr) return {};
    Bytes bytes(node->visible.size_bytes);
    node->visible.read(0, bytes);
    return bytes;
  }
};

inline Task<Result<std::unique_ptr<Vault>>> open_vault(Rig* rig, std::size_t keys_at_hand = 100) {
  co_return co_await Vault::open(
      rig->core(), {.directory = kDirectory, .max_subjects = 200, .keys_at_hand = keys_at_hand});
}

inline Bytes sealed_by(const Vault& vault, const Subject& whose, std::string_view value,
                       std::uint8_t nonce = 1) {
  Bytes sealed;
  EXPECT_TRUE(vault.seal(place_of(whose), nonce_of(nonce), as_bytes(value), sealed).ok());
  return sealed;
}

// "?" when it does not open, "erased" when the person is.
inline std::string opened_by(const Vault& vault, const Subject& whose, ByteView sealed) {
  const auto value = vault.open(place_of(whose), sealed);
  if (!value.ok()) return "?";
  return *value ? std::string(as_text(**value)) : "erased";
}

}  // namespace keel::vault
