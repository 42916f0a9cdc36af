// ChargingOracle: what may come of commands, of time and of queries of charging, worked out again
// as simply as it can be said, from docs/charging.md and docs/tariffs.md.
//
//   - the facts of a command are those that it must have, in their order, each compared whole with
//     one made by hand from what was asked: times, flags, usage, price;
//   - each bill's transfers are the right ones, from and to the right accounts, of the right
//     amounts, in the batch of the bill; each is one that the ledger's model allows; a driver was
//     spared only when he could not pay;
//   - after each batch clearing holds the holds of unbilled sessions and nothing else;
//   - the same start or stop again gets the same session;
//   - at rest every session is over and billed, and revenue is the sum of the bills in force.
#pragma once

#include <deque>

#include "modules/charging/requests.hpp"
#include "sim/torture/charging/tenant.hpp"
#include "sim/torture/ledger/ledger_oracle.hpp"

namespace keel::torture {

class ChargingOracle final : public Oracle {
 public:
  // The books of the same tenants; it outlives this. Counts what was met, as "session: corrected".
  ChargingOracle(LedgerOracle& ledger, Counts& counts) : ledger_(ledger), counts_(counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(const Rest& rest) override;
  Finding refused(const Ask& ask, const Error& error) override;

  // Everything that is to be met, at zero.
  static void declare(Counts& counts);

 private:
  using Model = ledger::testing::Model;
  using Session = charging::SessionNumber;

  // How the end of a session was told.
  struct Ending {
    std::uint64_t register_wh = 0;
    Timestamp station_time;
    charging::StopReason reason{};
    std::string token;
    charging::SessionFlags flags;
    std::string said;
  };

  // --- what a command must bring ---

  // Which facts of charging, in order, as "stopped 3".
  struct Expected {
    charging::OutcomeCode code{};
    std::vector<std::string> facts;
    Bytes reply;
  };
  Expected expect(const charging::Configure& asked);
  Expected expect(const charging::PublishTariff& asked);
  Expected expect(const charging::RegisterStation& asked);
  Expected expect(const charging::RegisterDriver& asked);
  Expected expect(const charging::RegisterToken& asked);
  Expected expect(const charging::ForgetDriver& asked);
  Expected expect(const charging::RegisterMeterKey& asked);
  Expected expect(const charging::BootStation& asked);
  Expected expect(const charging::SeenStations& asked);
  Expected expect(const charging::ReportStatus& asked);
  Expected expect(const charging::Authorize& asked);
  Expected expect(const charging::StartSession& asked);
  Expected expect(const charging::RecordReadings& asked);
  Expected expect(const charging::StopSession& asked);
  Expected expect(const charging::CloseSession& asked);
  Expected expect(const charging::NoteStation& asked);
  Expected expect(const charging::RequestCall& asked);
  Expected expect(const charging::EndCall& asked);
  // The reply of a start, a stop or a close is known when its facts are: made anew.
  template <typename C>
  void finish(const C&, Expected&) {}
  void finish(const charging::StartSession& asked, Expected& expected);
  void finish(const charging::StopSession& asked, Expected& expected);
  void finish(const charging::CloseSession& asked, Expected& expected);
  template <typename C>
  Finding judge_command(const Ask& ask, const Decided& decided);

  charging::OutcomeCode may_speak(const std::string& station) const;
  Bytes stop_reply(Session session, charging::TokenStatus status, bool repeated) const;

  // --- what each fact must say, and what it changes ---

  void judge(const charging::Configured& fact);
  void judge(const charging::TariffPublished& fact);
  void judge(const charging::StationRegistered& fact);
  void judge(const charging::DriverRegistered& fact);
  void judge(const charging::TokenRegistered& fact);
  void judge(const charging::DriverForgotten& fact);
  void judge(const charging::MeterKeyRegistered& fact);
  void judge(const charging::StationBooted& fact);
  void judge(const charging::StationsSeen& fact);
  void judge(const charging::StatusReported& fact);
  void judge(const charging::TokenChecked& fact);
  void judge(const charging::StationNoted& fact);
  void judge(const charging::CallRequested& fact);
  void judge(const charging::CallEnded& fact);
  void judge(const charging::CallDropped& fact);
  void judge(const charging::SessionStarted& fact);
  void judge(const charging::ReadingsRecorded& fact);
  void judge(const charging::IdleChanged& fact);
  void judge(const charging::SessionStopped& fact);
  void judge(const charging::SessionClosed& fact);
  void judge(const charging::SessionDeferred& fact);
  void judge(const charging::StopKept& fact);
  void judge(const charging::StopReleased& fact);
  void judge(const charging::StopConflicted& fact);
  void judge(const charging::ReadingsUnplaced& fact);
  void judge(const charging::SessionExtended& fact);
  void judge(const charging::CorrectionEnded& fact);
  void hold_by_hand(const charging::SessionStarted& fact, charging::SessionStarted& by_hand);
  void post_by_hand(const KnownSession& known, charging::SessionClosed& bill);
  void judge_clearing();
  void take_ledger_fact(const Fact& fact, const std::vector<Fact>& facts, std::size_t index);
  uint128 payer_of_next(const std::vector<Fact>& facts, std::size_t index) const;
  // Goes through the facts of one batch; answers those of charging, as "stopped 3".
  std::vector<std::string> take_facts(const std::vector<Fact>& facts);
  template <typename E>
  bool take_one(const Fact& fact, std::vector<std::string>& names);

  // --- small steps ---

  struct Heard {
    Timestamp counts;
    bool wrong = false;
  };
  Heard heard(Timestamp said) const;
  void saw(const std::string& station, Timestamp at);
  struct TokenSays {
    charging::TokenStatus status{};
    Timestamp expires_at;
    std::string group;
    charging::DriverId driver;
    uint128 account = 0;
  };
  TokenSays ask_token(const std::string& token, bool for_start) const;
  void know_digest(const std::string& token, const Digest& digest);
  template <typename C>
  C asked() const;
  // What the account could still pay.
  uint128 room(uint128 account) const;
  bool account_closed(uint128 account) const;
  Timestamp most_of(const KnownSession& session) const;
  Timestamp patience_ends(const KnownSession& known) const;
  void end_at_connector(const KnownSession& known);
  void count_flags(charging::SessionFlags flags);
  struct Move {
    uint128 from = 0;
    uint128 to = 0;
    uint128 amount = 0;
    std::uint16_t code = 0;
  };
  bool is_move(const ledger::Transfer& transfer, const Move& move) const;
  bool fits(const KnownSession& session, const std::string& token, std::uint64_t register_wh,
            Timestamp time) const;
  void find(std::string what);
  template <typename E>
  void same(const E& fact, const E& by_hand, std::string_view name);
  ChargingTenant& tenant() { return *tenant_; }
  const ChargingTenant& tenant() const { return *tenant_; }
  KnownSession* session(Session number);

  LedgerOracle& ledger_;
  Counts& counts_;
  std::map<TenantId, ChargingTenant> tenants_;

  // Of the batch that is judged.
  ChargingTenant* tenant_ = nullptr;
  Model* books_ = nullptr;
  const Ask* ask_ = nullptr;  // null: time
  Timestamp now_;
  std::deque<std::optional<Ending>> endings_;  // of sessions that are to stop; none: by policy
  std::vector<ledger::Transfer> moved_;        // since the last bill
  std::vector<uint128> rooms_;                 // what an account had when a charge failed
  Finding finding_;                            // the first
};

}  // namespace keel::torture
