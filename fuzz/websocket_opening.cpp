// The opening handshake. What must hold for any request that wire/http accepts:
//   1. An opening is accepted with an answer that its client accepts, or refused with a status.
//   2. A sub-protocol that is chosen was asked for; what is agreed on of compression was offered.

#include <string>

#include "fuzz/fuzz_target.hpp"
#include "wire/websocket/errors.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::fuzz {
namespace {

void check_opening(const http::Request& request) {
  constexpr std::array<std::string_view, 2> kOurs{"mqtt", "a"};
  const auto opening = websocket::read_opening(request);
  if (!opening.ok()) {
    KEEL_ASSERT(http::code(websocket::refusal_status(opening.error().kind())) >= 400);
    return;
  }
  KEEL_ASSERT(opening->protocols.size() <= 16);
  const std::string_view chosen = websocket::choose_protocol(*opening, kOurs);
  Bytes space(1'024);
  const ByteView answer =
      websocket::write_acceptance(space, *opening,
                                  {.protocol = chosen, .deflate = opening->deflate.has_value()})
          .value();
  http::ResponseParser parser;
  parser.feed(answer);
  KEEL_ASSERT(parser.next({.method = http::Method::get}) == http::ResponseStep::response);
  KEEL_ASSERT(parser.response().headers.find("sec-websocket-accept") ==
              websocket::accept_value(opening->key));
  if (!opening->deflate) return;
  KEEL_ASSERT(opening->deflate->window_bits() >= websocket::kLeastWindowBits);
  KEEL_ASSERT(opening->deflate->window_bits() <= websocket::kMostWindowBits);
  KEEL_ASSERT(websocket::read_deflate_answer(parser.response().headers, true).value().has_value());
}

// The bytes as the answer to a fixed opening.
void check_answer(ByteView bytes) {
  http::ResponseParser parser;
  parser.feed(bytes);
  if (parser.next({.method = http::Method::get}) != http::ResponseStep::response) return;
  constexpr std::array<std::string_view, 2> kOurs{"mqtt", "a"};
  for (const bool deflate : {false, true}) {
    const auto accepted = websocket::check_acceptance(
        parser.response(),
        {.target = "/", .host = "h", .nonce = {}, .protocols = kOurs, .deflate = deflate});
    if (!accepted.ok()) continue;
    const std::string_view chosen = accepted->protocol;
    KEEL_ASSERT(chosen.empty() || chosen == "mqtt" || chosen == "a");
    KEEL_ASSERT(deflate || !accepted->deflate);
  }
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const keel::ByteView bytes = input_bytes(data, size);
  keel::http::RequestParser parser;
  parser.feed(bytes);
  while (parser.next() == keel::http::RequestStep::request) check_opening(parser.request());
  check_answer(bytes);
  return 0;
}
