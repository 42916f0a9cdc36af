#include "servers/mqtt/broker/batch_queue.hpp"

#include "engine/errors.hpp"

namespace keel::broker {

using runtime::Task;
using runtime::Wait;

namespace {

// Where one batch under way and one that forms begin to be more than that.
constexpr std::size_t kCrowdedBytes = 4 * 1'024 * 1'024;
constexpr std::size_t kCrowdedOps = 8'192;
constexpr Duration kLaziness = Duration::milliseconds(100);

}  // namespace

bool is_passing(const Error& error) noexcept {
  switch (error.error_class()) {
    case ErrorClass::overload:
    case ErrorClass::retry_later:
    case ErrorClass::unknown:
    case ErrorClass::unavailable:
    case ErrorClass::cancelled:
      return true;
    default:
      return false;
  }
}

BatchQueue::BatchQueue(runtime::Core& core, engine::CellClient& cell, BatchOwner& owner,
                       Sender sender)
    : core_(core), cell_(cell), owner_(owner), sender_(sender), work_(core), room_(core) {}

BatchQueue::~BatchQueue() {
  KEEL_ASSERT(batches_.empty());
}

void BatchQueue::added(Receipt receipt, bool may_wait) {
  if (over_) {
    batches_.clear();
    if (receipt.awaited != nullptr) receipt.awaited->failed = true;
    return;
  }
  Batch& batch = *batches_.back();
  if (receipt.awaited != nullptr) ++receipt.awaited->left;
  batch.receipts.push_back(std::move(receipt));
  const bool was_urgent = std::exchange(batch.is_urgent, batch.is_urgent || !may_wait);
  if (!was_urgent) work_.wake_all();
}

bool BatchQueue::is_crowded() const noexcept {
  if (batches_.empty()) return false;
  return batches_.size() > 1 || batches_.back()->writer.bytes().size() >= kCrowdedBytes / 2 ||
         batches_.back()->writer.ops() >= kCrowdedOps / 2;
}

Task<Result<>> BatchQueue::wait_for_room(Wait wait) {
  while (is_crowded()) KEEL_CO_TRY(co_await room_.wait(wait));
  co_return success();
}

void BatchQueue::finish() noexcept {
  finishing_ = true;
  work_.wake_all();
}

// False: there is no more, and will be none.
Task<bool> BatchQueue::wait_for_work(Wait wait) {
  Timestamp limit = Timestamp::never();
  for (;;) {
    if (wait.cancellation != nullptr && wait.cancellation->requested()) co_return false;
    if (!batches_.empty()) {
      if (finishing_ || batches_.size() > 1 || batches_.front()->is_urgent) co_return true;
      if (limit.is_never()) limit = core_.now() + kLaziness;
      if (core_.now() >= limit) co_return true;
    } else if (finishing_) {
      co_return false;
    }
    static_cast<void>(co_await work_.wait(wait.until(limit)));
  }
}

Task<> BatchQueue::run(Wait wait) {
  while (co_await wait_for_work(wait)) {
    const std::unique_ptr<Batch> batch = std::move(batches_.front());
    batches_.pop_front();
    co_await send(batch.get(), wait);
    room_.wake_all();
  }
  while (!batches_.empty()) {
    const std::unique_ptr<Batch> batch = std::move(batches_.front());
    batches_.pop_front();
    fail(*batch);
  }
  over_ = true;
  room_.wake_all();
}

Task<> BatchQueue::send(Batch* batch, Wait wait) {
  std::array<std::byte, 16> chance;
  core_.entropy().fill(chance);
  const kernel::Command command{.tenant = sender_.tenant,
                                .principal = sender_.principal,
                                .id = CommandId(ByteReader(chance).read<uint128>().value() | 1),
                                .type = streams::kBatch,
                                .schema_version = kernel::SchemaVersion(1),
                                .payload = batch->writer.bytes()};
  ++stats_.batches;
  stats_.operations += batch->receipts.size();
  for (;;) {
    Result<engine::Answer> answer = co_await cell_.submit(command, {}, std::move(reply_));
    if (answer.ok()) {
      reply_ = std::move(answer->payload);
      co_return settle(*batch, reply_);
    }
    reply_ = Bytes();
    if (!is_passing(answer.error())) co_return fail(*batch);
    ++stats_.retries;
    if (!(co_await core_.sleep_until(core_.now() + engine::kRetryAfter, wait)).ok()) {
      co_return fail(*batch);
    }
  }
}

void BatchQueue::settle(Batch& batch, ByteView bytes) {
  Result<streams::BatchReply> reply = streams::BatchReply::read(bytes);
  KEEL_ASSERT(reply.ok());
  for (Receipt& receipt : batch.receipts) {
    KEEL_ASSERT(reply->has_result());
    const Result<streams::OpResult> result = reply->next_result();
    KEEL_ASSERT(result.ok());
    if (receipt.awaited == nullptr) {
      owner_.settled(receipt, *result);
      continue;
    }
    Awaited& awaited = *receipt.awaited;
    if (awaited.codes.size() <= receipt.index) awaited.codes.resize(receipt.index + 1);
    awaited.codes[receipt.index] = result->code;
    if (receipt.what == Receipt::What::awaited && result->numbers.size() >= 4) {
      awaited.opened = streams::opened_of(*result);
    }
    if (--awaited.left == 0) awaited.waiting.wake_all();
  }
}

void BatchQueue::fail(Batch& batch) {
  stats_.failed += batch.receipts.size();
  for (Receipt& receipt : batch.receipts) {
    if (receipt.awaited == nullptr) {
      owner_.failed(receipt);
      continue;
    }
    receipt.awaited->failed = true;
    if (--receipt.awaited->left == 0) receipt.awaited->waiting.wake_all();
  }
}

}  // namespace keel::broker
