#include "node/timeline/timelines.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/describe/wire.hpp"
#include "base/json/json_writer.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/queries.hpp"
#include "modules/ledger/events.hpp"
#include "node/timeline/errors.hpp"
#include "servers/api/events/event_json.hpp"
#include "wire/ocpp/message_name.hpp"

namespace keel::node {

using charging::SessionNumber;
using runtime::Task;
using runtime::Wait;

namespace {

// How long the projection is waited for, and how often it is looked at.
constexpr Duration kBehindTime = Duration::seconds(5);
constexpr Duration kBehindPause = Duration::milliseconds(2);
constexpr Duration kOpeningPause = Duration::milliseconds(50);
// The postings of a decision stand before the fact that they belong to, packed.
constexpr std::uint64_t kPostingsBefore = 8;
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
// To tell a correlation's session.
constexpr std::size_t kMostLookedAt = 64;

constexpr kernel::EventType kPosted = ledger::TransferCreated::kEventType;

bool is_posting_of(const ledger::Transfer& transfer, SessionNumber session) {
  const std::uint16_t code = transfer.code.value();
  return code >= static_cast<std::uint16_t>(charging::TransferKind::hold) &&
         code <= static_cast<std::uint16_t>(charging::TransferKind::reversal) &&
         transfer.user_data_64 == session.value();
}

// The transfers of a record that are the session's, as a JSON list; empty: none are.
std::string postings_of(const journal::Envelope& envelope, ByteView payload,
                        SessionNumber session) {
  std::string text;
  const std::size_t rows = servers::row_count(envelope, payload);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto event = ByteReader(payload.subspan(row * envelope.row_bytes))
                           .read_object<ledger::TransferCreated>();
    if (!event.ok() || !is_posting_of(event->transfer, session)) continue;
    text += text.empty() ? "[" : ",";
    servers::write_row(envelope, payload, row, text);
  }
  if (!text.empty()) text += "]";
  return text;
}

TimelineRecord record_of(const journal::Envelope& envelope, std::string content) {
  return {.position = envelope.sequence,
          .time = envelope.time,
          .type = servers::event_name(envelope),
          .message = ocpp::message_of(envelope.causation),
          .command_id = envelope.command,
          .correlation = envelope.correlation,
          .content = std::move(content)};
}

// Reads pieces of a cell's history that lie one behind the other.
class Pieces {
 public:
  Pieces(engine::CellClient& client, PrincipalId principal, TenantId tenant)
      : client_(client), principal_(principal) {
    filter_ = SessionThreads::kinds();
    filter_.types.push_back(kPosted);
    filter_.tenant = tenant;
  }

  // The record there, and the postings that belong to it, which are the session's.
  Task<Result<>> read(Position position, SessionNumber session, Wait wait) {
    records.clear();
    const std::uint64_t first =
        position.value() > kPostingsBefore + 1 ? position.value() - kPostingsBefore - 1 : 0;
    engine::Subscription piece(client_, principal_, filter_,
                               engine::Subscription::from_after(Position(first)));
    piece.limit_batches(kReadBytes);
    engine::FrameBatch batch;
    while (piece.position() < position) {
      KEEL_CO_TRY(co_await piece.next(batch, wait));
      for (const engine::Frame& frame : batch.frames) {
        if (frame.kind != engine::FrameKind::record || frame.position > position) continue;
        take(frame.envelope, batch.payload(frame), position, session);
      }
    }
    // Of the same decision: everything of one carries one time.
    if (records.empty() || records.back().position != position)
      co_return Error(kWrongTimeline,
                      fmt::format("position {} holds nothing of a session; delete the directory "
                                  "of timelines and start again",
                                  position.value()));
    const Timestamp time = records.back().time;
    std::erase_if(records, [time](const TimelineRecord& each) { return each.time != time; });
    co_return success();
  }

  std::vector<TimelineRecord> records;  // in order; the one asked for is the last
  SessionNumber named;                  // by that record; zero: it names none

 private:
  void take(const journal::Envelope& envelope, ByteView payload, Position position,
            SessionNumber session) {
    if (kernel::EventType(envelope.type) == kPosted) {
      std::string postings = postings_of(envelope, payload, session);
      if (!postings.empty()) records.push_back(record_of(envelope, std::move(postings)));
    } else if (envelope.sequence == position) {
      const auto found = session_in(kernel::EventType(envelope.type), payload);
      named = found.ok() ? *found : SessionNumber();
      std::string content;
      servers::write_row(envelope, payload, 0, content);
      records.push_back(record_of(envelope, std::move(content)));
    }
  }

  engine::CellClient& client_;
  PrincipalId principal_;
  engine::RecordFilter filter_;
};

// Both in order, each once.
std::vector<Position> merged(const std::vector<Position>& one, const std::vector<Position>& other) {
  std::vector<Position> all;
  std::ranges::set_union(one, other, std::back_inserter(all));
  return all;
}

}  // namespace

Timelines::Timelines(Parts parts)
    : parts_(std::move(parts)),
      threads_(parts_.client.core(), parts_.directory),
      runner_(parts_.client, threads_, {.principal = parts_.principal}) {}

// What is stored may be of another journal, or of a later state of this one (a backup was
// restored).
Task<Result<>> Timelines::look_at_end(Wait wait) {
  engine::Subscription end(parts_.client, parts_.principal, threads_.filter(),
                           engine::Subscription::from_end());
  engine::FrameBatch batch;
  KEEL_CO_TRY(co_await end.next(batch, wait));
  if (KEEL_CO_TRY(co_await threads_.position()) > end.position())
    co_return co_await threads_.forget();
  co_return success();
}

