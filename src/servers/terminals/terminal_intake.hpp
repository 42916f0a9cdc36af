// TerminalIntake: the broker's intake of what terminals and meters say (docs/terminals.md).
//
// Thread: the server's core. Lifetime: what it is given outlives it; it outlives the broker's
// run().
#pragma once

#include "servers/mqtt/intake.hpp"
#include "servers/terminals/terminal_requests.hpp"

namespace keel::servers {

// Counters since the start.
struct TerminalStats {
  std::uint64_t messages = 0;
  std::uint64_t refused = 0;     // answered with an error
  std::uint64_t not_stored = 0;  // not acknowledged: nobody knew what had become of them
};

class TerminalIntake final : public broker::Intake {
 public:
  // Null signatures: signed values are kept as not checked.
  TerminalIntake(runtime::Core& core, StationEvents& events, const MeterSignatures* signatures,
                 const RetryOptions& retry = {})
      : requests_(core, events, signatures, retry) {}

  bool takes(std::string_view topic) const noexcept override;
  runtime::Task<Result<broker::IntakeAnswer>> take(const broker::TakenMessage& message,
                                                   runtime::Wait wait) override;

  const TerminalStats& stats() const noexcept [[clang::lifetimebound]] { return stats_; }

 private:
  TerminalRequests requests_;
  TerminalStats stats_;
};

}  // namespace keel::servers
