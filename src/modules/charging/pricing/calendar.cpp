#include "modules/charging/pricing/calendar.hpp"

namespace keel::charging {
namespace {

constexpr std::int64_t kDay = 86'400;

// A moment in the tariff's own time.
struct Local {
  std::int64_t day = 0;     // since 1970-01-01, a Thursday
  std::int64_t second = 0;  // of the day
};

Local local_of(const TariffTerms& terms, std::int64_t second) {
  const std::int64_t at = second + std::int64_t{terms.utc_offset_minutes} * 60;
  std::int64_t day = at / kDay;
  if (at % kDay < 0) --day;
  return {.day = day, .second = at - day * kDay};
}

bool begins_on(const Window& window, std::int64_t day) {
  if (window.weekdays == 0) return true;
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 0: Monday
  return (window.weekdays >> weekday & 1) != 0;
}

bool holds(const Window& window, const Local& at) {
  const std::int64_t from = std::int64_t{window.from_minute} * 60;
  const std::int64_t to = std::int64_t{window.to_minute} * 60;
  if (from < to) return begins_on(window, at.day) && at.second >= from && at.second < to;
  if (at.second >= from) return begins_on(window, at.day);
  return at.second < to && begins_on(window, at.day - 1);
}

}  // namespace

std::uint8_t rate_at(const TariffTerms& terms, std::int64_t second) {
  const Local at = local_of(terms, second);
  for (std::size_t i = 0; i < terms.windows.size(); ++i) {
    if (holds(terms.windows[i], at)) return static_cast<std::uint8_t>(i + 1);
  }
  return 0;
}

std::int64_t next_edge(const TariffTerms& terms, std::int64_t second) {
  const Local at = local_of(terms, second);
  std::int64_t edge = kDay;
  for (const Window& window : terms.windows) {
    for (const std::uint16_t minute : {window.from_minute, window.to_minute}) {
      const std::int64_t candidate = std::int64_t{minute} * 60;
      if (candidate > at.second) edge = std::min(edge, candidate);
    }
  }
  return second + (edge - at.second);
}

}  // namespace keel::charging
