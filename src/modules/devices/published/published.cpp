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
template <typename Command>
void command(SchemaBook& book, std::string_view name) {
  using Answer = typename Command::Answer;
  const std::string code = "with a code of OutcomeCode";
  if constexpr (std::is_same_v<Answer, Nothing>) {
    book.command(Command::kType, name, book.bytes<Command>(), "nothing " + code);
  } else {
    book.command(Command::kType, name, book.bytes<Command>(), book.bytes<Answer>() + " " + code);
  }
}

void commands(SchemaBook& book) {
  command<RegisterDevice>(book, "register_device");
  command<SetCredentials>(book, "set_credentials");
  command<RemoveDevice>(book, "remove_device");
  command<UpdateTwin>(book, "update_twin");
  command<TakeChanges>(book, "take_changes");
  command<SeeDevices>(book, "see_devices");
  command<PublishTwins>(book, "publish_twins");
  command<CallMethod>(book, "call_method");
  command<SendCall>(book, "send_call");
  command<EndCall>(book, "end_call");
}

template <typename Query>
void query(SchemaBook& book, std::string_view name) {
  book.query(Query::kType, name, book.bytes<Query>(), book.bytes<typename Query::Answer>());
}

void queries(SchemaBook& book) {
  query<GetCredentials>(book, "get_credentials");
  query<ListDevices>(book, "list_devices");
  query<GetTwin>(book, "get_twin");
  query<ListChanges>(book, "list_changes");
  query<ListUnpublished>(book, "list_unpublished");
  query<GetCall>(book, "get_call");
  query<ListOpenCalls>(book, "list_open_calls");
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
