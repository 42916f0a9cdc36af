#include "runtime/timer_queue.hpp"

namespace keel::runtime {

void TimerQueue::add(Node& node, Timestamp when) {
  KEEL_ASSERT(!node.queued());
  heap_.emplace_back();
  sift_up(heap_.size() - 1, {.when = when, .order = next_order_++, .node = &node});
}

void TimerQueue::remove(Node& node) noexcept {
  if (!node.queued()) return;
  const std::size_t place = std::exchange(node.place_, Node::kNotQueued);
  KEEL_ASSERT(heap_[place].node == &node);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  if (place > 0 && last.before(heap_[(place - 1) / 2])) {
    sift_up(place, last);
  } else {
    sift_down(place, last);
  }
}

std::size_t TimerQueue::fire(Timestamp now) noexcept {
  std::size_t fired = 0;
  while (!heap_.empty() && heap_[0].when <= now) {
    Node* node = heap_[0].node;
    remove(*node);
    node->expired();
    ++fired;
  }
  return fired;
}

void TimerQueue::sift_up(std::size_t place, Entry entry) noexcept {
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, entry);
}

void TimerQueue::sift_down(std::size_t place, Entry entry) noexcept {
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, entry);
}

}  // namespace keel::runtime
