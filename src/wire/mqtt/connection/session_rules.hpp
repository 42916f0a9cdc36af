// What follows from CONNECT and DISCONNECT for keep-alive, expiry and will, as plain arithmetic:
// the owner has the clock.
#pragma once

#include <cstdint>
#include <optional>

#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// After so long without a packet the connection is closed, with Reason::keep_alive_timeout where it
// is open [MQTT-3.1.2-22]; nothing when the client asked for none.
constexpr std::optional<std::uint64_t> silence_limit_ms(std::uint16_t keep_alive_s) noexcept {
  if (keep_alive_s == 0) return std::nullopt;
  return std::uint64_t{keep_alive_s} * 1'500;
}

// How long the session outlives its connection, as the client asks: kNeverExpires, or seconds. In
// 3.1 and 3.1.1 a session that is not clean never expires.
std::uint32_t requested_session_expiry_s(const Connect& connect) noexcept;

// When the will is published after the connection was lost: after its delay, or with the end of
// the session, whichever is first (section 3.1.3.2.2).
std::uint32_t will_delay_s(const Will& will, std::uint32_t session_expiry_s) noexcept;

// The payload is UTF-8 where its sender says so (section 3.3.2.3.2): otherwise
// Reason::payload_format_invalid.
bool holds_payload_format(const Properties& properties, ByteView payload) noexcept;

}  // namespace keel::mqtt
