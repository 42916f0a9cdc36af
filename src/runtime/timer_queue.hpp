// TimerQueue: the timers of one core, earliest first. Nodes live in the coroutine frames of those
// who wait, so that a wait allocates nothing; timers of the same time fire in the order in which
// they were added, so that a simulated run repeats exactly.
//
// A binary heap whose entries know their nodes and whose nodes know their places: add and remove
// are O(log n), and a deadline that is far away and taken back soon (the common case) costs O(1).
//
// Thread: the owning core.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "base/time.hpp"

namespace keel::runtime {

class TimerQueue {
 public:
  // Something that waits for a time. Must be removed, or have fired, before it dies.
  class Node {
   public:
    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // Called once when the time has come, after the node has left the queue.
    virtual void expired() noexcept = 0;
    bool queued() const noexcept { return place_ != kNotQueued; }

   protected:
    ~Node() { KEEL_ASSERT(!queued()); }

   private:
    friend class TimerQueue;
    static constexpr std::size_t kNotQueued = SIZE_MAX;
    std::size_t place_ = kNotQueued;
  };

  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() { KEEL_ASSERT(heap_.empty()); }

  void add(Node& node, Timestamp when);
  void remove(Node& node) noexcept;  // not queued: does nothing

  // The time of the earliest timer, or never.
  Timestamp next() const noexcept { return heap_.empty() ? Timestamp::never() : heap_[0].when; }
  // Fires all that are due; how many. A timer that is added meanwhile and is due fires too.
  std::size_t fire(Timestamp now) noexcept;
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  struct Entry {
    Timestamp when;
    std::uint64_t order = 0;
    Node* node = nullptr;

    bool before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : order < other.order;
    }
  };
  void put(std::size_t place, const Entry& entry) noexcept {
    heap_[place] = entry;
    entry.node->place_ = place;
  }
  void sift_up(std::size_t place, Entry entry) noexcept;
  void sift_down(std::size_t place, Entry entry) noexcept;

  std::vector<Entry> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace keel::runtime
