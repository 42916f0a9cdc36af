// What the facts of twins and of calls change.
#include "modules/devices/state/state.hpp"
#include "modules/devices/twin/merge.hpp"
#include "modules/devices/twin/read_json.hpp"
#include "modules/devices/twin/stored.hpp"

namespace keel::devices {
namespace {

constexpr Duration kDay = Duration::seconds(86'400);

// What was decided under one bound is read under any.
constexpr TwinLimits kNoLimits{.bytes = std::size_t{1} << 40,
                               .depth = UINT32_MAX,
                               .keys = UINT32_MAX,
                               .key_bytes = SIZE_MAX,
                               .number_bytes = SIZE_MAX};

constexpr ContentKind kind_of(TwinPart part) {
  return part == TwinPart::desired ? ContentKind::desired : ContentKind::reported;
}

// A kept change: its time, then its patch.
Bytes kept_form(const TwinUpdated& event) {
  Bytes bytes;
  append(bytes, object_bytes(event.at.ns));
  append(bytes, as_bytes(event.patch));
  return bytes;
}

}  // namespace

void State::let_go(const DeviceKey& key, TwinVersion up_to) {
  const DeviceRow& row = *devices.find(key);
  if (up_to <= row.kept_from) return;
  const DeviceRow before = row;
  std::uint64_t bytes = 0;
  for (TwinVersion version = before.kept_from + 1; version <= up_to; ++version) {
    const ContentName name = content_of(key.tenant, before, ContentKind::change, version);
    bytes += contents.find(name).size() - sizeof(std::int64_t);
    contents.put(name, {});
  }
  devices.modify(key, [&](DeviceRow& stored) {
    stored.kept_from = up_to;
    stored.kept_bytes -= bytes;
  });
}

void State::forget_unpublished(const DeviceKey& key) {
  if (unpublished.contains(key)) unpublished.erase(key);
}

void State::apply(TenantId tenant, const TwinUpdated& event) {
  const DeviceKey key{.tenant = tenant, .device = DeviceName(event.device)};
  const DeviceRow row = *devices.find(key);
  Node node;
  if (event.patch == "null") {
    node.set_at = event.at;
  } else {
    node = part(tenant, row, event.part);
    merge(node, read_document(event.patch, kNoLimits).value(), event.at);
  }
  contents.put(content_of(tenant, row, kind_of(event.part)), stored_form(node));
  if (event.part == TwinPart::reported) {
    devices.modify(key, [&](DeviceRow& stored) { stored.reported_version = event.version; });
    return;
  }
  if (event.kept) {
    contents.put(content_of(tenant, row, ContentKind::change, event.version), kept_form(event));
  }
  devices.modify(key, [&](DeviceRow& stored) {
    stored.desired_version = event.version;
    if (event.kept) {
      stored.kept_bytes += event.patch.size();
    } else {
      stored.kept_from = event.version;
    }
  });
  if (!unpublished.contains(key)) unpublished.insert(key);
}

void State::apply(TenantId tenant, const ChangesTaken& event) {
  const DeviceKey key{.tenant = tenant, .device = DeviceName(event.device)};
  let_go(key, event.up_to);
  const std::uint8_t coalesce = event.coalesce ? 1 : 0;
  if (devices.find(key)->coalesce == coalesce) return;
  devices.modify(key, [&](DeviceRow& row) { row.coalesce = coalesce; });
}

void State::apply(TenantId tenant, const TwinsPublished& event) {
  for (const PublishTwins::Published& published : event.devices) {
    const DeviceKey key{.tenant = tenant, .device = DeviceName(published.device)};
    const DeviceRow* row = devices.find(key);
    if (row == nullptr || row->published_version >= published.version) continue;
    const bool is_all = published.version == row->desired_version;
    devices.modify(key, [&](DeviceRow& stored) { stored.published_version = published.version; });
    if (is_all) forget_unpublished(key);
  }
}

void State::apply(TenantId tenant, const MethodCalled& event) {
  const CallKey key{.tenant = tenant, .call = event.call};
  calls.insert(key, {.requested_at = event.requested_at,
                     .deadline = event.deadline,
                     .due = event.deadline,
                     .device = DeviceName(event.device),
                     .method = ShortText(event.method)});
  contents.put(content_of(tenant, event.call, ContentKind::call_payload), as_bytes(event.payload));
  open_calls.insert({.tenant = tenant, .requested_at = event.requested_at, .call = event.call});
  due.insert({.at = event.deadline, .tenant = tenant, .call = event.call});
}

void State::apply(TenantId tenant, const MethodSent& event) {
  calls.modify({.tenant = tenant, .call = event.call},
               [&](CallRow& row) { row.sent_at = event.at; });
}

void State::set_due(const CallKey& key, Timestamp at) {
  due.erase({.at = calls.find(key)->due, .tenant = key.tenant, .call = key.call});
  due.insert({.at = at, .tenant = key.tenant, .call = key.call});
  calls.modify(key, [&](CallRow& row) { row.due = at; });
}

void State::apply(TenantId tenant, const MethodEnded& event) {
  const CallKey key{.tenant = tenant, .call = event.call};
  const CallRow& row = *calls.find(key);
  const OpenCallKey open{.tenant = tenant, .requested_at = row.requested_at, .call = event.call};
  if (row.result == CallResult::open) open_calls.erase(open);
  set_due(key, event.at + kDay);
  calls.modify(key, [&](CallRow& stored) {
    stored.result = event.result;
    stored.status = event.status;
    stored.ended_at = event.at;
  });
  contents.put(content_of(tenant, event.call, ContentKind::call_answer), as_bytes(event.payload));
}

void State::apply(TenantId tenant, const MethodForgotten& event) {
  const CallKey key{.tenant = tenant, .call = event.call};
  due.erase({.at = calls.find(key)->due, .tenant = tenant, .call = event.call});
  calls.erase(key);
  contents.put(content_of(tenant, event.call, ContentKind::call_payload), {});
  contents.put(content_of(tenant, event.call, ContentKind::call_answer), {});
}

}  // namespace keel::devices
