#include "servers/api/events/event_json.hpp"

#include <algorithm>
#include <array>

#include "base/json/json_writer.hpp"
#include "engine/state/outcome_record.hpp"
#include "kernel/types.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/events/known_events.hpp"

namespace keel::servers {
namespace {

// Bounds what a request may ask for.
constexpr std::size_t kMostTypes = 64;

void write_outcome(ByteView payload, JsonWriter& json) {
  const Result<engine::OutcomeHead> head = ByteReader(payload).read_object<engine::OutcomeHead>();
  if (!head.ok()) return json.base64(payload);
  json.begin_object();
  json.key("code"), json.number(std::uint64_t{head->code});
  json.key("changed"), json.boolean((head->flags & engine::kOutcomeChanged) != 0);
  json.end_object();
}

constexpr std::array<KnownEvent, 1> kEngine{
    {{engine::kOutcomeType, "engine.outcome", &write_outcome}}};

std::array<std::span<const KnownEvent>, 4> all_known() {
  return {kEngine, ledger_events(), charging_events(), device_events()};
}

const KnownEvent* known(const journal::Envelope& envelope) {
  for (const std::span<const KnownEvent> events : all_known()) {
    const auto found =
        std::ranges::find(events, kernel::EventType(envelope.type), &KnownEvent::type);
    if (found != events.end()) return &*found;
  }
  return nullptr;
}

void write_row(const journal::Envelope& envelope, ByteView payload, std::size_t row,
               JsonWriter& json) {
  const std::size_t row_bytes = envelope.row_bytes == 0 ? payload.size() : envelope.row_bytes;
  const ByteView bytes = payload.subspan(row * row_bytes, row_bytes);
  const KnownEvent* event = known(envelope);
  return event != nullptr ? event->write(bytes, json) : json.base64(bytes);
}

// Whether "charging.session_started" is meant by "charging", or by its whole name.
bool is_meant(std::string_view asked, std::string_view name) {
  return asked == name || (name.starts_with(asked) && name.substr(asked.size()).starts_with('.'));
}

}  // namespace

std::string event_name(const journal::Envelope& envelope) {
  if (const KnownEvent* event = known(envelope)) return std::string(event->name);
  return "type " + std::to_string(envelope.type >> 16) + "." +
         std::to_string(envelope.type & 0xffff);
}

Result<std::vector<kernel::EventType>> event_types(std::string_view names) {
  std::vector<kernel::EventType> types;
  while (!names.empty()) {
    const std::string_view asked = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), asked.size() + 1));
    const std::size_t before = types.size();
    for (const std::span<const KnownEvent> events :
         {ledger_events(), charging_events(), device_events()}) {
      for (const KnownEvent& each : events)
        if (!asked.empty() && is_meant(asked, each.name)) types.push_back(each.type);
    }
    if (types.size() == before)
      return Error(kBadParameter, "types: got \"" + std::string(asked.substr(0, 64)) +
                                      "\", expected names of events or modules: "
                                      "\"charging,ledger.transfer_created\"");
    if (types.size() > kMostTypes)
      return Error(kBadParameter, "types: more than 64 types of event");
  }
  return types;
}

std::size_t row_count(const journal::Envelope& envelope, ByteView payload) {
  return envelope.row_bytes == 0 ? 1 : payload.size() / envelope.row_bytes;
}

void write_row(const journal::Envelope& envelope, ByteView payload, std::size_t row,
               std::string& text) {
  JsonWriter json(text);
  write_row(envelope, payload, row, json);
}

void write_record(const journal::Envelope& envelope, ByteView payload, std::size_t first,
                  std::size_t count, std::string& text) {
  JsonWriter json(text);
  json.begin_object();
  json.key("position"), json.decimal_text(uint128{envelope.sequence.value()});
  json.key("time"), json.time(envelope.time);
  json.key("type"), json.text(event_name(envelope));
  json.key("version"), json.number(std::uint64_t{envelope.schema_version});
  json.key("principal"), json.decimal_text(uint128{envelope.principal.value()});
  json.key("command_id"), json.decimal_text(envelope.command.value());
  json.key("correlation"), json.decimal_text(envelope.correlation.value());
  json.key("causation"), json.decimal_text(envelope.causation.value());
  json.key("rows"), json.begin_list();
  for (std::size_t row = first; row < first + count; ++row) write_row(envelope, payload, row, json);
  json.end_list();
  json.end_object();
}

}  // namespace keel::servers
