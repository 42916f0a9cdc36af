#include "servers/api/event_json.hpp"

#include "base/json/json.hpp"
#include "engine/state/outcome_record.hpp"
#include "kernel/types.hpp"
#include "modules/ledger/events.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::servers {
namespace {

void write_row(const ledger::LedgerOpened& event, JsonWriter& json) {
  to_json(from_row(event.ledger), json);
}
void write_row(const ledger::AccountCreated& event, JsonWriter& json) {
  to_json(from_row(event.account), json);
}
void write_row(const ledger::TransferCreated& event, JsonWriter& json) {
  to_json(from_row(event.transfer), json);
}
void write_row(const ledger::CreditLimitSet& event, JsonWriter& json) {
  to_json(CreditLimitBody{.account_id = event.account, .limit = event.credit_limit}, json);
}
void write_row(const ledger::TransferFailed& event, JsonWriter& json) {
  json.begin_object();
  json.key("id"), json.decimal_text(event.id.value());
  json.key("code"), json.text(to_string(event.code));
  json.key("timestamp"), json.time(event.timestamp);
  json.end_object();
}
void write_row(const ledger::TransferExpired& event, JsonWriter& json) {
  json.begin_object();
  json.key("pending_id"), json.decimal_text(event.pending_id.value());
  json.key("timestamp"), json.time(event.timestamp);
  json.end_object();
}

template <typename Event>
void write_as(ByteView row, JsonWriter& json) {
  const Result<Event> event = ByteReader(row).read_object<Event>();
  if (event.ok()) return write_row(*event, json);
  json.base64(row);
}

struct KnownEvent {
  kernel::EventType type;
  std::string_view name;
  void (*write)(ByteView row, JsonWriter& json);
};

void write_outcome(ByteView payload, JsonWriter& json) {
  const Result<engine::OutcomeHead> head = ByteReader(payload).read_object<engine::OutcomeHead>();
  if (!head.ok()) return json.base64(payload);
  json.begin_object();
  json.key("code"), json.number(std::uint64_t{head->code});
  json.key("changed"), json.boolean((head->flags & engine::kOutcomeChanged) != 0);
  json.end_object();
}

constexpr std::array<KnownEvent, 7> kKnown{{
    {engine::kOutcomeType, "engine.outcome", &write_outcome},
    {ledger::LedgerOpened::kEventType, "ledger.ledger_opened", &write_as<ledger::LedgerOpened>},
    {ledger::AccountCreated::kEventType, "ledger.account_created",
     &write_as<ledger::AccountCreated>},
    {ledger::CreditLimitSet::kEventType, "ledger.credit_limit_set",
     &write_as<ledger::CreditLimitSet>},
    {ledger::TransferCreated::kEventType, "ledger.transfer_created",
     &write_as<ledger::TransferCreated>},
    {ledger::TransferFailed::kEventType, "ledger.transfer_failed",
     &write_as<ledger::TransferFailed>},
    {ledger::TransferExpired::kEventType, "ledger.transfer_expired",
     &write_as<ledger::TransferExpired>},
}};

const KnownEvent* known(const journal::Envelope& envelope) {
  const auto found = std::ranges::find(kKnown, kernel::EventType(envelope.type), &KnownEvent::type);
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace

std::string event_name(const journal::Envelope& envelope) {
  if (const KnownEvent* event = known(envelope)) return std::string(event->name);
  return "type " + std::to_string(envelope.type >> 16) + "." +
         std::to_string(envelope.type & 0xffff);
}

std::size_t row_count(const journal::Envelope& envelope, ByteView payload) {
  return envelope.row_bytes == 0 ? 1 : payload.size() / envelope.row_bytes;
}

void write_record(const journal::Envelope& envelope, ByteView payload, std::size_t first,
                  std::size_t count, std::string& text) {
  const KnownEvent* event = known(envelope);
  JsonWriter json(text);
  json.begin_object();
  json.key("position"), json.decimal_text(uint128{envelope.sequence.value()});
  json.key("time"), json.time(envelope.time);
  json.key("type"), json.text(event_name(envelope));
  json.key("version"), json.number(std::uint64_t{envelope.schema_version});
  json.key("principal"), json.decimal_text(uint128{envelope.principal.value()});
  json.key("command_id"), json.decimal_text(envelope.command.value());
  json.key("rows"), json.begin_list();
  const std::size_t row_bytes = envelope.row_bytes == 0 ? payload.size() : envelope.row_bytes;
  for (std::size_t i = first; i < first + count; ++i) {
    const ByteView row = payload.subspan(i * row_bytes, row_bytes);
    if (event != nullptr) {
      event->write(row, json);
    } else {
      json.base64(row);
    }
  }
  json.end_list();
  json.end_object();
}

}  // namespace keel::servers
