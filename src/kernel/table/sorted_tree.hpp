// SortedTree: items in the order of their keys: a B+ tree whose nodes are a few cache lines, linked
// at the leaves. An insert splits at most one node a level; keys that come in ascending order leave
// full leaves behind. A node is given back when it is empty and not before (T. Johnson, D. Shasha,
// "B-trees with inserts and deletes: why free-at-empty is better than merge-at-half", 1993), which
// suits queues: in at one end, out at the other.
//
// The shape is never observed: only the order of the keys is.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <utility>

#include "base/assert.hpp"
#include "kernel/table/node_pool.hpp"
#include "kernel/table/stored.hpp"

namespace keel::kernel {

template <std::totally_ordered Key, typename Row>
class SortedTree {
 public:
  struct Item {
    [[no_unique_address]] Key key{};
    [[no_unique_address]] Row row{};
  };

  // A place between the items: at an item, or at none. Valid until the next change of the tree.
  class Cursor {
   public:
    explicit operator bool() const noexcept { return leaf_ != kNone; }
    const Key& key() const { return item().key; }
    const Row& row() const { return item().row; }
    void next();
    void previous();

   private:
    friend class SortedTree;
    Cursor(const SortedTree& tree, std::uint32_t leaf, std::uint32_t place)
        : tree_(&tree), leaf_(leaf), place_(place) {}
    const Item& item() const {
      KEEL_ASSERT(leaf_ != kNone);
      return tree_->leaves_[leaf_].items[place_];
    }
    const SortedTree* tree_;
    std::uint32_t leaf_;
    std::uint32_t place_;
  };

  SortedTree() : root_(leaves_.take()), first_(root_), last_(root_) {}

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t bytes() const noexcept { return leaves_.bytes() + inners_.bytes(); }

  Cursor first() const { return forward(first_, 0); }
  Cursor last() const { return backward(last_, leaves_[last_].count); }
  // At the first item whose key is not less than (lower), or greater than (upper), `key`.
  Cursor lower_bound(const Key& key) const {
    const std::uint32_t leaf = leaf_of(key);
    return forward(leaf, place_in(leaves_[leaf], key));
  }
  Cursor upper_bound(const Key& key) const {
    Cursor cursor = lower_bound(key);
    if (cursor && cursor.key() == key) cursor.next();
    return cursor;
  }
  // At the last item whose key is less than `key`.
  Cursor last_below(const Key& key) const {
    const std::uint32_t leaf = leaf_of(key);
    return backward(leaf, place_in(leaves_[leaf], key));
  }
  // Null when there is none. Valid until the next change of the tree.
  template <typename Self>
  auto* find(this Self& self, const Key& key) {
    auto& leaf = self.leaves_[self.leaf_of(key)];
    const std::uint32_t place = place_in(leaf, key);
    return place < leaf.count && leaf.items[place].key == key ? &leaf.items[place].row : nullptr;
  }

  void insert(const Key& key, const Row& row);  // the key must be absent
  void erase(const Key& key);                   // the key must be there

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kNodeBytes = 1024;
  static constexpr std::uint32_t kItems =
      std::max<std::uint32_t>(8, static_cast<std::uint32_t>(kNodeBytes / sizeof(Item)));
  static constexpr std::uint32_t kChildren = std::max<std::uint32_t>(
      8, static_cast<std::uint32_t>(kNodeBytes / (sizeof(Key) + sizeof(std::uint32_t))));
  static constexpr std::size_t kMaxHeight = 12;  // at least 4^12 leaves, far beyond memory

  struct Leaf {
    std::uint32_t count = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    std::array<Item, kItems> items{};
  };
  // Child i holds keys not less than keys[i] and less than keys[i + 1]; keys[0] means nothing.
  struct Inner {
    std::uint32_t count = 0;
    std::array<Key, kChildren> keys{};
    std::array<std::uint32_t, kChildren> children{};
  };
  // The way down from the root: nodes, and which child was taken in each.
  struct Path {
    std::array<std::uint32_t, kMaxHeight> nodes;
    std::array<std::uint32_t, kMaxHeight> places;
  };

