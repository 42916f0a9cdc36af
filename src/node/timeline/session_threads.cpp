#include "node/timeline/session_threads.hpp"

#include <algorithm>
#include <array>

#include "base/describe/wire.hpp"
#include "engine/errors.hpp"

namespace keel::node {
namespace {

using charging::SessionNumber;
using runtime::Task;

constexpr Duration kStorePause = Duration::seconds(5);
constexpr std::size_t kMostBefore = 16;

struct Told {
  kernel::EventType type;
  Result<SessionNumber> (*session)(ByteView payload);  // null: it names none
  bool by_correlation = false;                         // found by the request that it came of too
};

template <typename Event>
Result<SessionNumber> session_of(ByteView payload) {
  return KEEL_TRY(decode<Event>(payload)).session;
}

template <typename Event>
constexpr Told of_session() {
  return {Event::kEventType, &session_of<Event>};
}

constexpr std::array<Told, 15> kTold{{
    {charging::TokenChecked::kEventType, nullptr, true},
    {charging::CallEnded::kEventType, nullptr, true},
    {charging::StopKept::kEventType, nullptr, true},
    {charging::CallRequested::kEventType, &session_of<charging::CallRequested>, true},
    {charging::SessionStarted::kEventType, &session_of<charging::SessionStarted>, true},
    of_session<charging::ReadingsRecorded>(),
    of_session<charging::IdleChanged>(),
    of_session<charging::SessionStopped>(),
    of_session<charging::SessionClosed>(),
    of_session<charging::SessionDeferred>(),
    of_session<charging::StopReleased>(),
    of_session<charging::StopConflicted>(),
    of_session<charging::SessionExtended>(),
    of_session<charging::CorrectionEnded>(),
    of_session<charging::ReadingsUnplaced>(),
}};

}  // namespace

Result<SessionNumber> session_in(kernel::EventType type, ByteView payload) {
  const auto told = std::ranges::find(kTold, type, &Told::type);
  if (told == kTold.end() || told->session == nullptr) return SessionNumber();
  return told->session(payload);
}

engine::RecordFilter SessionThreads::kinds() {
  engine::RecordFilter filter;
  for (const Told& each : kTold) filter.types.push_back(each.type);
  return filter;
}

Task<Result<Position>> SessionThreads::position() {
  if (taken_) co_return *taken_;
  KEEL_CO_TRY(co_await index_.open());
  const Result<Position> stored = co_await stored_.load();
  if (stored.ok()) taken_ = *stored;
  // Zero: nothing was taken in, or storing was interrupted.
  if ((stored.ok() && *stored == Position{}) ||
      (!stored.ok() && stored.error().is(engine::kBadRecord)))
    KEEL_CO_TRY(co_await forget());
  if (!taken_) co_return stored;
  co_return *taken_;
}

Task<Result<>> SessionThreads::take_beginning(TenantId tenant, SessionNumber session,
                                              CorrelationId correlation) {
  if (correlation.is_zero()) co_return success();
  const std::vector<Position> before = KEEL_CO_TRY(co_await index_.positions(
      {.tenant = tenant, .kind = Thread::Kind::correlation, .id = correlation.value()},
      kMostBefore));
  for (const Position each : before)
    KEEL_CO_TRY(co_await index_.put({.tenant = tenant, .id = session.value()}, each));
  co_return success();
}

Task<Result<>> SessionThreads::take_record(const journal::Envelope& envelope, ByteView payload) {
  const kernel::EventType type(envelope.type);
  const auto told = std::ranges::find(kTold, type, &Told::type);
  if (told == kTold.end()) co_return success();
  if (type == charging::SessionStarted::kEventType) {
    const auto started = KEEL_CO_TRY(decode<charging::SessionStarted>(payload));
    KEEL_CO_TRY(co_await take_beginning(envelope.tenant, started.session,
                                        CorrelationId(started.call.value())));
  }
  const SessionNumber session = KEEL_CO_TRY(session_in(type, payload));
  if (!session.is_zero())
    KEEL_CO_TRY(
        co_await index_.put({.tenant = envelope.tenant, .id = session.value()}, envelope.sequence));
  if (!told->by_correlation || envelope.correlation.is_zero()) co_return success();
  co_return co_await index_.put({.tenant = envelope.tenant,
                                 .kind = Thread::Kind::correlation,
                                 .id = envelope.correlation.value()},
                                envelope.sequence);
}

Task<Result<>> SessionThreads::take(const engine::FrameBatch& batch, Position upto, runtime::Wait) {
  for (const engine::Frame& frame : batch.frames) {
    if (frame.kind == engine::FrameKind::record)
      KEEL_CO_TRY(co_await take_record(frame.envelope, batch.payload(frame)));
  }
  taken_ = upto;
  if (core_.now() - stored_at_ < kStorePause && !index_.full()) co_return success();
  co_return co_await store();
}

Task<Result<>> SessionThreads::store() {
  if (!taken_) co_return success();
  // A power cut may spoil any page that is being written, with what it held before.
  if (index_.has_changes()) {
    KEEL_CO_TRY(co_await stored_.store({}));
    KEEL_CO_TRY(co_await index_.store());
  }
  KEEL_CO_TRY(co_await stored_.store(*taken_));
  stored_at_ = core_.now();
  co_return success();
}

Task<Result<>> SessionThreads::forget() {
  KEEL_CO_TRY(co_await stored_.store({}));
  KEEL_CO_TRY(co_await index_.clear());
  KEEL_CO_TRY(co_await index_.open());
  taken_ = Position{};
  co_return success();
}

}  // namespace keel::node
