// WebSocket frames, both sides. What must hold for any bytes:
//   1. Cut into pieces anywhere, they give the same steps, the same error and the same output as
//   whole.
//   2. A text is UTF-8, a message within its limit, and what is held between messages is small.
//   3. A message that is sent again by the other side is heard again.

#include <string>
#include <vector>

#include "base/text/utf8.hpp"
#include "fuzz/fuzz_target.hpp"
#include "wire/websocket/errors.hpp"
#include "wire/websocket/session.hpp"

namespace keel::fuzz {
namespace {

using websocket::Session;
using websocket::Step;

constexpr std::size_t kMessageBytes = 3'000;

class FixedMasks final : public websocket::MaskKeys {
 public:
  websocket::MaskKey draw() override {
    return {std::byte{1}, std::byte{0x80}, std::byte{}, std::byte{0xFF}};
  }
};

// A codec whose messages may grow threefold.
class Tripler final : public websocket::Deflate {
 public:
  bool deflate(ByteView, std::uint8_t, Bytes&) override { return false; }
  Result<> inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) override {
    if (!compressed.empty() && compressed.front() == std::byte{'!'})
      return websocket::kBadCompression;
    for (int i = 0; i < 3; ++i) append(to, compressed);
    return to.size() > most_bytes ? Result<>(websocket::kTooLarge) : success();
  }
};

struct Seen {
  std::vector<std::pair<Step, std::string>> steps;
  std::string output;
  std::uint16_t error = 0;
  websocket::CloseCode reason = websocket::CloseCode::none;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen read(Session& session, std::vector<Bytes> pieces) {
  Seen seen;
  for (Bytes& piece : pieces) {
    session.feed(piece, Timestamp{});
    for (;;) {
      const Step step = session.next();
      if (step == Step::need_more) break;
      const std::string payload(as_text(session.payload()));
      KEEL_ASSERT(payload.size() <= kMessageBytes);
      if (step == Step::text) KEEL_ASSERT(is_utf8(payload));
      const bool over = step == Step::closed || step == Step::failed;
      seen.steps.emplace_back(step, over ? std::string() : payload);
      if (!over) continue;
      if (step == Step::failed) seen.error = session.error().number;
      seen.reason = session.close_reason().code;
      KEEL_ASSERT(session.next() == step);
      KEEL_ASSERT(session.closing());
      seen.output += as_text(session.take_output());
      return seen;
    }
    if (session.has_output()) seen.output += as_text(session.take_output());
    Bytes().swap(piece);
  }
  return seen;
}

constexpr websocket::Limits kLimits{.frame_bytes = kMessageBytes - 500,
                                    .message_bytes = kMessageBytes,
                                    .control_burst = 8,
                                    .controls_per_second = 0};

// The messages of `seen` from a side of the same kind, to the other.
void check_sent_again(const Seen& seen, bool from_client) {
  FixedMasks masks;
  Session client = Session::client(masks);
  Session server = Session::server();
  Session& from = from_client ? client : server;
  Session& to = from_client ? server : client;
  for (const auto& [step, payload] : seen.steps) {
    if (step != Step::text && step != Step::binary) continue;
    from.send(step == Step::text ? websocket::Kind::text : websocket::Kind::binary,
              as_bytes(payload));
    const Seen again = read(to, one_piece(from.take_output()));
    KEEL_ASSERT(again.steps.size() == 1);
    KEEL_ASSERT(again.steps.front() == std::pair(step, payload));
  }
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const keel::ByteView bytes = input_bytes(data, size);
  Random random(seed_of(bytes));
  FixedMasks masks;
  Tripler tripler;
  for (const bool as_server : {true, false}) {
    const auto session = [&] {
      return as_server ? Session::server(kLimits, {.codec = &tripler})
                       : Session::client(masks, kLimits, {.codec = &tripler});
    };
    const auto seen = [&](std::vector<keel::Bytes> pieces) {
      Session own = session();
      return read(own, std::move(pieces));
    };
    const Seen whole = seen(one_piece(bytes));
    KEEL_ASSERT(whole == seen(single_bytes(bytes)));
    KEEL_ASSERT(whole == seen(random_pieces(bytes, random, 9)));
    check_sent_again(whole, as_server);
  }
  return 0;
}
