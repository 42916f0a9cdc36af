// BatchQueue: gathers what must be durable, of all clients, into batches for the streams module.
// One batch is under way; what comes meanwhile forms the next, so that one sync serves all who came
// during the last. A batch whose fate is not known is sent again under the same id until it is.
//
// Thread: one core. Bounds: is_crowded() says when its owner must take no more; what is added all
// the same is kept.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "engine/requests/client.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "runtime/wait_queue.hpp"
#include "servers/mqtt/broker/routed.hpp"

namespace keel::broker {

// Somebody who waits for his operations; lives in his frame.
struct Awaited {
  explicit Awaited(runtime::Core& core) : waiting(core) {}

  std::vector<streams::OpCode> codes;  // by the receipts' indexes
  streams::Opened opened;              // of an `open` that is done
  std::size_t left = 0;
  bool failed = false;
  runtime::WaitQueue waiting;
};

// Whom an operation's result is for.
struct Receipt {
  enum class What : std::uint8_t { nothing, publish, forget, release, awaited };
  What what = What::nothing;
  std::uint16_t packet_id = 0;
  std::uint32_t index = 0;  // in awaited->codes
  mqtt::SubscriberId session;
  std::uint64_t attachment = 0;  // of the session; another one is not told
  std::unique_ptr<Routed> routed;
  Awaited* own = nullptr;  // of a publish of the node's own: who waits for it; told by the owner
  Awaited* awaited = nullptr;
};

class BatchOwner {
 public:
  // Durable. In the order in which the operations were added.
  virtual void settled(Receipt& receipt, const streams::OpResult& result) = 0;
  // Refused for good, or nobody can say any more because the node stops.
  virtual void failed(Receipt& receipt) = 0;

 protected:
  ~BatchOwner() = default;
};

// The same request may succeed later.
bool is_passing(const Error& error) noexcept;

struct BatchQueueStats {
  std::uint64_t batches = 0;
  std::uint64_t operations = 0;
  std::uint64_t retries = 0;
  std::uint64_t failed = 0;  // operations
};

class BatchQueue {
 public:
  // Whose commands these are.
  struct Sender {
    TenantId tenant{1};
    PrincipalId principal{1};
  };
  BatchQueue(runtime::Core& core, engine::CellClient& cell, BatchOwner& owner, Sender sender);
  ~BatchQueue();

  // Adds the operation that `write` writes to a batch: bool(streams::BatchWriter&). `may_wait`: a
  // note that nobody waits for; it goes with the next batch, or after a tenth of a second.
  template <typename Write>
  void add(Receipt receipt, const Write& write, bool may_wait = false) {
    if (batches_.empty() || !write(batches_.back()->writer)) {
      batches_.push_back(std::make_unique<Batch>());
      const bool fits = write(batches_.back()->writer);
      KEEL_ASSERT(fits);
    }
    added(std::move(receipt), may_wait);
  }

  // So much waits that no more publishes should be taken from anybody.
  bool is_crowded() const noexcept;
  // Until it is not crowded.
  runtime::Task<Result<>> wait_for_room(runtime::Wait wait);

  // Sends batches until finish(), then what is left; a cancelled wait ends it at once, and fails
  // what is left.
  runtime::Task<> run(runtime::Wait wait);
  void finish() noexcept;
  // run() has ended: what is added now becomes nothing, and who awaits it is told so.
  bool is_over() const noexcept { return over_; }

  const BatchQueueStats& stats() const noexcept { return stats_; }

 private:
  struct Batch {
    streams::BatchWriter writer;
    std::vector<Receipt> receipts;
    bool is_urgent = false;
  };

  void added(Receipt receipt, bool may_wait);
  runtime::Task<bool> wait_for_work(runtime::Wait wait);
  runtime::Task<> send(Batch* batch, runtime::Wait wait);
  void settle(Batch& batch, ByteView reply);
  void fail(Batch& batch);

  runtime::Core& core_;
  engine::CellClient& cell_;
  BatchOwner& owner_;
  Sender sender_;
  std::deque<std::unique_ptr<Batch>> batches_;  // the last one forms
  BatchQueueStats stats_;
  Bytes reply_;
  runtime::WaitQueue work_;
  runtime::WaitQueue room_;
  bool finishing_ = false;
  bool over_ = false;
};

}  // namespace keel::broker
