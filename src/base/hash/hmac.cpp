#include "base/hash/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace keel {
namespace {

EVP_MAC* algorithm() {
  static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  KEEL_ASSERT(fetched != nullptr);
  return fetched;
}

const unsigned char* unsigned_data(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

void HmacSha256::Free::operator()(evp_mac_ctx_st* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(ByteView key) : context_(EVP_MAC_CTX_new(algorithm())) {
  KEEL_ASSERT(context_ != nullptr);
  std::string digest_name = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  // OpenSSL takes a null pointer for "the key of before": an empty key needs an address too.
  constexpr unsigned char kNoKey = 0;
  const unsigned char* start = key.empty() ? &kNoKey : unsigned_data(key);
  const int ok = EVP_MAC_init(context_.get(), start, key.size(), parameters.data());
  KEEL_ASSERT(ok == 1);
}

Digest HmacSha256::sign(std::initializer_list<ByteView> pieces) {
  // Without a key and parameters: begins anew under the prepared ones.
  int ok = EVP_MAC_init(context_.get(), nullptr, 0, nullptr);
  KEEL_ASSERT(ok == 1);
  for (ByteView piece : pieces) {
    ok = EVP_MAC_update(context_.get(), unsigned_data(piece), piece.size());
    KEEL_ASSERT(ok == 1);
  }
  Digest code;
  std::size_t size = 0;
  ok = EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(code.data()), &size,
                     code.size());
  KEEL_ASSERT(ok == 1);
  KEEL_ASSERT(size == code.size());
  return code;
}

Digest hmac_sha256(ByteView key, ByteView bytes) {
  return HmacSha256(key).sign(bytes);
}

}  // namespace keel
