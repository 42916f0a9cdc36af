// The keys and rows of devices' tables: no padding, the tenant first in every key. Private to this
// folder.
#pragma once

#include <array>

#include "base/hash/digest.hpp"
#include "base/text/fixed_text.hpp"
#include "modules/devices/events.hpp"

namespace keel::devices {

using DeviceName = FixedText<kMaxDeviceId>;
using ShortText = FixedText<kMaxShortText>;
// Names the contents of a device; never given again.
using DeviceNumber = StrongId<struct DeviceNumberTag, std::uint64_t>;

struct DeviceKey {
  TenantId tenant{};
  DeviceName device{};
  friend auto operator<=>(const DeviceKey&, const DeviceKey&) = default;
};
struct DeviceRow {
  DeviceNumber number{};
  std::uint64_t revision = 0;
  TwinVersion desired_version = 0;
  TwinVersion reported_version = 0;
  TwinVersion published_version = 0;  // of desired
  TwinVersion kept_from = 0;          // every change after it, up to desired_version, is kept
  std::uint64_t kept_bytes = 0;       // of their patches
  Timestamp created_at{};
  Timestamp changed_at{};
  Timestamp seen_at{};
  std::uint8_t blocked = 0;
  std::uint8_t coalesce = 0;
  std::uint8_t connected = 0;
  std::array<std::uint8_t, 5> reserved{};
  ShortText name{};
  ShortText model{};
  ShortText serial_number{};
};

struct CredentialsRow {
  FixedText<kMaxPasswordHash + 1> password_hash{};
  Digest token{};
  FixedText<kMaxCertificateName> certificate{};
};

// What a device is found by: a group, or a tag with its value.
struct LabelKey {
  TenantId tenant{};
  Digest label{};
  DeviceName device{};
  friend auto operator<=>(const LabelKey&, const LabelKey&) = default;
};

// Bytes of any length, in pieces; the first begins with their number.
enum class ContentKind : std::uint32_t {
  desired = 0,
  reported = 1,
  labels = 2,
  change = 3,        // `low` is its version
  call_payload = 4,  // `high` and `low` are the call's id
  call_answer = 5,
};
struct ContentName {
  TenantId tenant{};
  ContentKind kind{};
  std::uint64_t high = 0;  // the device's number
  std::uint64_t low = 0;
};
struct ContentKey {
  ContentName name{};
  std::uint64_t piece = 0;
};
inline constexpr std::size_t kContentPiece = 128;
struct ContentRow {
  std::array<std::byte, kContentPiece> bytes{};
};

struct CallKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  CallId call{};
};
struct CallRow {
  Timestamp requested_at{};
  Timestamp sent_at{};
  Timestamp deadline{};
  Timestamp ended_at{};
  Timestamp due{};
  std::int32_t status{};
  CallResult result{};
  std::array<std::uint8_t, 3> reserved{};
  DeviceName device{};
  ShortText method{};
};
struct OpenCallKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  Timestamp requested_at{};
  CallId call{};
  friend auto operator<=>(const OpenCallKey&, const OpenCallKey&) = default;
};
// What time looks at next, over all tenants: a call's deadline, or the end of the day after it.
struct DueKey {
  Timestamp at{};
  TenantId tenant{};
  std::uint32_t reserved = 0;
  CallId call{};
  friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

// The one row of what is counted.
struct TotalsKey {
  std::uint64_t zero = 0;
};
struct TotalsRow {
  DeviceNumber next_device{1};
};

}  // namespace keel::devices
