#include "node/ocmf/verify.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>

#include "base/text/base64.hpp"
#include "node/ocmf/errors.hpp"

namespace keel::node {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

const unsigned char* raw(ByteView bytes) {
  return static_cast<const unsigned char*>(static_cast<const void*>(bytes.data()));
}

int group_of(ocmf::Curve curve) {
  switch (curve) {
    case ocmf::Curve::secp192k1:
      return NID_secp192k1;
    case ocmf::Curve::secp256k1:
      return NID_secp256k1;
    case ocmf::Curve::secp192r1:
      return NID_X9_62_prime192v1;
    case ocmf::Curve::secp256r1:
      return NID_X9_62_prime256v1;
    case ocmf::Curve::secp384r1:
      return NID_secp384r1;
    case ocmf::Curve::brainpool256r1:
      return NID_brainpoolP256r1;
    case ocmf::Curve::brainpool384r1:
      return NID_brainpoolP384r1;
  }
  return NID_undef;
}

Result<Key> read_key(ByteView der) {
  const unsigned char* at = raw(der);
  Key key(::d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != raw(der) + der.size())
    return Error(kBadMeterKey, "not a SubjectPublicKeyInfo in DER");
  return key;
}

// The key's curve; NID_undef: it has none.
int group_of(const EVP_PKEY* key) {
  std::array<char, 64> name;
  std::size_t size = 0;
  if (::EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return NID_undef;
  return ::OBJ_txt2nid(name.data());
}

}  // namespace

Result<> verify(const ocmf::SignedValue& value, std::string_view public_key) {
  auto der = from_hex(public_key);
  if (!der.ok()) der = from_base64(public_key);
  if (!der.ok()) return Error(kBadMeterKey, "neither hexadecimal digits nor base64");
  return verify(value, ByteView(*der));
}

Result<> verify(const ocmf::SignedValue& value, ByteView public_key) {
  const Key key = KEEL_TRY(read_key(public_key));
  if (group_of(key.get()) != group_of(value.curve))
    return Error(kForgedReading, "the key is not on " + std::string(ocmf::to_string(value.curve)));
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(::EVP_MD_CTX_new());
  const ByteView payload = as_bytes(value.payload);
  const bool holds =
      context != nullptr &&
      ::EVP_DigestVerifyInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) == 1 &&
      ::EVP_DigestVerify(context.get(), raw(value.signature), value.signature.size(), raw(payload),
                         payload.size()) == 1;
  if (!holds) return Error(kForgedReading, "the signature is not this key's of this payload");
  return success();
}

}  // namespace keel::node
