#include "vault/cipher.hpp"

#include <sodium.h>

namespace keel::vault {
namespace {

static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

constexpr std::byte kSealVersion{1};

const unsigned char* in(ByteView bytes) {
  return static_cast<const unsigned char*>(static_cast<const void*>(bytes.data()));
}
unsigned char* out(ByteSpan bytes) {
  return static_cast<unsigned char*>(static_cast<void*>(bytes.data()));
}

void encrypt(const Key& key, ByteView nonce, ByteView bound, ByteView text, ByteSpan to) {
  const int done =
      crypto_aead_xchacha20poly1305_ietf_encrypt(out(to), nullptr, in(text), text.size(), in(bound),
                                                 bound.size(), nullptr, in(nonce), in(key));
  KEEL_ASSERT(done == 0);
}

bool decrypt(const Key& key, ByteView nonce, ByteView bound, ByteView sealed, ByteSpan to) {
  return crypto_aead_xchacha20poly1305_ietf_decrypt(out(to), nullptr, nullptr, in(sealed),
                                                    sealed.size(), in(bound), bound.size(),
                                                    in(nonce), in(key)) == 0;
}

void keyed_hash(ByteView key, std::initializer_list<ByteView> parts, ByteSpan to) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, in(key), key.size(), to.size());
  for (const ByteView part : parts) crypto_generichash_update(&state, in(part), part.size());
  crypto_generichash_final(&state, out(to), to.size());
  wipe(std::as_writable_bytes(std::span(&state, 1)));
}

// A key for one purpose, of the person's key.
class Subkey {
 public:
  Subkey(const Key& key, std::string_view purpose) { keyed_hash(key, {as_bytes(purpose)}, key_); }
  ~Subkey() { wipe(key_); }
  Subkey(const Subkey&) = delete;
  Subkey& operator=(const Subkey&) = delete;

  const Key& operator*() const noexcept { return key_; }

 private:
  Key key_;
};

constexpr std::string_view kForSealing = "keel vault: sealing, version 1";
constexpr std::string_view kForNonces = "keel vault: nonces, version 1";

Bytes bytes_of(const kernel::Subject& whose) {
  Bytes bytes;
  append(bytes, object_bytes(whose.tenant));
  append(bytes, object_bytes(whose.id));
  return bytes;
}

// What a sealed value is bound to.
Bytes bytes_of(const kernel::SealedPlace& place) {
  Bytes bytes{kSealVersion};
  append(bytes, bytes_of(place.subject));
  append(bytes, object_bytes(place.event));
  append(bytes, object_bytes(place.field));
  return bytes;
}

Bytes wrapping(const VaultId& vault, const kernel::Subject& whose) {
  Bytes bytes(vault.begin(), vault.end());
  append(bytes, bytes_of(whose));
  return bytes;
}

}  // namespace

void wipe(ByteSpan secret) noexcept {
  sodium_memzero(secret.data(), secret.size());
}

WrappedKey wrap(const Key& master, const VaultId& vault, const kernel::Subject& whose,
                const std::array<std::byte, kNonceBytes>& nonce, const Key& key) {
  WrappedKey wrapped;
  encrypt(master, nonce, wrapping(vault, whose), key, wrapped);
  return wrapped;
}

bool unwrap(const Key& master, const VaultId& vault, const Slot& slot, Key& key) {
  return decrypt(master, slot.nonce, wrapping(vault, slot.whose()), slot.wrapped, key);
}

void seal(const Key& key, const kernel::SealedPlace& place, const kernel::SealNonce& nonce,
          ByteView value, Bytes& sealed) {
  const Bytes bound = bytes_of(place);
  std::array<std::byte, kNonceBytes> own_nonce;
  keyed_hash(*Subkey(key, kForNonces), {bound, nonce, value}, own_nonce);
  const std::size_t start = sealed.size();
  sealed.push_back(kSealVersion);
  append(sealed, own_nonce);
  sealed.resize(start + kOverhead + value.size());
  encrypt(*Subkey(key, kForSealing), own_nonce, bound, value,
          ByteSpan(sealed).subspan(start + 1 + kNonceBytes));
}

std::optional<Bytes> open(const Key& key, const kernel::SealedPlace& place, ByteView sealed) {
  if (sealed.size() < kOverhead || sealed.front() != kSealVersion) return std::nullopt;
  Bytes value(sealed.size() - kOverhead);
  const ByteView nonce = sealed.subspan(1, kNonceBytes);
  if (!decrypt(*Subkey(key, kForSealing), nonce, bytes_of(place), sealed.subspan(1 + kNonceBytes),
               value))
    return std::nullopt;
  return value;
}

}  // namespace keel::vault
