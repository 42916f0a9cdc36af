// NodePool: nodes named by a number, in pages that never move; what is released is given out again,
// the last first. Pages are kept until the pool goes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace keel::kernel {

template <typename Node>
class NodePool {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  Node& operator[](std::uint32_t id) noexcept [[clang::lifetimebound]] {
    return (*pages_[id / kPageNodes])[id % kPageNodes];
  }
  const Node& operator[](std::uint32_t id) const noexcept [[clang::lifetimebound]] {
    return (*pages_[id / kPageNodes])[id % kPageNodes];
  }

  // The node as it was left, or as new.
  std::uint32_t take() {
    if (!released_.empty()) {
      const std::uint32_t id = released_.back();
      released_.pop_back();
      return id;
    }
    if (made_ % kPageNodes == 0) pages_.push_back(std::make_unique<Page>());
    return made_++;
  }
  void release(std::uint32_t id) { released_.push_back(id); }

  std::uint32_t in_use() const noexcept {
    return made_ - static_cast<std::uint32_t>(released_.size());
  }
  std::uint64_t bytes() const noexcept {
    return pages_.size() * sizeof(Page) + released_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::uint32_t kPageNodes = 16;
  using Page = std::array<Node, kPageNodes>;

  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<std::uint32_t> released_;
  std::uint32_t made_ = 0;
};

}  // namespace keel::kernel
