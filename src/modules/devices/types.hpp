// The words of devices: ids, bounds and states that commands, events and answers share. No word of
// a protocol: servers map theirs to these. Numbers are for ever.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "base/ids.hpp"
#include "kernel/types.hpp"

namespace keel::devices {

inline constexpr kernel::ModuleId kModule{5};

using CallId = StrongId<struct MethodCallTag, uint128>;  // chosen by whoever asks; never zero
// Counts the changes of one part of one twin, from 1; zero: none yet.
using TwinVersion = std::uint64_t;

// Bounds of texts are in bytes; what is longer is refused.
inline constexpr std::size_t kMaxDeviceId = 64;  // A-Z a-z 0-9 . _ : -
inline constexpr std::size_t kMaxShortText = 64;
inline constexpr std::size_t kMaxLabel = 48;  // a group, a tag's name or its value
inline constexpr std::size_t kMaxGroups = 16;
inline constexpr std::size_t kMaxTags = 32;
inline constexpr std::size_t kMaxPasswordHash = 127;
inline constexpr std::size_t kMaxCertificateName = 160;
inline constexpr std::size_t kMaxPatch = std::size_t{8} << 10;        // of a merge patch
inline constexpr std::size_t kMaxCallPayload = std::size_t{8} << 10;  // and of an answer
inline constexpr std::uint32_t kMaxTimeoutSeconds = 86'400;

enum class TwinPart : std::uint8_t {
  desired = 0,   // what the operator wants the device to be
  reported = 1,  // what the device says that it is
};
constexpr auto description(std::type_identity<TwinPart>) {
  using enum TwinPart;
  return describe_enum<TwinPart>("keel.devices.TwinPart", enumerator("desired", desired),
                                 enumerator("reported", reported));
}

// How a call of a method stands. The first that is known of its end counts, but for an answer that
// came after its time.
enum class CallResult : std::uint8_t {
  open = 0,
  answered = 1,       // the device's status says how it went
  timed_out = 2,      // no answer in time: whether it was done is not known
  late_answered = 3,  // after it had timed out
  not_sent = 4,       // the device was not there: it was not done
};
constexpr auto description(std::type_identity<CallResult>) {
  using enum CallResult;
  return describe_enum<CallResult>(
      "keel.devices.CallResult", enumerator("open", open), enumerator("answered", answered),
      enumerator("timed_out", timed_out), enumerator("late_answered", late_answered),
      enumerator("not_sent", not_sent));
}

struct Tag {
  std::string name;
  std::string value;
  friend bool operator==(const Tag&, const Tag&) = default;
  friend auto operator<=>(const Tag&, const Tag&) = default;
  static constexpr auto description() {
    return describe<Tag>("keel.devices.Tag", field<1>("name", &Tag::name, required()),
                         field<2>("value", &Tag::value));
  }
};

// How a command ended. Every one but `done` has changed nothing but that it was asked.
enum class OutcomeCode : std::uint16_t {
  done = 0,
  device_unknown = 1,    // not registered
  device_blocked = 2,    // by the operator
  version_conflict = 3,  // it is not the version that was expected
  changes_full = 4,      // the device has not taken what is kept for it
  call_unknown = 5,      // or of another device
  call_exists = 6,
  call_ended = 7,  // its end is known already
};
constexpr auto description(std::type_identity<OutcomeCode>) {
  using enum OutcomeCode;
  return describe_enum<OutcomeCode>(
      "keel.devices.OutcomeCode", enumerator("done", done),
      enumerator("device_unknown", device_unknown), enumerator("device_blocked", device_blocked),
      enumerator("version_conflict", version_conflict), enumerator("changes_full", changes_full),
      enumerator("call_unknown", call_unknown), enumerator("call_exists", call_exists),
      enumerator("call_ended", call_ended));
}

}  // namespace keel::devices
