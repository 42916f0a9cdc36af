// The tables of devices, as snapshots hold them.
#include "modules/devices/published/tables.hpp"

#include "modules/devices/state/rows.hpp"

namespace keel::devices {
namespace {

using kernel::column;
using kernel::SchemaBook;
using kernel::Slot;

void device_rows(SchemaBook& book) {
  book.row("TotalsKey", column("zero", &TotalsKey::zero));
  book.row("TotalsRow", column("next_device", &TotalsRow::next_device));
  book.row("DeviceKey", column("tenant", &DeviceKey::tenant), column("device", &DeviceKey::device));
  book.row(
      "DeviceRow", column("number", &DeviceRow::number), column("revision", &DeviceRow::revision),
      column("desired_version", &DeviceRow::desired_version),
      column("reported_version", &DeviceRow::reported_version),
      column("published_version", &DeviceRow::published_version),
      column("kept_from", &DeviceRow::kept_from), column("kept_bytes", &DeviceRow::kept_bytes),
      column("created_at", &DeviceRow::created_at), column("changed_at", &DeviceRow::changed_at),
      column("seen_at", &DeviceRow::seen_at), column("blocked", &DeviceRow::blocked),
      column("coalesce", &DeviceRow::coalesce), column("connected", &DeviceRow::connected),
      column("reserved", &DeviceRow::reserved), column("name", &DeviceRow::name),
      column("model", &DeviceRow::model), column("serial_number", &DeviceRow::serial_number));
  book.row("CredentialsRow", column("password_hash", &CredentialsRow::password_hash),
           column("token", &CredentialsRow::token),
           column("certificate", &CredentialsRow::certificate));
  book.row("LabelKey", column("tenant", &LabelKey::tenant), column("label", &LabelKey::label),
           column("device", &LabelKey::device));
}

void content_rows(SchemaBook& book) {
  book.row("ContentName", column("tenant", &ContentName::tenant),
           column("kind", &ContentName::kind), column("high", &ContentName::high),
           column("low", &ContentName::low));
  book.row("ContentKey", column("name", &ContentKey::name), column("piece", &ContentKey::piece));
  book.row("ContentRow", column("bytes", &ContentRow::bytes));
}

void call_rows(SchemaBook& book) {
  book.row("CallKey", column("tenant", &CallKey::tenant), column("reserved", &CallKey::reserved),
           column("call", &CallKey::call));
  book.row("CallRow", column("requested_at", &CallRow::requested_at),
           column("sent_at", &CallRow::sent_at), column("deadline", &CallRow::deadline),
           column("ended_at", &CallRow::ended_at), column("due", &CallRow::due),
           column("status", &CallRow::status), column("result", &CallRow::result),
           column("reserved", &CallRow::reserved), column("device", &CallRow::device),
           column("method", &CallRow::method));
  book.row("OpenCallKey", column("tenant", &OpenCallKey::tenant),
           column("reserved", &OpenCallKey::reserved),
           column("requested_at", &OpenCallKey::requested_at), column("call", &OpenCallKey::call));
  book.row("DueKey", column("at", &DueKey::at), column("tenant", &DueKey::tenant),
           column("reserved", &DueKey::reserved), column("call", &DueKey::call));
}

}  // namespace

void list_tables(SchemaBook& book) {
  book.values<ContentKind>("ContentKind", {{"desired", ContentKind::desired},
                                           {"reported", ContentKind::reported},
                                           {"labels", ContentKind::labels},
                                           {"change", ContentKind::change},
                                           {"call_payload", ContentKind::call_payload},
                                           {"call_answer", ContentKind::call_answer}});
  device_rows(book);
  content_rows(book);
  call_rows(book);
  book.table(1, "devices.totals", book.bytes<Slot, TotalsKey, TotalsRow>());
  book.table(2, "devices.names", book.bytes<DeviceKey>());
  book.table(3, "devices.devices", book.bytes<Slot, DeviceKey, DeviceRow>());
  book.table(4, "devices.credentials", book.bytes<Slot, DeviceKey, CredentialsRow>());
  book.table(5, "devices.labels", book.bytes<LabelKey>());
  book.table(6, "devices.contents", book.bytes<Slot, ContentKey, ContentRow>());
  book.table(7, "devices.unpublished", book.bytes<DeviceKey>());
  book.table(8, "devices.calls", book.bytes<Slot, CallKey, CallRow>());
  book.table(9, "devices.open_calls", book.bytes<OpenCallKey>());
  book.table(10, "devices.due", book.bytes<DueKey>());
}

}  // namespace keel::devices
