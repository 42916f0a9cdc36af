#include "vault/key_shelf.hpp"

#include <sodium.h>

namespace keel::vault {

KeyShelf::KeyShelf(std::size_t keys) {
  KEEL_ASSERT(keys > 0 && sodium_init() >= 0);
  void* memory = sodium_allocarray(keys, sizeof(Key));
  KEEL_ASSERT(memory != nullptr);
  keys_ = {static_cast<Key*>(memory), keys};
  for (std::size_t key = keys; key > 0; --key) free_.push_back(key - 1);
}

KeyShelf::~KeyShelf() {
  sodium_free(keys_.data());  // wipes
}

const Key* KeyShelf::find(const kernel::Subject& whose) const {
  const auto found = places_.find(whose);
  if (found == places_.end()) return nullptr;
  turns_.splice(turns_.end(), turns_, found->second.turn);
  return &keys_[found->second.key];
}

void KeyShelf::put(const kernel::Subject& whose, const Key& key) {
  drop(whose);
  if (free_.empty()) drop(kernel::Subject(turns_.front()));
  const std::size_t place = free_.back();
  free_.pop_back();
  keys_[place] = key;
  places_[whose] = {.key = place, .turn = turns_.insert(turns_.end(), whose)};
}

void KeyShelf::drop(const kernel::Subject& whose) noexcept {
  const auto found = places_.find(whose);
  if (found == places_.end()) return;
  wipe(keys_[found->second.key]);
  free_.push_back(found->second.key);
  turns_.erase(found->second.turn);
  places_.erase(found);
}

}  // namespace keel::vault
