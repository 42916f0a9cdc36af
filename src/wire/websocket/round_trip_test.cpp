// What one side sends the other hears, however it is fragmented and cut.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text/utf8.hpp"
#include "wire/websocket/session.hpp"

namespace keel::websocket {
namespace {

class DrawnMasks final : public MaskKeys {
 public:
  MaskKey draw() override {
    MaskKey key{};
    for (std::byte& each : key) each = std::byte(*rc::gen::arbitrary<std::uint8_t>());
    return key;
  }
};

struct Message {
  Step step = Step::binary;
  std::string payload;
  friend bool operator==(const Message&, const Message&) = default;
};
std::ostream& operator<<(std::ostream& out, const Message& message) {
  return out << static_cast<int>(message.step) << ":" << message.payload.size();
}

std::vector<Message> hear_in_pieces(Session& session, const Bytes& bytes) {
  std::vector<Message> heard;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(bytes.size() - at, *rc::gen::inRange<std::size_t>(1, 2'000));
    const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    session.feed(piece, Timestamp{});
    for (;;) {
      const Step step = session.next();
      if (step == Step::need_more) break;
      RC_ASSERT(step != Step::failed);
      heard.push_back({step, std::string(as_text(session.payload()))});
    }
  }
  return heard;
}

RC_GTEST_PROP(WebSocketRoundTrip, what_is_sent_is_heard_either_way, (bool from_client)) {
  DrawnMasks masks;
  Session client = Session::client(masks);
  Session server = Session::server();
  Session& from = from_client ? client : server;
  std::vector<Message> sent;
  Bytes wire;
  const auto count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) {
    const auto size =
        *rc::gen::elementOf(std::vector<std::size_t>{0, 1, 7, 8, 125, 126, 300, 70'000});
    if (*rc::gen::arbitrary<bool>()) {
      sent.push_back({Step::text, std::string(size, 'e') + "\xc3\xa9"});
      from.send(Kind::text, as_bytes(sent.back().payload));
    } else {
      sent.push_back({Step::binary, std::string(size, '\xff')});
      from.send(Kind::binary, as_bytes(sent.back().payload));
    }
    append(wire, from.take_output());
  }
  RC_ASSERT(hear_in_pieces(from_client ? server : client, wire) == sent);
}

RC_GTEST_PROP(WebSocketRoundTrip, fragments_and_pings_do_not_change_a_message,
              (const std::vector<std::vector<std::uint8_t>>& fragments, bool from_client)) {
  RC_PRE(!fragments.empty() && fragments.size() < 20);
  DrawnMasks masks;
  Bytes wire;
  std::string whole;
  const auto frame = [&](FrameHead head, ByteView payload) {
    head.payload_bytes = payload.size();
    if (from_client) head.mask = masks.draw();
    std::array<std::byte, kMostHeadBytes> space{};
    append(wire, write_frame_head(space, head));
    Bytes body(payload.begin(), payload.end());
    if (head.mask) apply_mask(body, payload, *head.mask, 0);
    append(wire, body);
  };
  for (std::size_t i = 0; i < fragments.size(); ++i) {
    const ByteView payload = std::as_bytes(std::span(fragments[i]));
    whole += as_text(payload);
    frame({.opcode = i == 0 ? Opcode::binary : Opcode::continuation,
           .final = i + 1 == fragments.size()},
          payload);
    if (i + 1 < fragments.size()) frame({.opcode = Opcode::ping}, as_bytes("p"));
  }
  Session session = from_client ? Session::server() : Session::client(masks);
  const std::vector<Message> expected{{Step::binary, whole}};
  RC_ASSERT(hear_in_pieces(session, wire) == expected);
}

RC_GTEST_PROP(WebSocketRoundTrip, masking_does_not_depend_on_where_it_is_cut,
              (const std::vector<std::uint8_t>& bytes)) {
  const MaskKey key = DrawnMasks().draw();
  const ByteView all = std::as_bytes(std::span(bytes));
  Bytes cut(all.size());
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t size = std::min(all.size() - at, *rc::gen::inRange<std::size_t>(1, 20));
    apply_mask(std::span(cut).subspan(at, size), all.subspan(at, size), key, at);
    at += size;
  }
  for (std::size_t i = 0; i < all.size(); ++i) RC_ASSERT(cut[i] == (all[i] ^ key.at(i % 4)));
}

RC_GTEST_PROP(WebSocketRoundTrip, a_text_is_judged_as_when_it_is_whole, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(
      std::string("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80\xc0\xf5\xff")));
  Utf8Check check;
  bool right = true;
  for (std::size_t at = 0; at < text.size() && right;) {
    const std::size_t size = std::min(text.size() - at, *rc::gen::inRange<std::size_t>(1, 12));
    right = check.feed(as_bytes(std::string_view(text).substr(at, size)));
    at += size;
  }
  RC_ASSERT((right && check.complete()) == is_utf8(text));
}

}  // namespace
}  // namespace keel::websocket