  static std::uint32_t place_in(const Leaf& leaf, const Key& key) {
    const std::span<const Item> items = std::span(leaf.items).first(leaf.count);
    return static_cast<std::uint32_t>(std::ranges::lower_bound(items, key, {}, &Item::key) -
                                      items.begin());
  }
  static std::uint32_t child_for(const Inner& inner, const Key& key) {
    const std::span<const Key> keys = std::span(inner.keys).first(inner.count).subspan(1);
    return static_cast<std::uint32_t>(std::ranges::upper_bound(keys, key) - keys.begin());
  }
  std::uint32_t leaf_of(const Key& key) const {
    std::uint32_t node = root_;
    for (std::size_t depth = 0; depth < height_; ++depth) {
      node = inners_[node].children[child_for(inners_[node], key)];
    }
    return node;
  }
  std::uint32_t leaf_of(const Key& key, Path& path) const {
    std::uint32_t node = root_;
    for (std::size_t depth = 0; depth < height_; ++depth) {
      path.nodes[depth] = node;
      path.places[depth] = child_for(inners_[node], key);
      node = inners_[node].children[path.places[depth]];
    }
    return node;
  }

  // The place, or the first of the leaf after it.
  Cursor forward(std::uint32_t leaf, std::uint32_t place) const {
    if (place < leaves_[leaf].count) return {*this, leaf, place};
    return {*this, leaves_[leaf].next, 0};
  }
  // The place before this one.
  Cursor backward(std::uint32_t leaf, std::uint32_t place) const {
    if (place > 0) return {*this, leaf, place - 1};
    const std::uint32_t before = leaves_[leaf].previous;
    return {*this, before, before == kNone ? 0 : leaves_[before].count - 1};
  }

  template <typename T, std::size_t N>
  static void insert_at(std::array<T, N>& values, std::uint32_t count, std::uint32_t place,
                        const T& value) {
    const std::span all(values);
    std::ranges::move_backward(all.subspan(place, count - place), all.first(count + 1).end());
    values[place] = value;
  }
  template <typename T, std::size_t N>
  static void erase_at(std::array<T, N>& values, std::uint32_t count, std::uint32_t place) {
    const std::span all(values);
    std::ranges::move(all.first(count).subspan(place + 1), all.subspan(place).begin());
  }
  // Moves values[from, count) to the front of `to`; the number moved.
  template <typename T, std::size_t N>
  static std::uint32_t move_tail(std::array<T, N>& values, std::uint32_t from, std::uint32_t count,
                                 std::array<T, N>& to) {
    std::ranges::move(std::span(values).subspan(from, count - from), to.begin());
    return count - from;
  }

  std::uint32_t split_leaf(std::uint32_t id, std::uint32_t place);
  void insert_child(Path& path, const Key& key, std::uint32_t child);
  void erase_child(Path& path);