Task<> Timelines::run(Wait wait) {
  runtime::Core& core = parts_.client.core();
  while (!(co_await look_at_end(wait)).ok()) {
    if (!(co_await core.sleep_until(core.now() + kOpeningPause, wait)).ok()) co_return;
  }
  co_await runner_.run(wait);
  // What is not stored now comes again at the next start.
  static_cast<void>(co_await threads_.store());
}

Task<Result<>> Timelines::catch_up(Wait wait) {
  runtime::Core& core = parts_.client.core();
  engine::Subscription end(parts_.client, parts_.principal, threads_.filter(),
                           engine::Subscription::from_end());
  engine::FrameBatch batch;
  KEEL_CO_TRY(co_await end.next(batch, wait));
  const Timestamp limit = core.now() + kBehindTime;
  while (runner_.statistics().position < end.position()) {
    if (core.now() > limit)
      co_return Error(kTimelineBehind,
                      fmt::format("timelines have come to position {} of {}",
                                  runner_.statistics().position.value(), end.position().value()));
    KEEL_CO_TRY(co_await core.sleep_until(core.now() + kBehindPause, wait));
  }
  co_return success();
}

Task<Result<SessionNumber>> Timelines::session_of(TenantId tenant,
                                                  const std::vector<Position>& positions,
                                                  Wait wait) {
  Pieces pieces(parts_.client, parts_.principal, tenant);
  std::size_t looked_at = 0;
  for (const Position each : positions) {
    if (++looked_at > kMostLookedAt) break;
    KEEL_CO_TRY(co_await pieces.read(each, {}, wait));
    if (!pieces.named.is_zero()) co_return pieces.named;
  }
  co_return SessionNumber();
}

Task<Result<CorrelationId>> Timelines::correlation_of(TenantId tenant, SessionNumber session,
                                                      Wait wait) {
  Bytes payload;
  encode(charging::ListSessions{.only = session, .limit = 1}, payload);
  const engine::Answer answer =
      KEEL_CO_TRY(co_await parts_.client.query({.tenant = tenant,
                                                .principal = parts_.principal,
                                                .type = charging::ListSessions::kType,
                                                .payload = payload},
                                               wait));
  const auto found = KEEL_CO_TRY(decode<charging::ListSessions::Answer>(answer.payload));
  if (found.sessions.empty())
    co_return Error(kNoTimeline, fmt::format("no session {}", session.value()));
  co_return found.sessions.front().correlation;
}

Task<Result<Timeline>> Timelines::timeline(Wanted wanted, Wait wait) {
  KEEL_CO_TRY(co_await catch_up(wait));
  Timeline timeline;
  std::vector<Position> positions;
  const auto of_correlation = [&wanted](CorrelationId id) {
    return Thread{.tenant = wanted.tenant, .kind = Thread::Kind::correlation, .id = id.value()};
  };
  if (wanted.by == Thread::Kind::correlation) {
    timeline.correlation = CorrelationId(wanted.id);
    positions = KEEL_CO_TRY(
        co_await threads_.index().positions(of_correlation(timeline.correlation), kMostPositions));
    if (positions.empty())
      co_return Error(kNoTimeline, "nothing of a session came of correlation " +
                                       to_decimal(timeline.correlation.value()));
    timeline.session = KEEL_CO_TRY(co_await session_of(wanted.tenant, positions, wait));
  } else {
    if (wanted.id == 0 || wanted.id > charging::kMaxSessionNumber)
      co_return Error(kNoTimeline, "no session has this number");
    timeline.session = SessionNumber(static_cast<std::uint32_t>(wanted.id));
  }
  if (!timeline.session.is_zero()) {
    timeline.correlation =
        KEEL_CO_TRY(co_await correlation_of(wanted.tenant, timeline.session, wait));
    const auto own = KEEL_CO_TRY(co_await threads_.index().positions(
        {.tenant = wanted.tenant, .id = timeline.session.value()}, kMostPositions));
    positions = merged(positions, own);
    if (!timeline.correlation.is_zero())
      positions = merged(positions, KEEL_CO_TRY(co_await threads_.index().positions(
                                        of_correlation(timeline.correlation), kMostPositions)));
  }
  timeline.complete = positions.size() < kMostPositions;
  KEEL_CO_TRY(co_await fill(timeline, wanted, positions, wait));
  co_return timeline;
}

Task<Result<>> Timelines::fill(Timeline& timeline, const Wanted& wanted,
                               const std::vector<Position>& positions, Wait wait) {
  const std::size_t limit = wanted.limit == 0 ? kMostRecords : std::min(wanted.limit, kMostRecords);
  Pieces pieces(parts_.client, parts_.principal, wanted.tenant);
  std::size_t bytes = 0;
  Position last = wanted.after;
  for (const Position each : positions) {
    if (each <= wanted.after) continue;
    if (timeline.records.size() >= limit || bytes >= kMostBytes) {
      timeline.next = last;
      break;
    }
    KEEL_CO_TRY(co_await pieces.read(each, timeline.session, wait));
    for (TimelineRecord& record : pieces.records) {
      // Postings between two facts of one decision are met twice.
      if (!timeline.records.empty() && record.position <= timeline.records.back().position)
        continue;
      bytes += record.content.size();
      timeline.records.push_back(std::move(record));
    }
    last = each;
  }
  co_return success();
}

}  // namespace keel::node
