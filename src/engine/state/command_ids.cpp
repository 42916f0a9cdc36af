#include "engine/state/command_ids.hpp"

#include "base/assert.hpp"
#include "base/hash/hash64.hpp"

namespace keel::engine {

namespace {
struct Key {
  uint128 id;
  std::uint64_t tenant;
  std::uint64_t zero;
};
constexpr std::size_t kFirstSlots = 16;
}  // namespace

void CommandIds::Entry::keep_reply(ByteView bytes) {
  reply_bytes = static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() <= reply.size()) std::ranges::copy(bytes, reply.begin());
}

CommandIds::CommandIds(std::size_t limit, std::uint64_t seed, std::uint64_t first_mark)
    : limit_(limit), seed_(seed), first_(first_mark), end_(first_mark) {
  KEEL_ASSERT(limit < std::size_t{1} << 31);  // see number_of()
}

std::uint64_t CommandIds::hash_of(TenantId tenant, CommandId id) const noexcept {
  const Key key{.id = id.value(), .tenant = tenant.value(), .zero = 0};
  return hash64(object_bytes(key), seed_);
}

const CommandIds::Entry* CommandIds::find(TenantId tenant, CommandId id) const {
  const std::uint64_t hash = hash_of(tenant, id);
  const Part& part = parts_[hash >> 56];
  if (part.used == 0) return nullptr;
  const std::size_t mask = part.slots.size() - 1;
  for (std::size_t probe = hash & mask;; probe = (probe + 1) & mask) {
    const Slot& slot = part.slots[probe];
    if (slot.number == 0) return nullptr;
    if (slot.hash != static_cast<std::uint32_t>(hash)) continue;
    const Entry& entry = at(mark_of(slot.number));
    if (entry.id == id && entry.tenant == tenant) return &entry;
  }
}

void CommandIds::prefetch(TenantId tenant, CommandId id) const noexcept {
  const std::uint64_t hash = hash_of(tenant, id);
  const Part& part = parts_[hash >> 56];
  if (part.used != 0) __builtin_prefetch(&part.slots[hash & (part.slots.size() - 1)]);
}

void CommandIds::place(Part& part, Slot slot) noexcept {
  const std::size_t mask = part.slots.size() - 1;
  std::size_t probe = slot.hash & mask;
  while (part.slots[probe].number != 0) probe = (probe + 1) & mask;
  part.slots[probe] = slot;
}

void CommandIds::grow(Part& part) {
  std::vector<Slot> old(std::max(kFirstSlots, part.slots.size() * 2));
  old.swap(part.slots);
  for (const Slot& slot : old) {
    if (slot.number != 0) place(part, slot);
  }
}

void CommandIds::insert(const Entry& entry) {
  KEEL_ASSERT(size() == 0 || at(end_ - 1).position < entry.position);
  const std::uint64_t hash = hash_of(entry.tenant, entry.id);
  Part& part = part_of(hash);
  if ((part.used + 1) * 4 > part.slots.size() * 3) grow(part);
  place(part, {.hash = static_cast<std::uint32_t>(hash), .number = number_of(mark())});
  ++part.used;
  if (end_ / kPageEntries - first_ / kPageEntries == pages_.size()) {
    pages_.push_back(spare_ != nullptr ? std::move(spare_) : std::make_unique<Page>());
  }
  (*pages_.back())[end_ % kPageEntries] = entry;
  ++end_;
}

void CommandIds::remove_from_index(const Entry& entry, std::uint64_t mark) noexcept {
  const std::uint64_t hash = hash_of(entry.tenant, entry.id);
  Part& part = part_of(hash);
  const std::size_t mask = part.slots.size() - 1;
  std::size_t hole = hash & mask;
  while (part.slots[hole].number != number_of(mark)) hole = (hole + 1) & mask;
  // Close the gap, so that no probe ends early at it.
  for (std::size_t next = (hole + 1) & mask; part.slots[next].number != 0;
       next = (next + 1) & mask) {
    const std::size_t home = part.slots[next].hash & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    part.slots[hole] = part.slots[next];
    hole = next;
  }
  part.slots[hole] = {};
  --part.used;
}

void CommandIds::rollback_to(std::uint64_t to) {
  KEEL_ASSERT(to >= first_);
  for (; end_ > to; --end_) {
    remove_from_index(at(end_ - 1), end_ - 1);
    if ((end_ - 1) % kPageEntries == 0) {
      spare_ = std::move(pages_.back());
      pages_.pop_back();
    }
  }
}

void CommandIds::drop_before(Timestamp time, std::size_t limit) {
  for (; limit > 0 && size() > 0 && at(first_).time < time; --limit) {
    remove_from_index(at(first_), first_);
    ++first_;
    if (first_ % kPageEntries == 0) {
      spare_ = std::move(pages_.front());
      pages_.pop_front();
    }
  }
}

void CommandIds::hash_into(kernel::StateHash& hash, Timestamp since) const {
  for (std::uint64_t mark = first_; mark < end_; ++mark) {
    const Entry& entry = at(mark);
    if (entry.time < since) continue;
    hash.update(object_bytes(entry));
  }
}

std::size_t CommandIds::bytes() const noexcept {
  std::size_t slots = 0;
  for (const Part& part : parts_) slots += part.slots.size();
  return pages_.size() * sizeof(Page) + slots * sizeof(Slot);
}

}  // namespace keel::engine
