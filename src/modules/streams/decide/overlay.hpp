// Overlay: what the operations gathered so far, and not yet applied, will do to queues, packet ids,
// entries, wills and named streams: so that a batch becomes one event, and is decided as if each
// operation had been applied before the next. An open-addressed table that keeps its memory.
//
// Private to this folder. Answers depend on nothing but what was put in.
#pragma once

#include <vector>

#include "base/hash/hash64.hpp"
#include "kernel/table/table_base.hpp"
#include "modules/streams/types.hpp"

namespace keel::streams {

class Overlay {
 public:
  enum class Kind : std::uint64_t { queue, packet, entry, will, stream };
  struct Added {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };

  explicit Overlay(kernel::HashSeed seed) : seed_(seed), slots_(kFirstSlots) {}

  bool contains(Kind kind, SessionNumber session, std::uint64_t id) const {
    return slots_[place_of({kind, session, id})].generation == generation_;
  }
  // Puts it in when it is not there. Valid until the next call.
  Added& touch(Kind kind, SessionNumber session, std::uint64_t id) {
    if (size_ * 2 >= slots_.size()) grow();
    const Key key{kind, session, id};
    Slot& slot = slots_[place_of(key)];
    if (slot.generation != generation_) {
      slot = {.key = key, .generation = generation_, .added = {}};
      ++size_;
    }
    return slot.added;
  }
  void clear() noexcept {
    ++generation_;
    size_ = 0;
  }

 private:
  static constexpr std::size_t kFirstSlots = 256;

  struct Key {
    Kind kind{};
    SessionNumber session{};
    std::uint64_t id = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Slot {
    Key key;
    std::uint64_t generation = 0;  // of another one than the present: free
    Added added;
  };

  // Of the key, or of where it would stand.
  std::size_t place_of(const Key& key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = hash64(object_bytes(key), seed_.value()) & mask;
    while (slots_[place].generation == generation_ && slots_[place].key != key) {
      place = (place + 1) & mask;
    }
    return place;
  }
  void grow() {
    const std::vector<Slot> before(slots_.size() * 2);
    std::vector<Slot> old = std::exchange(slots_, before);
    for (const Slot& slot : old) {
      if (slot.generation == generation_) slots_[place_of(slot.key)] = slot;
    }
  }

  kernel::HashSeed seed_;
  std::vector<Slot> slots_;  // a power of two
  std::uint64_t generation_ = 1;
  std::size_t size_ = 0;
};

}  // namespace keel::streams
