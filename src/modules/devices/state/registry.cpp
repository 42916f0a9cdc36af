// What the facts of the registry and of presence change.
#include <algorithm>

#include "base/describe/wire.hpp"
#include "modules/devices/state/state.hpp"

namespace keel::devices {
namespace {

std::vector<Digest> digests_of(const Labels& labels) {
  std::vector<Digest> all;
  all.reserve(labels.groups.size() + labels.tags.size());
  for (const std::string& group : labels.groups) all.push_back(label_of_group(group));
  for (const Tag& tag : labels.tags) all.push_back(label_of_tag(tag));
  std::ranges::sort(all);
  return all;
}

}  // namespace

void State::set_labels(const DeviceKey& key, const DeviceRow& row, const Labels& wanted) {
  const std::vector<Digest> before = digests_of(labels_of(key.tenant, row));
  const std::vector<Digest> after = digests_of(wanted);
  const auto at = [&](const Digest& label) {
    return LabelKey{.tenant = key.tenant, .label = label, .device = key.device};
  };
  for (const Digest& label : before) {
    if (!std::ranges::binary_search(after, label)) labels.erase(at(label));
  }
  for (const Digest& label : after) {
    if (!std::ranges::binary_search(before, label)) labels.insert(at(label));
  }
  Bytes kept;
  encode(wanted, kept);
  contents.put(content_of(key.tenant, row, ContentKind::labels), kept);
}

void State::apply(TenantId tenant, const DeviceRegistered& event) {
  const DeviceKey key{.tenant = tenant, .device = DeviceName(event.device)};
  if (!devices.contains(key)) {
    if (!totals.contains({})) totals.insert({}, {});
    const DeviceNumber number = totals.find({})->next_device;
    totals.modify({}, [&](TotalsRow& row) { row.next_device = DeviceNumber(number.value() + 1); });
    names.insert(key);
    devices.insert(key, {.number = number, .created_at = event.at});
  }
  devices.modify(key, [&](DeviceRow& row) {
    row.name = ShortText(event.name);
    row.model = ShortText(event.model);
    row.serial_number = ShortText(event.serial_number);
    row.blocked = event.blocked ? 1 : 0;
    row.coalesce = event.coalesce ? 1 : 0;
    row.revision = event.revision;
    row.changed_at = event.at;
  });
  if (event.coalesce) let_go(key, devices.find(key)->desired_version);
  set_labels(key, *devices.find(key), {.groups = event.groups, .tags = event.tags});
}

void State::apply(TenantId tenant, const CredentialsSet& event) {
  const DeviceKey key{.tenant = tenant, .device = DeviceName(event.device)};
  const CredentialsRow row{.password_hash = FixedText<kMaxPasswordHash + 1>(event.password_hash),
                           .token = event.token,
                           .certificate = FixedText<kMaxCertificateName>(event.certificate)};
  if (credentials.contains(key)) {
    credentials.modify(key, [&](CredentialsRow& stored) { stored = row; });
  } else {
    credentials.insert(key, row);
  }
}

void State::apply(TenantId tenant, const DeviceRemoved& event) {
  const DeviceKey key{.tenant = tenant, .device = DeviceName(event.device)};
  let_go(key, devices.find(key)->desired_version);
  const DeviceRow row = *devices.find(key);
  set_labels(key, row, {});
  for (const ContentKind kind :
       {ContentKind::desired, ContentKind::reported, ContentKind::labels}) {
    contents.put(content_of(tenant, row, kind), {});
  }
  forget_unpublished(key);
  if (credentials.contains(key)) credentials.erase(key);
  devices.erase(key);
  names.erase(key);
}

void State::apply(TenantId tenant, const DevicesSeen& event) {
  for (const SeeDevices::Seen& seen : event.devices) {
    const DeviceKey key{.tenant = tenant, .device = DeviceName(seen.device)};
    const DeviceRow* row = devices.find(key);
    if (row == nullptr || row->seen_at > seen.at) continue;
    devices.modify(key, [&](DeviceRow& stored) {
      stored.seen_at = seen.at;
      stored.connected = seen.connected ? 1 : 0;
    });
  }
}

}  // namespace keel::devices
