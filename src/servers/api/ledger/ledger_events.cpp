// The facts of the ledger as JSON.
#include "base/json/json.hpp"
#include "modules/ledger/events.hpp"
#include "servers/api/events/known_events.hpp"
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

constexpr std::array<KnownEvent, 6> kKnown{{
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

}  // namespace

std::span<const KnownEvent> ledger_events() noexcept {
  return kKnown;
}

}  // namespace keel::servers
