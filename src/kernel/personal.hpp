// Personal data that can be forgotten (docs/decisions: "Personal data is sealed before it is
// applied"). A value that belongs to a person is sealed under a key of that person's own before the
// event that carries it is applied; tables, journal, snapshots and backups hold the sealed bytes.
// Whoever answers opens them as the answer leaves. Erasing the key erases the person everywhere at
// once, and changes no state: a replay after the erasure arrives at the same state hash.
//
// Keys live in a SubjectVault, outside of journal, snapshots and backups; the engine has one, tests
// have kernel/testing/fake_vault.hpp.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "kernel/types.hpp"

namespace keel::kernel {

// Whose data it is; chosen by the module, never a name or an address. Zero is nobody.
using SubjectId = StrongId<struct SubjectTag, uint128>;

struct Subject {
  TenantId tenant;
  SubjectId id;
  friend bool operator==(const Subject&, const Subject&) = default;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// Where a sealed value stands. It is bound to this place: it opens nowhere else.
struct SealedPlace {
  Subject subject;
  EventType event;          // the type of the event that first carried it
  std::uint32_t field = 0;  // its number in that event
};

// Never used twice with one key, unless for the same value at the same place.
using SealNonce = std::array<std::byte, 24>;

class SubjectVault {
 public:
  virtual ~SubjectVault() = default;

  // Appends the sealed value to `sealed`: the same for the same place, nonce and value, so that a
  // decision can be repeated. Longer than the value by at most kSealOverhead. kSubjectErased when
  // the person's key is gone for ever, kSubjectUnknown when it was never made or is not at hand
  // (Module::needs names the subjects of a command).
  virtual Result<> seal(const SealedPlace& place, const SealNonce& nonce, ByteView value,
                        Bytes& sealed) const = 0;

  // The value; nullopt when the person has been erased. kSealBroken when these bytes were not
  // sealed for this place.
  virtual Result<std::optional<Bytes>> open(const SealedPlace& place, ByteView sealed) const = 0;
};

inline constexpr std::size_t kSealOverhead = 64;

}  // namespace keel::kernel
