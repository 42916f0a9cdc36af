// KeyShelf: the unwrapped keys that are at hand, a bounded number of them, in memory that is locked
// (as far as limits allow), not dumped, and wiped. When it is full the key that was taken least
// recently makes room.
//
// Thread: one core.
#pragma once

#include <list>
#include <map>

#include "vault/cipher.hpp"

namespace keel::vault {

class KeyShelf {
 public:
  explicit KeyShelf(std::size_t keys);
  ~KeyShelf();
  KeyShelf(const KeyShelf&) = delete;
  KeyShelf& operator=(const KeyShelf&) = delete;

  // Null: not at hand. Valid until the next put() or drop().
  const Key* find(const kernel::Subject& whose) const;
  void put(const kernel::Subject& whose, const Key& key);
  void drop(const kernel::Subject& whose) noexcept;  // wipes it; not there: nothing
  std::size_t size() const noexcept { return places_.size(); }

 private:
  struct Place {
    std::size_t key = 0;
    std::list<kernel::Subject>::iterator turn;
  };

  std::span<Key> keys_;  // one guarded allocation
  std::vector<std::size_t> free_;
  std::map<kernel::Subject, Place> places_;
  mutable std::list<kernel::Subject> turns_;  // the one taken least recently first
};

}  // namespace keel::vault
