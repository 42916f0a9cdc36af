// Charging: from what stations say to money. Stations, drivers' tokens, sessions, tariffs, bills;
// docs/charging.md documents commands, facts and policies, docs/tariffs.md the prices.
//
// It stands above the ledger and posts to it inside the same transaction: a session's facts and its
// postings are one batch.
//
// Ownership: owns its tables; the ledger and the undo log outlive it. Thread: the cell's writer.
// Bounds: ChargingOptions; what might not fit is refused (overload) before anything is written.
#pragma once

#include <memory>

#include "kernel/module.hpp"
#include "modules/charging/options.hpp"
#include "modules/charging/queries.hpp"

namespace keel::ledger {
class Ledger;
}

namespace keel::charging {

class State;

class Charging final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule = charging::kModule;

  Charging(kernel::UndoLog& undo, kernel::HashSeed seed, const ledger::Ledger& ledger,
           const ChargingOptions& options = {});
  ~Charging() override;

  kernel::ModuleInfo info() const override;
  void needs(const kernel::Command& command, kernel::Needs& needs) const override;
  // The outcome is an OutcomeCode; the reply the command's Answer (requests.hpp).
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override;
  void apply(const kernel::Event& event) override;
  std::optional<Timestamp> next_due() const override;
  std::size_t expire(kernel::Transaction& tx, const kernel::Context& context,
                     std::size_t limit) const override;
  Result<> query(const kernel::Query& query, Bytes& reply) const override;
  std::span<kernel::TableBase* const> tables() override;

  // For tests and verification: what was given, what is open.
  std::uint64_t open_sessions() const;

 private:
  const ledger::Ledger& ledger_;
  std::unique_ptr<State> state_;
};

}  // namespace keel::charging
