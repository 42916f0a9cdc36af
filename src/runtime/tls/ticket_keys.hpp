// TicketKeys: the keys under which a server seals its sessions into tickets (RFC 5077, RFC 8446
// section 4.6.1), so that it keeps no table of them. A new key replaces the newest one regularly;
// the one before it still opens tickets, and what is older opens none: whoever learns a key reads
// at most two intervals of resumed TLS 1.2 sessions.
//
// Thread: one core. They are in memory only: a restart forgets them, and clients shake hands anew.
#pragma once

#include <array>

#include "base/time.hpp"
#include "runtime/ports.hpp"

namespace keel::runtime {

class TicketKeys {
 public:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher_key{};
    std::array<unsigned char, 32> mac_key{};
  };

  TicketKeys(Entropy& entropy, Timestamp now, Duration interval) noexcept;
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // Makes a new key when the newest is old enough.
  void advance(Timestamp now) noexcept;
  const Key& newest() const noexcept { return keys_[0]; }
  // The key of this name, or null.
  const Key* find(std::span<const unsigned char, 16> name) const noexcept;
  Duration interval() const noexcept { return interval_; }

 private:
  static void draw(Entropy& entropy, Key& key) noexcept;

  Entropy& entropy_;
  Duration interval_;
  Timestamp made_;
  std::array<Key, 2> keys_;
};

}  // namespace keel::runtime
