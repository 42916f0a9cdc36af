#include "base/hash/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace keel {
namespace {

// Fetched once, kept until the process ends: the fetch walks the providers under a lock.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  KEEL_ASSERT(fetched != nullptr);
  return fetched;
}

// The context of the one-shot functions, one a thread.
Sha256& shared_context() {
  thread_local Sha256 context;
  return context;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  KEEL_ASSERT(context_ != nullptr);
  reset();
}

void Sha256::reset() {
  const int ok = EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr);
  KEEL_ASSERT(ok == 1);
}

void Sha256::update(ByteView bytes) {
  const int ok = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  KEEL_ASSERT(ok == 1);
}

Digest Sha256::finish() {
  Digest digest;
  const int ok =
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  KEEL_ASSERT(ok == 1);
  reset();
  return digest;
}

Digest sha256(ByteView bytes) {
  return sha256({bytes});
}

Digest sha256(std::initializer_list<ByteView> pieces) {
  Sha256& context = shared_context();
  for (ByteView piece : pieces) context.update(piece);
  return context.finish();
}

bool equal_in_constant_time(ByteView left, ByteView right) noexcept {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace keel