  NodePool<Leaf> leaves_;
  NodePool<Inner> inners_;
  std::size_t height_ = 0;  // levels of inner nodes above the leaves
  std::uint32_t root_;
  std::uint32_t first_;  // leaf
  std::uint32_t last_;   // leaf
  std::uint64_t size_ = 0;
};

template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::Cursor::next() {
  KEEL_ASSERT(leaf_ != kNone);
  *this = tree_->forward(leaf_, place_ + 1);
}

template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::Cursor::previous() {
  KEEL_ASSERT(leaf_ != kNone);
  *this = tree_->backward(leaf_, place_);
}

template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::insert(const Key& key, const Row& row) {
  Path path;
  std::uint32_t id = leaf_of(key, path);
  std::uint32_t place = place_in(leaves_[id], key);
  KEEL_ASSERT(place == leaves_[id].count || leaves_[id].items[place].key != key);
  if (leaves_[id].count == kItems) {
    const std::uint32_t right = split_leaf(id, place);
    const bool grew_at_end = leaves_[right].count == 0;  // the key itself then parts the two
    insert_child(path, grew_at_end ? key : leaves_[right].items[0].key, right);
    if (place > leaves_[id].count || grew_at_end) {
      place -= leaves_[id].count;
      id = right;
    }
  }
  Leaf& leaf = leaves_[id];
  insert_at(leaf.items, leaf.count, place, Item{key, row});
  ++leaf.count;
  ++size_;
}

// Makes a leaf to the right of a full one and moves the upper half there, or nothing when the tree
// grows at its end.
template <std::totally_ordered Key, typename Row>
std::uint32_t SortedTree<Key, Row>::split_leaf(std::uint32_t id, std::uint32_t place) {
  const std::uint32_t right_id = leaves_.take();
  Leaf& left = leaves_[id];
  Leaf& right = leaves_[right_id];
  const std::uint32_t from = id == last_ && place == left.count ? left.count : left.count / 2;
  right.count = move_tail(left.items, from, left.count, right.items);
  left.count = from;
  right.previous = id;
  right.next = left.next;
  left.next = right_id;
  if (right.next == kNone) {
    last_ = right_id;
  } else {
    leaves_[right.next].previous = right_id;
  }
  return right_id;
}

// Puts `child`, whose keys begin at `key`, to the right of the child at the end of the path.
template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::insert_child(Path& path, const Key& first_key, std::uint32_t child) {
  Key key = first_key;
  for (std::size_t depth = height_; depth-- > 0;) {
    const std::uint32_t place = path.places[depth] + 1;
    Inner& left = inners_[path.nodes[depth]];
    if (left.count < kChildren) {
      insert_at(left.keys, left.count, place, key);
      insert_at(left.children, left.count, place, child);
      ++left.count;
      return;
    }
    const std::uint32_t right_id = inners_.take();
    Inner& right = inners_[right_id];
    const std::uint32_t from = place == left.count ? left.count - 1 : left.count / 2;
    right.count = move_tail(left.keys, from, left.count, right.keys);
    move_tail(left.children, from, left.count, right.children);
    left.count = from;
    Inner& into = place <= left.count ? left : right;
    const std::uint32_t at = place <= left.count ? place : place - left.count;
    insert_at(into.keys, into.count, at, key);
    insert_at(into.children, into.count, at, child);
    ++into.count;
    key = right.keys[0];
    child = right_id;
  }
  KEEL_ASSERT(height_ < kMaxHeight);
  const std::uint32_t new_root = inners_.take();
  Inner& inner = inners_[new_root];
  inner.count = 2;
  inner.children[0] = root_;
  inner.keys[1] = key;
  inner.children[1] = child;
  root_ = new_root;
  ++height_;
}

template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::erase(const Key& key) {
  Path path;
  const std::uint32_t id = leaf_of(key, path);
  Leaf& leaf = leaves_[id];
  const std::uint32_t place = place_in(leaf, key);
  KEEL_ASSERT(place < leaf.count);
  KEEL_ASSERT(leaf.items[place].key == key);
  erase_at(leaf.items, leaf.count, place);
  --leaf.count;
  --size_;
  if (leaf.count > 0 || height_ == 0) return;
  (leaf.previous == kNone ? first_ : leaves_[leaf.previous].next) = leaf.next;
  (leaf.next == kNone ? last_ : leaves_[leaf.next].previous) = leaf.previous;
  leaf.previous = leaf.next = kNone;
  leaves_.release(id);
  erase_child(path);
}

// Takes out the child at the end of the path, which has become empty.
template <std::totally_ordered Key, typename Row>
void SortedTree<Key, Row>::erase_child(Path& path) {
  for (std::size_t depth = height_; depth-- > 0;) {
    Inner& inner = inners_[path.nodes[depth]];
    erase_at(inner.keys, inner.count, path.places[depth]);
    erase_at(inner.children, inner.count, path.places[depth]);
    if (--inner.count > 0) break;
    inners_.release(path.nodes[depth]);
  }
  while (height_ > 0 && inners_[root_].count == 1) {
    const std::uint32_t only = inners_[root_].children[0];
    inners_[root_].count = 0;
    inners_.release(root_);
    root_ = only;
    --height_;
  }
}

}  // namespace keel::kernel
