// What devices publishes (schema/module.devices.json).
#include "modules/devices/published/published.hpp"

#include "modules/devices/published/tables.hpp"
#include "modules/devices/queries.hpp"

namespace keel::devices {
namespace {

using kernel::SchemaBook;

void values(SchemaBook& book) {
  book.values<OutcomeCode>();
  book.values<TwinPart>();
  book.values<CallResult>();
}

void events(SchemaBook& book) {
  book.event<DeviceRegistered>("device_registered");
  book.event<CredentialsSet>("credentials_set");
  book.event<DeviceRemoved>("device_removed");
  book.event<TwinUpdated>("twin_updated");
  book.event<ChangesTaken>("changes_taken");
  book.event<DevicesSeen>("devices_seen");
  book.event<TwinsPublished>("twins_published");
  book.event<MethodCalled>("method_called");
  book.event<MethodSent>("method_sent");
  book.event<MethodEnded>("method_ended");
  book.event<MethodForgotten>("method_forgotten");
}

// The code is in the outcome (docs/devices.md); the message is the answer's payload.
constexpr std::string_view kCode = "with a code of OutcomeCode";

void commands(SchemaBook& book) {
  book.command<RegisterDevice>("register_device", kCode);
  book.command<SetCredentials>("set_credentials", kCode);
  book.command<RemoveDevice>("remove_device", kCode);
  book.command<UpdateTwin>("update_twin", kCode);
  book.command<TakeChanges>("take_changes", kCode);
  book.command<SeeDevices>("see_devices", kCode);
  book.command<PublishTwins>("publish_twins", kCode);
  book.command<CallMethod>("call_method", kCode);
  book.command<SendCall>("send_call", kCode);
  book.command<EndCall>("end_call", kCode);
}

void queries(SchemaBook& book) {
  book.query<GetCredentials>("get_credentials");
  book.query<ListDevices>("list_devices");
  book.query<GetTwin>("get_twin");
  book.query<ListChanges>("list_changes");
  book.query<ListUnpublished>("list_unpublished");
  book.query<GetCall>("get_call");
  book.query<ListOpenCalls>("list_open_calls");
}

}  // namespace

SchemaBook published() {
  SchemaBook book(kModule, "devices");
  values(book);
  events(book);
  commands(book);
  queries(book);
  list_tables(book);
  return book;
}

}  // namespace keel::devices
