// The negotiation of permessage-deflate (RFC 7692, sections 5 and 7.1): without context take-over
// on either side, so that each message stands alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http/head/headers.hpp"

namespace keel::websocket {

// A compressor's window is 2^n bytes. RFC 7692 knows 8 too, which zlib cannot do.
inline constexpr std::uint8_t kLeastWindowBits = 9;
inline constexpr std::uint8_t kMostWindowBits = 15;

// What this side has agreed on.
struct DeflateTerms {
  // The window of what it sends, where the other side has asked for one (section 7.1.2).
  std::optional<std::uint8_t> asked_window_bits;

  std::uint8_t window_bits() const noexcept { return asked_window_bits.value_or(kMostWindowBits); }
};

// The server's side: the first offer that it can agree to. One with an unknown, malformed or
// repeated parameter, or a window of 2^8, is passed over.
std::optional<DeflateTerms> choose_offer(const http::Headers& headers);
// The value of Sec-WebSocket-Extensions that accepts it.
std::string accepting(const DeflateTerms& terms);

// The client's side: what it offers, and the terms on which the server has taken it; nothing: it
// has not. kNotAccepted: an extension that was not offered, or terms that do not answer the offer,
// or a window of 2^8.
inline constexpr std::string_view kDeflateOffer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
    "client_max_window_bits";
Result<std::optional<DeflateTerms>> read_deflate_answer(const http::Headers& headers, bool offered);

}  // namespace keel::websocket
