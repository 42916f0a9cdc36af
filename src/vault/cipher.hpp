// The vault's cryptography, and the only file of it that sees libsodium: XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha) for wrapping and sealing, BLAKE2b (RFC 7693) for subkeys and nonces.
//
// Thread: any. Keys are wiped by whoever holds them (wipe()).
#pragma once

#include <optional>

#include "vault/vault_format.hpp"

namespace keel::vault {

using Key = std::array<std::byte, kKeyBytes>;

void wipe(ByteSpan secret) noexcept;

// A person's key under the master key, bound to vault and person.
WrappedKey wrap(const Key& master, const VaultId& vault, const kernel::Subject& whose,
                const std::array<std::byte, kNonceBytes>& nonce, const Key& key);
// False: it was not wrapped so.
bool unwrap(const Key& master, const VaultId& vault, const Slot& slot, Key& key);

// Seals a value for its place: version, nonce, ciphertext, tag. The nonce that is used is made of
// the one given, the place and the value under a subkey, so that one key never sees the same nonce
// with two values, whatever is decided again.
void seal(const Key& key, const kernel::SealedPlace& place, const kernel::SealNonce& nonce,
          ByteView value, Bytes& sealed);
// nullopt: not what was sealed for this place.
std::optional<Bytes> open(const Key& key, const kernel::SealedPlace& place, ByteView sealed);

inline constexpr std::size_t kOverhead = 1 + kNonceBytes + kTagBytes;
static_assert(kOverhead <= kernel::kSealOverhead);

}  // namespace keel::vault
