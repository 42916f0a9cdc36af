// Devices: who they are and how they prove it, what they should be and what they say that they are
// (twins), and what they are asked to do (methods). docs/devices.md documents documents, commands
// and policies.
//
// Ownership: owns its tables; the undo log outlives it. Thread: the cell's writer. Bounds:
// DevicesOptions; what might not fit is refused (overload) before anything is written.
#pragma once

#include <memory>

#include "kernel/module.hpp"
#include "modules/devices/options.hpp"
#include "modules/devices/types.hpp"

namespace keel::devices {

class State;

class Devices final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule = devices::kModule;

  Devices(kernel::UndoLog& undo, kernel::HashSeed seed, const DevicesOptions& options = {});
  ~Devices() override;

  kernel::ModuleInfo info() const override;
  void needs(const kernel::Command&, kernel::Needs&) const override {}  // all is in memory
  // The outcome is an OutcomeCode; the reply the command's Answer (requests.hpp).
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override;
  void apply(const kernel::Event& event) override;
  std::optional<Timestamp> next_due() const override;
  std::size_t expire(kernel::Transaction& tx, const kernel::Context& context,
                     std::size_t limit) const override;
  Result<> query(const kernel::Query& query, Bytes& reply) const override;
  std::span<kernel::TableBase* const> tables() override;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace keel::devices
