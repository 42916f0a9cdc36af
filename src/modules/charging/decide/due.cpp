// What happens by time: sessions whose station vanished, bills that the ledger refused, corrections
// that come too late, stops that wait in vain, calls without an answer.
#include <algorithm>

#include "modules/charging/decide/commands.hpp"

namespace keel::charging {
namespace {

// No unit of work emits more: a correction is a stop, 4 reversals, 5 transfers and a bill.
constexpr std::size_t kMostEvents = 16;

void session_due(const Decision& d, const SessionRow& row) {
  const SettingsRow& settings = *d.settings();
  if (row.state == SessionState::closed && row.correctable != Correctable::readings_came) {
    d.emit(CorrectionEnded{.session = row.number});
    return;
  }
  Result<> done;
  if (row.state == SessionState::closed) {
    // No stop came, but readings that count: they are billed now.
    done = close_by_policy(d, row.number, row.reason, Correctable::no);
  } else if (row.state == SessionState::stopped) {
    done = bill_session(d, row.number);
  } else {
    const Duration patience = Duration::seconds(settings.vanished_after_s);
    const StationRow& station = *d.state.station(d.tenant(), row.station.view());
    const Timestamp heard =
        std::max({station.seen_at, row.usage.register_time, row.recorded_start});
    const Timestamp most = row.recorded_start + Duration::seconds(settings.longest_session_s);
    const Timestamp until = std::min(std::min(heard, d.now()) + patience, most);
    if (until > d.now()) {
      d.emit(SessionExtended{.session = row.number, .until = until});
      return;
    }
    done = close_by_policy(d, row.number, StopReason::station_vanished);
  }
  // The ledger has no room: nothing of the bill was written.
  if (!done.ok()) {
    d.emit(SessionDeferred{.session = row.number, .retry_at = d.now() + Duration::seconds(3'600)});
  }
}

void call_due(const Decision& d, const DueKey& key) {
  const CallId call(ByteReader(key.id).read<uint128>().value());
  const CallRow* row = d.state.calls.find({.tenant = d.tenant(), .call = call});
  KEEL_ASSERT(row != nullptr);
  if (row->result == CallResult::open) {
    d.emit(CallEnded{.call = call, .result = CallResult::timed_out, .at = d.now()});
  } else {
    d.emit(CallDropped{.call = call});
  }
}

void do_one(const Decision& d, const DueKey& key) {
  switch (key.kind) {
    case DueKind::session: {
      const SessionNumber number(ByteReader(key.id).read<std::uint32_t>().value());
      const SessionRow* row = d.state.live(d.tenant(), number);
      KEEL_ASSERT(row != nullptr);
      session_due(d, SessionRow(*row));
      break;
    }
    case DueKind::kept_stop:
      d.emit(StopReleased{.stop_digest = key.id});
      break;
    case DueKind::call:
      call_due(d, key);
      break;
  }
}

}  // namespace

void pass_time(const Decision& d, std::size_t limit) {
  while (!d.tx.overflowed()) {
    const auto first = d.state.due.first();
    if (!first || first.key().at > d.now()) return;
    if (*d.emitted > 0 && *d.emitted + kMostEvents > limit) return;
    const DueKey key = first.key();
    d.tx.act_for(key.tenant);
    do_one(d, key);
  }
}

}  // namespace keel::charging
