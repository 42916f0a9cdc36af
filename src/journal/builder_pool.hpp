// BuilderPool: the fixed set of group buffers of a journal, and whose each is: free, the caller's
// (forming), or the journal's (submitted). Numbers run on from group to group: a group that forms
// behind one in flight begins behind its last record.
//
// Thread: the writer's core. Memory: all buffers are made at the start.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "journal/group_buffer.hpp"

namespace keel::journal {

class BuilderPool {
 public:
  BuilderPool(GroupCapacity capacity, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      slots_.push_back({.buffer = std::make_unique<GroupBuffer>(capacity)});
    }
  }

  // A buffer for records behind everything that is durable or submitted. Null when all are taken or
  // one is forming: where the next group begins is known only when that one has been submitted.
  GroupBuffer* form(Position durable, Timestamp durable_time) {
    Slot* free = nullptr;
    bool in_flight = false;
    for (Slot& slot : slots_) {
      if (slot.state == State::forming) return nullptr;
      if (slot.state == State::submitted) in_flight = true;
      if (slot.state == State::free) free = &slot;
    }
    if (free == nullptr) return nullptr;
    free->state = State::forming;
    free->buffer->begin(in_flight ? submitted_ : durable,
                        in_flight ? submitted_time_ : durable_time);
    return free->buffer.get();
  }

  GroupBuffer& submit(GroupBuilder& group) {
    Slot& slot = slot_of(group);
    KEEL_ASSERT(slot.state == State::forming);
    KEEL_ASSERT(!slot.buffer->empty());
    slot.state = State::submitted;
    submitted_ = slot.buffer->last();
    submitted_time_ = slot.buffer->last_time();
    return *slot.buffer;
  }

  void release(GroupBuilder& group) {
    Slot& slot = slot_of(group);
    KEEL_ASSERT(slot.state != State::free);
    slot.state = State::free;
  }

 private:
  enum class State : std::uint8_t { free, forming, submitted };
  struct Slot {
    std::unique_ptr<GroupBuffer> buffer;  // callers hold its address
    State state = State::free;
  };

  Slot& slot_of(GroupBuilder& group) {
    const auto slot =
        std::ranges::find_if(slots_, [&](const Slot& s) { return s.buffer.get() == &group; });
    KEEL_ASSERT(slot != slots_.end());
    return *slot;
  }

  std::vector<Slot> slots_;
  Position submitted_;  // last record of the newest submitted group
  Timestamp submitted_time_;
};

}  // namespace keel::journal
