#include "node/receipts/session_positions.hpp"

#include "base/describe/wire.hpp"
#include "engine/errors.hpp"
#include "modules/charging/events.hpp"

namespace keel::node {
namespace {

constexpr Duration kStorePause = Duration::seconds(5);

}  // namespace

engine::RecordFilter SessionPositions::filter() const {
  return {.types = {charging::SessionClosed::kEventType}};
}

runtime::Task<Result<Position>> SessionPositions::position() {
  if (taken_) co_return *taken_;
  const Result<Position> stored = co_await stored_.load();
  if (stored.ok()) taken_ = *stored;
  if (!stored.ok() && stored.error().is(engine::kBadRecord)) KEEL_CO_TRY(co_await forget());
  if (!taken_) co_return stored;
  co_return *taken_;
}

runtime::Task<Result<>> SessionPositions::take(const engine::FrameBatch& batch, Position upto,
                                               runtime::Wait) {
  for (const engine::Frame& frame : batch.frames) {
    if (frame.kind != engine::FrameKind::record) continue;
    const auto bill = KEEL_CO_TRY(decode<charging::SessionClosed>(batch.payload(frame)));
    KEEL_CO_TRY(co_await table_.put(
        {.tenant = frame.envelope.tenant, .number = bill.session.value()}, frame.position));
  }
  taken_ = upto;
  if (core_.now() - stored_at_ < kStorePause) co_return success();
  co_return co_await store();
}

runtime::Task<Result<>> SessionPositions::store() {
  if (!taken_) co_return success();
  KEEL_CO_TRY(co_await table_.sync());
  KEEL_CO_TRY(co_await stored_.store(*taken_));
  stored_at_ = core_.now();
  co_return success();
}

runtime::Task<Result<>> SessionPositions::forget() {
  KEEL_CO_TRY(co_await stored_.store({}));
  KEEL_CO_TRY(co_await table_.clear());
  taken_ = Position{};
  co_return success();
}

}  // namespace keel::node
