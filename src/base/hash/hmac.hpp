// HMAC-SHA256 (RFC 2104, FIPS 198-1), by OpenSSL. The key is prepared once and serves many
// messages.
#pragma once

#include <initializer_list>
#include <memory>

#include "base/hash/digest.hpp"

struct evp_mac_ctx_st;

namespace keel {

// Signs messages under one key. The key is copied into OpenSSL's context and wiped when that dies.
// Movable; belongs to one thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);

  // The code of the concatenated pieces.
  [[nodiscard]] Digest sign(std::initializer_list<ByteView> pieces);
  [[nodiscard]] Digest sign(ByteView bytes) { return sign({bytes}); }

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

// One message under a key that is used once; a key that is used again belongs in a HmacSha256.
[[nodiscard]] Digest hmac_sha256(ByteView key, ByteView bytes);

}  // namespace keel
