#include "wire/websocket/handshake.hpp"

#include <algorithm>

#include "base/text/base64.hpp"
#include "wire/http/head/grammar.hpp"
#include "wire/http/message_writer.hpp"
#include "wire/websocket/errors.hpp"
#include "wire/websocket/sha1.hpp"

namespace keel::websocket {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 24;  // 16 bytes as base64
constexpr std::size_t kMostProtocols = 16;

bool names(std::string_view list, std::string_view wanted) {
  std::string_view element;
  while (http::next_element(list, element))
    if (http::equals_ignoring_case(element, wanted)) return true;
  return false;
}

Result<std::vector<std::string_view>> read_protocols(const http::Headers& headers) {
  std::vector<std::string_view> protocols;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!http::equals_ignoring_case(headers[i].name, "sec-websocket-protocol")) continue;
    std::string_view list = headers[i].value;
    std::string_view name;
    while (http::next_element(list, name)) {
      const bool again = std::ranges::find(protocols, name) != protocols.end();
      if (!http::is_token(name) || again || protocols.size() == kMostProtocols)
        return kBadProtocols;
      protocols.push_back(name);
    }
  }
  return protocols;
}

std::string key_of(const Nonce& nonce) {
  std::string key;
  append_base64(key, nonce);
  return key;
}

}  // namespace

std::string accept_value(std::string_view key) {
  const std::string joined = std::string(key) + std::string(kMagic);
  std::string value;
  append_base64(value, sha1(as_bytes(joined)));
  return value;
}

http::Status refusal_status(const ErrorKind& kind) noexcept {
  return kind.number == kUnsupportedVersion.number ? http::Status::upgrade_required
                                                   : http::Status::bad_request;
}

Result<Opening> read_opening(const http::Request& request) {
  // RFC 6455, section 4.2.1. `upgrade` is there only when Connection names it too.
  if (request.method != http::Method::get || request.version != http::Version::http_1_1 ||
      !names(request.upgrade, "websocket") || !request.body.empty())
    return kNotAnOpening;
  const http::Headers& headers = request.headers;
  if (headers.count("sec-websocket-version") != 1 ||
      headers.find("sec-websocket-version") != kVersion)
    return kUnsupportedVersion;
  Opening opening{.key = headers.find("sec-websocket-key").value_or("")};
  if (headers.count("sec-websocket-key") != 1 || opening.key.size() != kKeyBytes ||
      !from_base64(opening.key).ok())
    return kBadKey;
  opening.protocols = KEEL_TRY(read_protocols(headers));
  opening.origin = headers.find("origin").value_or("");
  opening.deflate = choose_offer(headers);
  return opening;
}

std::string_view choose_protocol(const Opening& opening, std::span<const std::string_view> ours) {
  for (const std::string_view each : ours)
    if (std::ranges::find(opening.protocols, each) != opening.protocols.end()) return each;
  return {};
}

Result<ByteView> write_acceptance(ByteSpan space, const Opening& opening,
                                  const Acceptance& acceptance) {
  KEEL_ASSERT(!acceptance.deflate || opening.deflate);
  http::ResponseWriter writer(space);
  writer.start(http::Status::switching_protocols);
  writer.header("Upgrade", "websocket");
  writer.header("Connection", "Upgrade");
  writer.header("Sec-WebSocket-Accept", accept_value(opening.key));
  if (!acceptance.protocol.empty()) writer.header("Sec-WebSocket-Protocol", acceptance.protocol);
  if (acceptance.deflate) writer.header("Sec-WebSocket-Extensions", accepting(*opening.deflate));
  writer.no_body();
  return writer.finish();
}

Result<ByteView> write_opening(ByteSpan space, const OpeningRequest& opening) {
  http::RequestWriter writer(space);
  writer.start({.method = http::Method::get, .target = opening.target, .host = opening.host});
  writer.header("Upgrade", "websocket");
  writer.header("Connection", "Upgrade");
  writer.header("Sec-WebSocket-Version", kVersion);
  writer.header("Sec-WebSocket-Key", key_of(opening.nonce));
  std::string list;
  for (const std::string_view each : opening.protocols) {
    if (!list.empty()) list += ", ";
    list += each;
  }
  if (!list.empty()) writer.header("Sec-WebSocket-Protocol", list);
  if (opening.deflate) writer.header("Sec-WebSocket-Extensions", kDeflateOffer);
  if (!opening.origin.empty()) writer.header("Origin", opening.origin);
  if (!opening.authorization.empty()) writer.header("Authorization", opening.authorization);
  writer.no_body();
  return writer.finish();
}

Result<Accepted> check_acceptance(const http::Response& response, const OpeningRequest& opening) {
  const http::Headers& headers = response.headers;
  if (response.status != http::Status::switching_protocols)
    return Error(kNotAccepted, "the server answers " + std::to_string(http::code(response.status)));
  if (!http::equals_ignoring_case(headers.find("upgrade").value_or(""), "websocket") ||
      !names(headers.find("connection").value_or(""), "upgrade"))
    return Error(kNotAccepted, "the answer is no upgrade to websocket");
  if (headers.find("sec-websocket-accept") != accept_value(key_of(opening.nonce)))
    return Error(kNotAccepted, "the answer is not to this request");
  const std::optional<DeflateTerms> deflate =
      KEEL_TRY(read_deflate_answer(headers, opening.deflate));
  const std::string_view chosen = headers.find("sec-websocket-protocol").value_or("");
  if (headers.count("sec-websocket-protocol") > 1 ||
      (!chosen.empty() && std::ranges::find(opening.protocols, chosen) == opening.protocols.end()))
    return Error(kNotAccepted, "the server chose a sub-protocol that was not offered");
  return Accepted{.protocol = chosen, .deflate = deflate};
}

}  // namespace keel::websocket
