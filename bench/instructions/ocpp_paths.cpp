// What a charge point says, from its text to the command, and the command decided and applied.
#include "base/describe/wire.hpp"
#include "counted.hpp"
#include "kernel/module.hpp"
#include "modules/charging/charging.hpp"
#include "modules/charging/requests.hpp"
#include "modules/ledger/ledger.hpp"
#include "servers/charging/command_key.hpp"
#include "servers/ocpp/readings.hpp"
#include "wire/ocpp/rpc.hpp"
#include "wire/ocpp/v16/actions.hpp"
#include "wire/ocpp/v16/payload.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::bench {
namespace {

using namespace keel::charging;  // most of the file is about it
namespace v16 = ocpp::v16;

constexpr TenantId kTenant{1};
constexpr std::uint64_t kTimes = 500;
constexpr Timestamp kBegin = Timestamp{} + Duration::seconds(1'800'000'000);

// Charging over a ledger, with nothing around them: events are copied into a buffer, as the engine
// does, and applied; nothing is durable and nothing waits.
class BareCharging final : public kernel::EventSink, public kernel::EventApplier {
 public:
  BareCharging()
      : ledger_(undo_, kernel::HashSeed(42)), charging_(undo_, kernel::HashSeed(43), ledger_) {
    events_.reserve(1 << 20);
    send(Configure{.settings = {.ledger = 1, .currency = "EUR", .exponent = 2}});
    send(PublishTariff{.tariff = TariffId(1),
                       .terms = {.currency = "EUR",
                                 .session_fee = 350'000,
                                 .energy_per_kwh = 490'000,
                                 .tax_basis_points = 1'900,
                                 .prices_include_tax = true}});
    send(RegisterStation{.station = "CP-1", .connectors = 1, .tariff = TariffId(1)});
    send(RegisterDriver{.driver = DriverId(7), .credit_limit = 1'000'000'000});
    send(RegisterToken{.token = "CARD-7", .driver = DriverId(7)});
  }

  bool append(const kernel::Event& event, std::size_t) override {
    keel::append(events_, event.payload);
    return true;
  }
  Mark mark() const override { return {.records = 0, .bytes = events_.size()}; }
  void truncate(Mark to) override { events_.resize(to.bytes); }
  void apply(const kernel::Event& event) override {
    if (event.type.module() == kModule) {
      charging_.apply(event);
    } else {
      ledger_.apply(event);
    }
  }

  // Decided a second after the one before, and done.
  void decide(kernel::CommandType type, ByteView payload) {
    events_.clear();
    reply_.clear();
    now_ = now_ + Duration::seconds(1);
    const kernel::Context context{.now = now_, .entropy = {}};
    const kernel::Command command{.tenant = kTenant,
                                  .principal = PrincipalId(1),
                                  .id = CommandId(++commands_),
                                  .correlation = {},
                                  .causation = {},
                                  .expected_revision = std::nullopt,
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    kernel::Transaction tx(kTenant, context, *this, *this, undo_, reply_);
    const auto outcome = charging_.decide(tx, command, context);
    KEEL_ASSERT(outcome.ok());
    KEEL_ASSERT(outcome->code == 0);
    undo_.forget_until(undo_.mark());  // durable
  }
  template <typename C>
  void send(const C& command) {
    Bytes payload;
    encode(command, payload);
    decide(C::kType, payload);
  }
  // Of the last decision.
  Timestamp now() const noexcept { return now_; }

 private:
  kernel::UndoLog undo_;
  ledger::Ledger ledger_;
  Charging charging_;
  Bytes events_;
  Bytes reply_;
  Timestamp now_ = kBegin;
  std::uint64_t commands_ = 0;
};

Timestamp second(std::uint64_t number) {
  return kBegin + Duration::seconds(static_cast<std::int64_t>(number));
}

// A reading after the other, as a charge point sends them.
std::string values_text(std::uint64_t number) {
  v16::MeterValues values{.connector_id = 1, .transaction_id = 1, .meter_value = {}};
  values.meter_value.push_back(
      {.timestamp = second(number),
       .sampled_value = {{.value = std::to_string(500 * number),
                          .context = v16::ReadingContext::sample_periodic,
                          .format = std::nullopt,
                          .measurand = v16::Measurand::energy_active_import_register,
                          .phase = std::nullopt,
                          .location = std::nullopt,
                          .unit = v16::UnitOfMeasure::wh}}});
  return R"([2,"c1-)" + std::to_string(number) + R"(","MeterValues",)" +
         v16::write_payload(values) + "]";
}

RecordReadings command_of(const v16::MeterValues& values) {
  return {.station = "CP-1",
          .connector = ConnectorNumber(1),
          .session = SessionNumber(1),
          .readings = servers::readings_of(values.meter_value)};
}

// The text, its payload, the command and its key, and the answer.
std::size_t take(ocpp::Rpc& rpc, std::string_view text) {
  KEEL_ASSERT(rpc.receive(text) == ocpp::Step::call);
  KEEL_ASSERT(v16::find_action(rpc.action()) != nullptr);
  const auto values = v16::read_payload<v16::MeterValues>(rpc.payload());
  KEEL_ASSERT(values.ok());
  Bytes payload;
  encode(command_of(*values), payload);
  const CommandId id = servers::key_of_content("CP-1", RecordReadings::kType, payload);
  KEEL_ASSERT(!id.is_zero());
  rpc.answer(v16::write_payload(v16::MeterValues::Response{}));
  return rpc.take_output().size();
}

}  // namespace

void count_ocpp_paths() {
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i <= kTimes; ++i) texts.push_back(values_text(i + 1));
  ocpp::Rpc rpc("k-");
  std::size_t next = 0;
  counted("ocpp: MeterValues, from the text to the command", kTimes, 1,
          [&] { KEEL_ASSERT(take(rpc, texts.at(next++)) > 0); });

  BareCharging charging;
  charging.send(StartSession{.station = "CP-1",
                             .connector = ConnectorNumber(1),
                             .token = "CARD-7",
                             .register_wh = 0,
                             .time = kBegin});
  std::vector<Bytes> commands;
  for (std::uint64_t i = 0; i <= kTimes; ++i) {
    RecordReadings command{.station = "CP-1",
                           .connector = ConnectorNumber(1),
                           .session = SessionNumber(1),
                           .readings = {}};
    command.readings.push_back({.time = second(i + 1),
                                .register_wh = 500 * (i + 1),
                                .power_w = std::nullopt,
                                .charge_percent = std::nullopt,
                                .signed_value = {},
                                .meter_key = {},
                                .signed_wh = std::nullopt});
    encode(command, commands.emplace_back());
  }
  next = 0;
  counted("charging: a reading, decided and applied", kTimes, 1,
          [&] { charging.decide(RecordReadings::kType, commands.at(next++)); });

  // Whole sessions: a start and a stop, with hold, bill and postings.
  std::uint64_t number = 1;
  counted("charging: a session begun, ended and billed", kTimes / 5, 1, [&] {
    ++number;
    charging.send(StartSession{.station = "CP-1",
                               .connector = ConnectorNumber(1),
                               .token = "CARD-7",
                               .register_wh = 1'000 * number,
                               .time = charging.now()});
    charging.send(StopSession{.station = "CP-1",
                              .session = SessionNumber(static_cast<std::uint32_t>(number)),
                              .token = "CARD-7",
                              .register_wh = 1'000 * number + 900,
                              .time = charging.now()});
  });
}

}  // namespace keel::bench
