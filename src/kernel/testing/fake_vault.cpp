#include "kernel/testing/fake_vault.hpp"

#include "base/hash/hmac.hpp"
#include "base/hash/sha256.hpp"
#include "kernel/errors.hpp"

namespace keel::kernel::testing {
namespace {

constexpr std::size_t kTagBytes = 32;

// Nonce and ciphertext under the tag's key, bound to the place.
Digest tag_of(const Digest& key, const SealedPlace& place, ByteView nonce_and_text) {
  Bytes message;
  append(message, object_bytes(place.subject.tenant));
  append(message, object_bytes(place.subject.id));
  append(message, object_bytes(place.event));
  append(message, object_bytes(place.field));
  append(message, nonce_and_text);
  return hmac_sha256(key, message);
}

void apply_key_stream(const Digest& key, ByteView nonce, ByteSpan text) {
  for (std::uint64_t at = 0; at < text.size(); ++at) {
    Bytes block(nonce.begin(), nonce.end());
    append(block, object_bytes(at));
    text[at] ^= hmac_sha256(key, block)[0];
  }
}

}  // namespace

void FakeVault::admit(const Subject& subject) {
  const Digest key = sha256({as_bytes("fake key"), object_bytes(subject.tenant.value()),
                             object_bytes(subject.id.value())});
  keys_.try_emplace(subject, key);
}

void FakeVault::erase(const Subject& subject) {
  keys_[subject] = std::nullopt;
}

Result<> FakeVault::seal(const SealedPlace& place, const SealNonce& nonce, ByteView value,
                         Bytes& sealed) const {
  const auto found = keys_.find(place.subject);
  if (found == keys_.end()) return kSubjectUnknown;
  if (!found->second) return kSubjectErased;
  Bytes text(nonce.begin(), nonce.end());
  append(text, value);
  apply_key_stream(*found->second, nonce, ByteSpan(text).subspan(nonce.size()));
  append(sealed, text);
  append(sealed, tag_of(*found->second, place, text));
  return success();
}

Result<std::optional<Bytes>> FakeVault::open(const SealedPlace& place, ByteView sealed) const {
  const auto found = keys_.find(place.subject);
  if (found == keys_.end()) return kSubjectUnknown;
  if (!found->second) return std::optional<Bytes>();
  if (sealed.size() < sizeof(SealNonce) + kTagBytes) return kSealBroken;
  const ByteView text = sealed.first(sealed.size() - kTagBytes);
  if (!equal_in_constant_time(tag_of(*found->second, place, text), sealed.last(kTagBytes))) {
    return kSealBroken;
  }
  Bytes value(text.begin() + sizeof(SealNonce), text.end());
  apply_key_stream(*found->second, text.first(sizeof(SealNonce)), value);
  return std::optional<Bytes>(std::move(value));
}

}  // namespace keel::kernel::testing
