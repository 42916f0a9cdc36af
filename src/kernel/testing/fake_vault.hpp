// FakeVault: a SubjectVault in memory. It seals with HMAC-SHA256 as key stream and tag, so a value
// that is moved, changed or read without its key is noticed as by a real one. For tests only.
#pragma once

#include <map>
#include <optional>

#include "base/hash/digest.hpp"
#include "kernel/personal.hpp"

namespace keel::kernel::testing {

class FakeVault final : public SubjectVault {
 public:
  // Makes a key for the person. Nothing when they have one or have been erased.
  void admit(const Subject& subject);
  // Destroys the person's key for ever.
  void erase(const Subject& subject);

  Result<> seal(const SealedPlace& place, const SealNonce& nonce, ByteView value,
                Bytes& sealed) const override;
  Result<std::optional<Bytes>> open(const SealedPlace& place, ByteView sealed) const override;

 private:
  std::map<Subject, std::optional<Digest>> keys_;  // nullopt: erased
};

}  // namespace keel::kernel::testing
