// SHA-256 (FIPS 180-4), by OpenSSL. The algorithm is fetched once a process, contexts are reused: a
// short message costs no allocation and no look-up.
#pragma once

#include <initializer_list>
#include <memory>

#include "base/hash/digest.hpp"

struct evp_md_ctx_st;

namespace keel {

// Hashes a message that arrives in pieces. Movable; belongs to one thread at a time. A moved-from
// Sha256 may only be destroyed or assigned to.
class Sha256 {
 public:
  Sha256();

  void update(ByteView bytes);

  // The digest of all that came since the last reset; begins anew.
  [[nodiscard]] Digest finish();

  // Forgets what has come since the last finish() and begins anew.
  void reset();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// One message. Safe on any thread.
[[nodiscard]] Digest sha256(ByteView bytes);
// One message that lies in several pieces: the digest of their concatenation, without any
// separator.
[[nodiscard]] Digest sha256(std::initializer_list<ByteView> pieces);

}  // namespace keel
