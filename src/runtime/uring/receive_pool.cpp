#include "runtime/uring/receive_pool.hpp"

#include <sys/mman.h>

#include <bit>
#include <string>

#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"

namespace keel::runtime {

ReceivePool::ReceivePool(BufferSlab::Shape shape) : slab_(shape), entries_(shape.buffers) {
  KEEL_ASSERT(std::has_single_bit(shape.buffers) && shape.buffers <= 32768);
}

ReceivePool::~ReceivePool() {
  KEEL_ASSERT(ring_ == nullptr && first_starved_ == nullptr);
}

Result<> ReceivePool::open(Ring& ring) {
  void* memory = ::mmap(nullptr, slab_.count() * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  KEEL_ASSERT(memory != MAP_FAILED);
  ring_ = static_cast<io_uring_buf_ring*>(memory);
  io_uring_buf_ring_init(ring_);
  io_uring_buf_reg registration{};
  registration.ring_addr = std::bit_cast<std::uint64_t>(memory);
  registration.ring_entries = slab_.count();
  registration.bgid = kGroup;
  const int registered = io_uring_register_buf_ring(&ring.raw(), &registration, 0);
  if (registered < 0) {
    return Error(kNoWorld, "provided buffer rings: " + std::string(error_text(-registered)));
  }
  for (std::uint32_t buffer = 0; buffer < slab_.count(); ++buffer) provide(buffer);
  return success();
}

void ReceivePool::close(Ring& ring) noexcept {
  if (ring_ == nullptr) return;
  static_cast<void>(io_uring_unregister_buf_ring(&ring.raw(), kGroup));
  ::munmap(ring_, slab_.count() * sizeof(io_uring_buf));
  ring_ = nullptr;
}

void ReceivePool::provide(std::uint32_t buffer) noexcept {
  const ByteSpan bytes = slab_.buffer(buffer);
  io_uring_buf_ring_add(ring_, bytes.data(), static_cast<unsigned>(bytes.size()),
                        static_cast<std::uint16_t>(buffer), io_uring_buf_ring_mask(slab_.count()),
                        0);
  io_uring_buf_ring_advance(ring_, 1);
  ++free_;
}

void ReceivePool::taken(std::uint32_t buffer, std::uint32_t size_bytes, List& into) noexcept {
  KEEL_ASSERT(buffer < slab_.count() && size_bytes <= slab_.buffer_bytes());
  KEEL_ASSERT(free_ > 0);
  --free_;
  entries_[buffer] = {.size_bytes = size_bytes, .next = kNone};
  if (into.count++ == 0) {
    into.first = buffer;
  } else {
    entries_[into.last].next = buffer;
  }
  into.last = buffer;
}

void ReceivePool::unused(std::uint32_t buffer) noexcept {
  --free_;
  provide(buffer);
}

Received ReceivePool::pop(List& from) noexcept {
  KEEL_ASSERT(from.count > 0);
  const std::uint32_t buffer = from.first;
  from.first = entries_[buffer].next;
  --from.count;
  return Received(slab_.buffer(buffer).first(entries_[buffer].size_bytes), this, buffer);
}

void ReceivePool::copy_out(List& from, Bytes& to) {
  while (from.count > 0) {
    const Received received = pop(from);
    to.insert(to.end(), received.bytes().begin(), received.bytes().end());
  }
}

void ReceivePool::give_back(std::uint32_t buffer) noexcept {
  KEEL_ASSERT(ring_ != nullptr);  // a Received has outlived its world
  provide(buffer);
}

void ReceivePool::starve(Starved& stream) noexcept {
  KEEL_ASSERT(!stream.queued_);
  stream.queued_ = true;
  stream.previous_ = last_starved_;
  stream.next_ = nullptr;
  (last_starved_ != nullptr ? last_starved_->next_ : first_starved_) = &stream;
  last_starved_ = &stream;
}

void ReceivePool::leave(Starved& stream) noexcept {
  if (!std::exchange(stream.queued_, false)) return;
  (stream.previous_ != nullptr ? stream.previous_->next_ : first_starved_) = stream.next_;
  (stream.next_ != nullptr ? stream.next_->previous_ : last_starved_) = stream.previous_;
}

void ReceivePool::feed() noexcept {
  for (std::uint32_t resumed = 0; resumed < free_ && first_starved_ != nullptr;) {
    Starved& stream = *first_starved_;
    leave(stream);
    resumed += stream.resume_receiving() ? 1 : 0;
  }
}

}  // namespace keel::runtime
