// Queries of devices by brute force.
#include <algorithm>

#include "base/describe/wire.hpp"
#include "sim/torture/charging/encoded.hpp"
#include "sim/torture/devices/devices_oracle.hpp"

namespace keel::torture {

namespace {

using namespace devices;  // the whole file speaks of its words

std::size_t page_of(std::uint32_t limit, std::uint32_t most = kMaxPage) {
  return limit == 0 ? most : std::min(limit, most);
}

GetCredentials::Answer look_up(const DevicesTenant& tenant, const GetCredentials& asked) {
  const auto found = tenant.devices.find(asked.device);
  if (found == tenant.devices.end()) return {};
  const KnownDevice& known = found->second;
  return {.found = true,
          .blocked = known.last.blocked,
          .password_hash = known.credentials.password_hash,
          .token = known.credentials.token,
          .certificate = known.credentials.certificate};
}

DeviceView view_of(const std::string& device, const KnownDevice& known) {
  return {.device = device,
          .name = known.last.name,
          .model = known.last.model,
          .serial_number = known.last.serial_number,
          .groups = known.last.groups,
          .tags = known.last.tags,
          .blocked = known.last.blocked,
          .coalesce = known.coalesce,
          .has_password = !known.credentials.password_hash.empty(),
          .has_token = known.credentials.token != Digest{},
          .certificate = known.credentials.certificate,
          .revision = known.last.revision,
          .created_at = known.created_at,
          .changed_at = known.last.at,
          .seen_at = known.seen_at,
          .connected = known.connected,
          .desired_version = known.desired.version,
          .reported_version = known.reported.version,
          .kept_changes = known.kept.size()};
}

// The page ends at the last device that was looked at when there is another to look at.
ListDevices::Answer look_up(const DevicesTenant& tenant, const ListDevices& asked) {
  ListDevices::Answer answer;
  std::string last;
  for (const auto& [device, known] : tenant.devices) {
    if (!asked.only.empty()) {
      if (device == asked.only) answer.devices.push_back(view_of(device, known));
      continue;
    }
    const auto has = [](const auto& all, const auto& one) {
      return std::ranges::find(all, one) != all.end();
    };
    const bool in_group = asked.group.empty() || has(known.last.groups, asked.group);
    const bool has_tag = !asked.tag || has(known.last.tags, *asked.tag);
    const bool is_looked_at = asked.group.empty() ? has_tag : in_group;
    if (device <= asked.after || !is_looked_at) continue;
    if (answer.devices.size() == page_of(asked.limit)) {
      answer.next = last;
      break;
    }
    last = device;
    if (has_tag && (known.connected || !asked.connected)) {
      answer.devices.push_back(view_of(device, known));
    }
  }
  return answer;
}

GetTwin::Answer look_up(const DevicesTenant& tenant, const GetTwin& asked) {
  const auto found = tenant.devices.find(asked.device);
  if (found == tenant.devices.end()) return {};
  const KnownDevice& known = found->second;
  return {.found = true,
          .desired = testing::write(known.desired.document),
          .reported = testing::write(known.reported.document),
          .delta = testing::write(testing::delta(known.desired.document, known.reported.document)),
          .desired_times = known.desired.metadata(),
          .reported_times = known.reported.metadata(),
          .desired_version = known.desired.version,
          .reported_version = known.reported.version,
          .kept_from = known.kept_from,
          .coalesce = known.coalesce};
}

ListChanges::Answer look_up(const DevicesTenant& tenant, const ListChanges& asked) {
  const auto found = tenant.devices.find(asked.device);
  if (found == tenant.devices.end()) return {};
  const KnownDevice& known = found->second;
  ListChanges::Answer answer{
      .found = true, .kept_from = known.kept_from, .version = known.desired.version};
  for (const Change& change : known.kept) {
    if (change.version <= asked.after) continue;
    if (answer.changes.size() == page_of(asked.limit, ListChanges::kMost)) {
      answer.more = true;
      break;
    }
    answer.changes.push_back(change);
  }
  return answer;
}

ListUnpublished::Answer look_up(const DevicesTenant& tenant, const ListUnpublished& asked) {
  ListUnpublished::Answer answer;
  for (const auto& [device, known] : tenant.devices) {
    if (device <= asked.after || known.published == known.desired.version) continue;
    if (answer.devices.size() == page_of(asked.limit)) {
      answer.next = answer.devices.back().device;
      break;
    }
    answer.devices.push_back({.device = device, .version = known.published});
  }
  return answer;
}

GetCall::Answer look_up(const DevicesTenant& tenant, const GetCall& asked) {
  const auto found = tenant.calls.find(asked.call);
  if (found == tenant.calls.end()) return {};
  return {.found = true, .call = found->second.view};
}

ListOpenCalls::Answer look_up(const DevicesTenant& tenant, const ListOpenCalls& asked) {
  std::map<std::pair<Timestamp, CallId>, const CallView*> open;
  for (const auto& [id, call] : tenant.calls) {
    if (call.view.result == CallResult::open) open[{call.view.requested_at, id}] = &call.view;
  }
  ListOpenCalls::Answer answer;
  for (const auto& [place, view] : open) {
    if (place <= std::pair(asked.after_time, asked.after)) continue;
    if (answer.calls.size() == ListOpenCalls::kMost) {
      answer.more = true;
      break;
    }
    answer.calls.push_back(*view);
  }
  return answer;
}

template <typename Query>
bool answered(const DevicesTenant& tenant, const Ask& ask, std::optional<Bytes>& answer) {
  if (ask.type != Query::kType.value()) return false;
  const auto asked = decode<Query>(ask.payload);
  if (asked.ok()) answer = encoded(look_up(tenant, *asked));
  return true;
}

}  // namespace

std::optional<Bytes> answer_by_hand(const DevicesTenant& tenant, const Ask& ask) {
  std::optional<Bytes> answer;
  static_cast<void>(
      answered<GetCredentials>(tenant, ask, answer) || answered<ListDevices>(tenant, ask, answer) ||
      answered<GetTwin>(tenant, ask, answer) || answered<ListChanges>(tenant, ask, answer) ||
      answered<ListUnpublished>(tenant, ask, answer) || answered<GetCall>(tenant, ask, answer) ||
      answered<ListOpenCalls>(tenant, ask, answer));
  return answer;
}

}  // namespace keel::torture
