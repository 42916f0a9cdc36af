// The opening handshake (RFC 6455, section 4) on top of wire/http: a server reads an opening in a
// parsed request and writes its acceptance; a client writes the one and checks the other. Origin is
// handed on as data: who may come from where is the server's owner's to say.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/http/response_parser.hpp"
#include "wire/websocket/deflate_terms.hpp"

namespace keel::websocket {

// What a client asks for. Views into the request.
struct Opening {
  std::string_view key;
  std::vector<std::string_view> protocols;  // sub-protocols, the preferred first; at most 16
  std::string_view origin;                  // empty: not sent (no browser)
  std::optional<DeflateTerms> deflate;      // permessage-deflate, on terms that suit us
};

// kNotAnOpening: no request for a WebSocket; kUnsupportedVersion, kBadKey, kBadProtocols: one that
// is refused.
Result<Opening> read_opening(const http::Request& request);

// 426 for another version (the answer then names ours: kVersion), 400 for the rest.
http::Status refusal_status(const ErrorKind& kind) noexcept;
inline constexpr std::string_view kVersion = "13";

// The first of ours that the client named; empty: none.
std::string_view choose_protocol(const Opening& opening, std::span<const std::string_view> ours);

struct Acceptance {
  std::string_view protocol;  // one that the client named, or empty
  bool deflate = false;       // on the opening's terms; only when it was offered
};
// The whole answer 101, in `space` (512 bytes suffice for names up to 128).
Result<ByteView> write_acceptance(ByteSpan space [[clang::lifetimebound]], const Opening& opening,
                                  const Acceptance& acceptance);

// The client's side. The nonce is 16 random bytes, new for each connection.
using Nonce = std::array<std::byte, 16>;
struct OpeningRequest {
  std::string_view target;  // origin form
  std::string_view host;
  Nonce nonce;
  std::span<const std::string_view> protocols;
  std::string_view origin;         // empty: none
  std::string_view authorization;  // "Basic …", "Bearer …"; empty: none
  bool deflate = false;            // permessage-deflate is offered
};
Result<ByteView> write_opening(ByteSpan space [[clang::lifetimebound]],
                               const OpeningRequest& opening);
// What the server has chosen of it.
struct Accepted {
  std::string_view protocol;  // empty: none. A view into the response
  std::optional<DeflateTerms> deflate;
};
// kNotAccepted: anything that section 4.1 does not allow.
Result<Accepted> check_acceptance(const http::Response& response, const OpeningRequest& opening);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string accept_value(std::string_view key);

}  // namespace keel::websocket
