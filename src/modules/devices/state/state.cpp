#include "modules/devices/state/state.hpp"

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "modules/devices/twin/stored.hpp"

namespace keel::devices {
namespace {

constexpr kernel::TableId table(std::uint16_t number) {
  return {kModule, number};
}

kernel::TableOptions at_most(std::uint64_t rows, std::string_view setting = {}) {
  return {.max_rows = rows, .setting = setting};
}

// Reads the event as the first of the types that it is of; false: of none.
template <typename... Events, typename Visit>
bool dispatch(const kernel::Event& event, Visit&& visit) {
  const auto look = [&]<typename E>(std::type_identity<E>) {
    if (event.type != E::kEventType) return false;
    visit(decode<E>(event.payload).value());
    return true;
  };
  return (look(std::type_identity<Events>{}) || ...);
}

}  // namespace

Digest label_of_group(std::string_view group) {
  return sha256({as_bytes("group"), as_bytes(std::string_view("\0", 1)), as_bytes(group)});
}

Digest label_of_tag(const Tag& tag) {
  const std::string_view zero("\0", 1);  // that neither of them has
  return sha256(
      {as_bytes("tag"), as_bytes(zero), as_bytes(tag.name), as_bytes(zero), as_bytes(tag.value)});
}

State::State(kernel::UndoLog& undo, kernel::HashSeed seed, const DevicesOptions& o)
    : options(o),
      totals(table(1), "devices.totals", undo, seed, at_most(1)),
      names(table(2), "devices.names", undo, at_most(o.max_devices)),
      devices(table(3), "devices.devices", undo, seed,
              at_most(o.max_devices, "devices.max_devices")),
      credentials(table(4), "devices.credentials", undo, seed, at_most(o.max_devices)),
      labels(table(5), "devices.labels", undo, at_most(o.max_labels, "devices.max_labels")),
      contents(table(6), undo, seed, at_most(o.max_content_rows, "devices.max_content_rows")),
      unpublished(table(7), "devices.unpublished", undo, at_most(o.max_devices)),
      calls(table(8), "devices.calls", undo, seed, at_most(o.max_calls, "devices.max_calls")),
      open_calls(table(9), "devices.open_calls", undo, at_most(o.max_calls)),
      due(table(10), "devices.due", undo, at_most(o.max_calls)),
      all_{&totals,           &names,       &devices, &credentials, &labels,
           &contents.table(), &unpublished, &calls,   &open_calls,  &due} {}

const DeviceRow* State::device(TenantId tenant, std::string_view device) const {
  if (device.size() > kMaxDeviceId) return nullptr;
  return devices.find({.tenant = tenant, .device = DeviceName(device)});
}

Node State::part(TenantId tenant, const DeviceRow& row, TwinPart part) const {
  const ContentKind kind = part == TwinPart::desired ? ContentKind::desired : ContentKind::reported;
  return from_stored_form(contents.find(content_of(tenant, row, kind)));
}

Labels State::labels_of(TenantId tenant, const DeviceRow& row) const {
  return decode<Labels>(contents.find(content_of(tenant, row, ContentKind::labels))).value();
}

void State::apply(const kernel::Event& event) {
  const auto visit = [&](const auto& fact) { apply(event.tenant, fact); };
  const bool known =
      dispatch<TwinUpdated, DevicesSeen, TwinsPublished, ChangesTaken, MethodCalled, MethodSent,
               MethodEnded, MethodForgotten, DeviceRegistered, CredentialsSet, DeviceRemoved>(
          event, visit);
  KEEL_ASSERT(known);
}

ContentName content_of(TenantId tenant, const DeviceRow& row, ContentKind kind,
                       TwinVersion version) {
  return {.tenant = tenant, .kind = kind, .high = row.number.value(), .low = version};
}

ContentName content_of(TenantId tenant, CallId call, ContentKind kind) {
  return {.tenant = tenant,
          .kind = kind,
          .high = static_cast<std::uint64_t>(call.value() >> 64u),
          .low = static_cast<std::uint64_t>(call.value())};
}

}  // namespace keel::devices
