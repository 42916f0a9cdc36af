#include "modules/charging/testing/charging_test_kit.hpp"

namespace keel::charging::testing {

using kernel::testing::Modules;

namespace {

Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  auto ledger = std::make_unique<ledger::Ledger>(undo, seed);
  auto charging = std::make_unique<Charging>(undo, seed, *ledger);
  modules.push_back(std::move(ledger));
  modules.push_back(std::move(charging));
  return modules;
}

}  // namespace

TariffTerms plain_tariff() {
  return {.name = "plain",
          .currency = "EUR",
          .energy_per_kwh = cents(30),
          .tax_basis_points = 1'900,
          .prices_include_tax = true};
}

ChargingKit::ChargingKit(std::size_t check_every)
    : harness(make_modules, {.check_every = check_every, .vault = &vault}) {
  vault.admit({harness.tenant(), kDriver});
}

template <typename Row>
void ChargingKit::ask_ledger(kernel::CommandType type, const Row& row) {
  Bytes payload;
  append(payload, object_bytes(ledger::BatchHeader{}));
  append(payload, object_bytes(row));
  const Decided decided = harness.when(type, payload);
  ASSERT_FALSE(decided.error);
  const auto result = ByteReader(decided.reply).read_object<ledger::RowResult>().value();
  ASSERT_EQ(result.code, 0u);
}

void ChargingKit::set_up(const Settings& changes) {
  Settings settings = changes;
  settings.ledger = 1;
  settings.currency = "EUR";
  settings.exponent = 2;
  ASSERT_EQ(outcome_of(Configure{.settings = settings}), OutcomeCode::done);
  ask_ledger(ledger::kCreateAccounts, ledger::AccountSpec{.id = ledger::AccountId(kBank),
                                                          .ledger = ledger::LedgerId(1),
                                                          .code = ledger::Code(1)});
  answer_of(PublishTariff{.tariff = TariffId(1), .terms = plain_tariff()});
  ASSERT_EQ(outcome_of(RegisterStation{.station = "CP-1", .connectors = 2, .tariff = TariffId(1)}),
            OutcomeCode::done);
  add_driver(kDriver, "CARD-7", 10'000);
}

void ChargingKit::add_driver(DriverId driver, std::string_view token, std::uint64_t credit) {
  const std::string_view name = "Ada Lovelace";
  const std::string_view email = "ada@example.org";
  vault.admit({harness.tenant(), driver});
  ASSERT_EQ(
      outcome_of(RegisterDriver{.driver = driver,
                                .name = Bytes(as_bytes(name).begin(), as_bytes(name).end()),
                                .email = Bytes(as_bytes(email).begin(), as_bytes(email).end())}),
      OutcomeCode::done);
  ASSERT_EQ(outcome_of(RegisterToken{.token = std::string(token), .driver = driver}),
            OutcomeCode::done);
  if (credit > 0) fund(account_id(1, AccountRole::driver, driver), credit);
}

void ChargingKit::fund(uint128 account, std::uint64_t amount) {
  ask_ledger(ledger::kCreateTransfers,
             ledger::Transfer{.id = ledger::TransferId(1'000 + ++funded_),
                              .debit_account = ledger::AccountId(kBank),
                              .credit_account = ledger::AccountId(account),
                              .amount = amount,
                              .ledger = ledger::LedgerId(1),
                              .code = ledger::Code(1)});
}

SessionView ChargingKit::session(SessionNumber number) const {
  const ListSessions::Answer found = ask(ListSessions{.only = number});
  EXPECT_EQ(found.sessions.size(), 1u);
  return found.sessions.empty() ? SessionView{} : found.sessions.front();
}

std::vector<SessionClosed> ChargingKit::bills() const {
  std::vector<SessionClosed> all;
  for (const auto& event : harness.journal()) {
    if (event.type != SessionClosed::kEventType) continue;
    all.push_back(decode<SessionClosed>(event.payload).value());
  }
  return all;
}

StartSession ChargingKit::start(std::uint64_t register_wh) const {
  return {.station = "CP-1",
          .connector = ConnectorNumber(1),
          .token = "CARD-7",
          .register_wh = register_wh,
          .time = harness.now()};
}

Reading ChargingKit::reading(std::uint64_t register_wh) const {
  return {.time = harness.now(), .register_wh = register_wh};
}

StopSession ChargingKit::stop(SessionNumber session, std::uint64_t register_wh) const {
  return {.station = "CP-1", .session = session, .register_wh = register_wh, .time = harness.now()};
}

std::int64_t ChargingKit::balance(uint128 account) const {
  const auto found =
      harness.module<ledger::Ledger>().find_account(harness.tenant(), ledger::AccountId(account));
  EXPECT_TRUE(found.has_value());
  return static_cast<std::int64_t>(found->balances.credits_posted) -
         static_cast<std::int64_t>(found->balances.debits_posted);
}

std::uint64_t ChargingKit::pending_on(AccountRole role) const {
  const auto found = harness.module<ledger::Ledger>().find_account(
      harness.tenant(), ledger::AccountId(account_id(1, role)));
  return static_cast<std::uint64_t>(found->balances.credits_pending);
}

}  // namespace keel::charging::testing
