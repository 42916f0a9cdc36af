// Devices, their credentials, and whether they are there.
#include <algorithm>

#include "modules/devices/decide/commands.hpp"

namespace keel::devices {
namespace {

Error bad(std::string_view what) {
  return {kBadRequest, std::string(what)};
}

Result<> check_labels(const RegisterDevice& asked) {
  KEEL_TRY(check_range("groups", asked.groups.size(), 0, kMaxGroups));
  KEEL_TRY(check_range("tags", asked.tags.size(), 0, kMaxTags));
  for (const std::string& group : asked.groups) {
    KEEL_TRY(check_text("groups", group, kMaxLabel));
    if (group.empty()) return bad("groups: one has no name");
  }
  for (const Tag& tag : asked.tags) {
    KEEL_TRY(check_text("tags.name", tag.name, kMaxLabel));
    KEEL_TRY(check_text("tags.value", tag.value, kMaxLabel));
    if (tag.name.empty()) return bad("tags.name: one has no name");
  }
  return success();
}

Result<> check(const RegisterDevice& asked) {
  KEEL_TRY(check_name("device", asked.device, kMaxDeviceId));
  KEEL_TRY(check_text("name", asked.name));
  KEEL_TRY(check_text("model", asked.model));
  KEEL_TRY(check_text("serial_number", asked.serial_number));
  return check_labels(asked);
}

constexpr std::size_t kLabelRows =
    Contents::rows_of((kMaxGroups + 2 * kMaxTags) * (kMaxLabel + 4) + 4 * kMaxTags);

}  // namespace

Result<Outcome> decide(const Decision& d, const RegisterDevice& asked) {
  KEEL_TRY(check(asked));
  const DeviceRow* before = d.state.device(d.tenant(), asked.device);
  const std::uint64_t revision = before == nullptr ? 0 : before->revision;
  DeviceRegistered event{.device = asked.device,
                         .name = asked.name,
                         .model = asked.model,
                         .serial_number = asked.serial_number,
                         .groups = asked.groups,
                         .tags = asked.tags,
                         .blocked = asked.blocked,
                         .coalesce = asked.coalesce,
                         .revision = revision + 1,
                         .at = d.now()};
  std::ranges::sort(event.groups);
  std::ranges::sort(event.tags);
  if (std::ranges::adjacent_find(event.groups) != event.groups.end()) {
    return bad("groups: one stands twice");
  }
  if (std::ranges::adjacent_find(event.tags, {}, &Tag::name) != event.tags.end()) {
    return bad("tags: one name stands twice");
  }
  if (asked.expected_revision.value_or(revision) != revision) {
    return outcome(OutcomeCode::version_conflict);
  }
  if (before == nullptr) KEEL_TRY(room_in(d.state.devices));
  KEEL_TRY(room_in(d.state.labels, event.groups.size() + event.tags.size()));
  KEEL_TRY(room_in(d.state.contents.table(), kLabelRows));
  d.emit(event);
  d.answer(RegisterDevice::Answer{.revision = event.revision});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const SetCredentials& asked) {
  KEEL_TRY(check_name("device", asked.device, kMaxDeviceId));
  const std::string hash = asked.password_hash.value_or("");
  KEEL_TRY(check_text("password_hash", hash, kMaxPasswordHash));
  if (!hash.empty() && !hash.starts_with("$argon2id$")) {
    return bad("password_hash: \"$argon2id$...\" is wanted, never the password itself");
  }
  KEEL_TRY(check_text("certificate", asked.certificate.value_or(""), kMaxCertificateName));
  if (d.state.device(d.tenant(), asked.device) == nullptr) {
    return outcome(OutcomeCode::device_unknown);
  }
  CredentialsSet event{.device = asked.device};
  const CredentialsRow* before =
      d.state.credentials.find({.tenant = d.tenant(), .device = DeviceName(asked.device)});
  if (before != nullptr) {
    event.password_hash = before->password_hash.str();
    event.token = before->token;
    event.certificate = before->certificate.str();
  }
  if (asked.password_hash) event.password_hash = *asked.password_hash;
  if (asked.token) event.token = *asked.token;
  if (asked.certificate) event.certificate = *asked.certificate;
  d.emit(event);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const RemoveDevice& asked) {
  if (d.state.device(d.tenant(), asked.device) == nullptr) {
    return outcome(OutcomeCode::device_unknown);
  }
  d.emit(DeviceRemoved{.device = asked.device});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const SeeDevices& asked) {
  KEEL_TRY(check_range("devices", asked.devices.size(), 1, SeeDevices::kMost));
  DevicesSeen event;
  for (const SeeDevices::Seen& seen : asked.devices) {
    const DeviceRow* row = d.state.device(d.tenant(), seen.device);
    const Timestamp at = std::min(seen.at, d.now());
    if (row == nullptr || row->seen_at > at) continue;
    if (row->seen_at == at && (row->connected != 0) == seen.connected) continue;
    event.devices.push_back({.device = seen.device, .at = at, .connected = seen.connected});
  }
  if (!event.devices.empty()) d.emit(event);
  return outcome(OutcomeCode::done);
}

}  // namespace keel::devices
