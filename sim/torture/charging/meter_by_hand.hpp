// What a session has used and what it costs, worked out by hand: minute by minute, from
// docs/charging.md and docs/tariffs.md alone. It shares no code with modules/charging but the
// records.
#pragma once

#include "modules/charging/events.hpp"

namespace keel::torture {

// The usage of one session, told in the order in which things were heard.
class MeterByHand {
 public:
  MeterByHand(charging::TariffTerms terms, Timestamp start, std::uint64_t register_wh);

  // Whether a register at a plausible time counts; if not, what is to be said of it (0: nothing).
  struct Verdict {
    bool counts = false;
    charging::SessionFlags flag;
  };
  Verdict judge(Timestamp at, std::uint64_t register_wh) const;
  // One that counts.
  void read(Timestamp at, std::uint64_t register_wh);
  // The vehicle idles from then on, or takes energy again.
  void idle(Timestamp at, bool idles);
  bool idles() const noexcept { return usage_.idle; }
  // The station has told the end; time is counted up to `most` at the latest.
  void stop(Timestamp at, std::uint64_t register_wh, Timestamp most);
  // Nobody has: up to the last that was heard, which is answered.
  Timestamp end(Timestamp most);

  const charging::Usage& usage() const noexcept [[clang::lifetimebound]] { return usage_; }
  const charging::TariffTerms& terms() const noexcept [[clang::lifetimebound]] { return terms_; }

  struct Price {
    std::vector<charging::PriceLine> lines;
    std::uint64_t net = 0;
    std::uint64_t tax = 0;
  };
  Price price() const;

 private:
  std::size_t rate_at(std::int64_t second) const;
  void count_until(Timestamp at);
  void link(Timestamp at, std::uint64_t register_wh);

  charging::TariffTerms terms_;
  charging::Usage usage_;
  std::uint64_t first_wh_ = 0;
  std::array<std::uint64_t, charging::kMaxRates> energy_{};
  std::array<std::uint64_t, charging::kMaxRates> time_{};
};

}  // namespace keel::torture
