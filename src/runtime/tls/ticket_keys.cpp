#include "runtime/tls/ticket_keys.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace keel::runtime {

TicketKeys::TicketKeys(Entropy& entropy, Timestamp now, Duration interval) noexcept
    : entropy_(entropy), interval_(interval), made_(now) {
  for (Key& key : keys_) draw(entropy, key);  // nobody was given the second one
}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(keys_.data(), sizeof keys_);
}

void TicketKeys::draw(Entropy& entropy, Key& key) noexcept {
  entropy.fill(std::as_writable_bytes(std::span(key.name)));
  entropy.fill(std::as_writable_bytes(std::span(key.cipher_key)));
  entropy.fill(std::as_writable_bytes(std::span(key.mac_key)));
}

void TicketKeys::advance(Timestamp now) noexcept {
  if (now - made_ < interval_) return;
  const bool previous_is_too_old = now - made_ >= interval_ + interval_;
  made_ = now;
  keys_[1] = keys_[0];
  draw(entropy_, keys_[0]);
  if (previous_is_too_old) draw(entropy_, keys_[1]);
}

const TicketKeys::Key* TicketKeys::find(std::span<const unsigned char, 16> name) const noexcept {
  const auto found = std::ranges::find_if(
      keys_, [&](const Key& key) { return std::ranges::equal(key.name, name); });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace keel::runtime
