// Streams: what an MQTT broker must not forget (sessions, their subscriptions, the queues of
// messages for them, QoS 2 state, wills and retained messages), and named streams with consumers
// (log/), which take what is published. docs/streams.md documents commands, queries and bounds.
//
// Who gets a message is the broker's decision, and stands in the command; the module records it,
// all operations of a batch in order, and answers each. It is the truth about what is kept: a
// broker that starts reads it.
//
// Ownership: owns its tables. Thread: the cell's writer. No allocation in decide() and apply() for
// messages once the tables have grown, but for subscription identifiers. Bounds: StreamsOptions.
#pragma once

#include <memory>

#include "kernel/module.hpp"
#include "modules/streams/options.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

class State;
struct Scratch;

class Streams final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule = streams::kModule;

  // The undo log outlives the module.
  Streams(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options = {});
  ~Streams() override;

  kernel::ModuleInfo info() const override;
  void needs(const kernel::Command& command, kernel::Needs& needs) const override;
  // Success is Outcome 0 whatever became of the operations: each has its own code in the reply.
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override;
  void apply(const kernel::Event& event) override;
  std::optional<Timestamp> next_due() const override;
  std::size_t expire(kernel::Transaction& tx, const kernel::Context& context,
                     std::size_t limit) const override;
  Result<> query(const kernel::Query& query, Bytes& reply) const override;
  std::span<kernel::TableBase* const> tables() override;

 private:
  StreamsOptions options_;
  std::unique_ptr<State> state_;
  std::unique_ptr<Scratch> scratch_;  // memory only; no answer depends on what is left in it
};

}  // namespace keel::streams
