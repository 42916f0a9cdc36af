// Charging over a ledger in a test cell, with a tenant that is set up: ledger 1 in EUR, tariff 1, a
// station CP-1 with two connectors, driver 7 with 100.00 EUR and the token CARD-7. For tests only.
#pragma once

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "kernel/testing/fake_vault.hpp"
#include "kernel/testing/module_harness.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/charging.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::charging::testing {

using kernel::testing::Decided;

inline constexpr DriverId kDriver{7};
inline constexpr uint128 kBank = 99;  // where the money of drivers comes from

// Ten-thousandths of a cent.
constexpr std::uint64_t cents(std::uint64_t count) {
  return count * kPriceScale;
}

// 30 cents a kWh, 19 % tax in it.
TariffTerms plain_tariff();

class ChargingKit {
 public:
  explicit ChargingKit(std::size_t check_every = 1);

  void set_up(const Settings& changes = {});

  template <typename C>
  Decided send(const C& command) {
    Bytes payload;
    encode(command, payload);
    return harness.when(C::kType, payload);
  }
  template <typename C>
  OutcomeCode outcome_of(const C& command) {
    const Decided decided = send(command);
    EXPECT_FALSE(decided.error) << decided.error->to_string();
    return OutcomeCode{decided.outcome.code};
  }
  template <typename C>
  typename C::Answer answer_of(const C& command) {
    const Decided decided = send(command);
    EXPECT_FALSE(decided.error) << decided.error->to_string();
    EXPECT_EQ(decided.outcome.code, 0);
    return decode<typename C::Answer>(decided.reply).value();
  }
  template <typename Q>
  typename Q::Answer ask(const Q& query) const {
    Bytes payload;
    encode(query, payload);
    return decode<typename Q::Answer>(harness.query(Q::kType, payload).value()).value();
  }
  // The only event of its type in what was decided.
  template <typename E>
  static std::optional<E> event_in(const Decided& decided) {
    std::optional<E> found;
    for (const auto& event : decided.events) {
      if (event.type != E::kEventType) continue;
      EXPECT_FALSE(found.has_value()) << "twice";
      found = decode<E>(event.payload).value();
    }
    return found;
  }
  SessionView session(SessionNumber number) const;
  // Every bill in the journal, in order.
  std::vector<SessionClosed> bills() const;

  void add_driver(DriverId driver, std::string_view token, std::uint64_t credit);
  void fund(uint128 account, std::uint64_t amount);

  StartSession start(std::uint64_t register_wh = 1'000) const;
  Reading reading(std::uint64_t register_wh) const;
  StopSession stop(SessionNumber session, std::uint64_t register_wh) const;

  // Credits minus debits, posted.
  std::int64_t balance(uint128 account) const;
  std::int64_t balance(AccountRole role, DriverId driver = {}) const {
    return balance(account_id(1, role, driver));
  }
  std::uint64_t pending_on(AccountRole role) const;
  void minutes(std::int64_t count) { harness.advance(Duration::seconds(count * 60)); }

  kernel::testing::FakeVault vault;
  kernel::testing::ModuleHarness harness;

 private:
  template <typename Row>
  void ask_ledger(kernel::CommandType type, const Row& row);
  std::uint64_t funded_ = 0;
};

}  // namespace keel::charging::testing
