#include "wire/mqtt/connection/session_rules.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"

namespace keel::mqtt {

std::uint32_t requested_session_expiry_s(const Connect& connect) noexcept {
  if (connect.version == Version::v5) {
    return connect.properties.number_or(PropertyId::session_expiry_interval, 0);
  }
  return connect.clean_start ? 0 : kNeverExpires;
}

std::uint32_t will_delay_s(const Will& will, std::uint32_t session_expiry_s) noexcept {
  return std::min(will.properties.number_or(PropertyId::will_delay_interval, 0), session_expiry_s);
}

bool holds_payload_format(const Properties& properties, ByteView payload) noexcept {
  if (properties.number_or(PropertyId::payload_format_indicator, 0) == 0) return true;
  return is_utf8(as_text(payload));
}

}  // namespace keel::mqtt
