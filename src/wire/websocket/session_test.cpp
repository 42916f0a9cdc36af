#include "wire/websocket/session.hpp"

#include <gtest/gtest.h>

#include "wire/websocket/errors.hpp"

namespace keel::websocket {
namespace {

constexpr MaskKey kKey{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

class FixedMasks final : public MaskKeys {
 public:
  MaskKey draw() override { return kKey; }
};

struct Raw {
  Opcode opcode = Opcode::text;
  bool final = true;
  bool compressed = false;
  std::string payload;
};

// A frame as a client sends it.
std::string masked(const Raw& raw) {
  std::array<std::byte, kMostHeadBytes> space{};
  std::string frame(as_text(write_frame_head(space, {.opcode = raw.opcode,
                                                     .final = raw.final,
                                                     .compressed = raw.compressed,
                                                     .payload_bytes = raw.payload.size(),
                                                     .mask = kKey})));
  Bytes payload(raw.payload.size());
  apply_mask(payload, as_bytes(raw.payload), kKey, 0);
  frame += as_text(payload);
  return frame;
}
std::string close_frame(unsigned code, const std::string& text = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return masked({.opcode = Opcode::close, .payload = payload + text});
}
// What a server sends, short and whole.
std::string plain(Opcode opcode, const std::string& payload) {
  return std::string{static_cast<char>(0x80 | static_cast<int>(opcode)),
                     static_cast<char>(payload.size())} +
         payload;
}
std::string closed_with(CloseCode code, std::string_view text = {}) {
  const auto number = static_cast<unsigned>(code);
  return plain(Opcode::close,
               std::string{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)} +
                   std::string(text));
}

// All that a session says of some bytes: "text:hello", "closed:1000" …
struct Heard {
  std::vector<std::string> steps;
  std::string output;
};
Heard hear(Session& session, std::string_view bytes, Timestamp now = {}) {
  Heard heard;
  session.feed(as_bytes(bytes), now);
  for (;;) {
    const Step step = session.next();
    const std::string payload(as_text(session.payload()));
    if (step == Step::text) heard.steps.push_back("text:" + payload);
    if (step == Step::binary) heard.steps.push_back("binary:" + payload);
    if (step == Step::pong) heard.steps.push_back("pong:" + payload);
    if (step == Step::closed)
      heard.steps.push_back("closed:" +
                            std::to_string(static_cast<int>(session.close_reason().code)));
    if (step == Step::failed) heard.steps.push_back("failed:" + std::string(session.error().name));
    if (session.has_output()) heard.output += as_text(session.take_output());
    if (step == Step::need_more || step == Step::closed || step == Step::failed) return heard;
  }
}
Heard hear(std::string_view bytes, const Limits& limits = {}) {
  Session session = Session::server(limits);
  return hear(session, bytes);
}
using Steps = std::vector<std::string>;

// RFC 6455, section 5.7.
TEST(WebSocketSession, reads_the_examples_of_the_rfc) {
  EXPECT_EQ(hear("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").steps, Steps{"text:Hello"});
  FixedMasks masks;
  Session client = Session::client(masks);
  EXPECT_EQ(hear(client, std::string("\x01\x03Hel\x80\x02lo", 9)).steps, Steps{"text:Hello"});
  const Heard pinged = hear(client, "\x89\x05Hello");
  EXPECT_EQ(pinged.output, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  client.send(Kind::text, as_bytes("Hello"));
  EXPECT_EQ(as_text(client.take_output()), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(WebSocketSession, puts_fragments_together_around_control_frames) {
  const Heard heard = hear(masked({.opcode = Opcode::binary, .final = false, .payload = "a"}) +
                           masked({.opcode = Opcode::ping, .payload = "p"}) +
                           masked({.opcode = Opcode::continuation, .final = false}) +
                           masked({.opcode = Opcode::pong, .payload = "ignored"}) +
                           masked({.opcode = Opcode::continuation, .payload = "b"}) +
                           masked({.opcode = Opcode::pong, .payload = "q"}));
  EXPECT_EQ(heard.steps, (Steps{"binary:ab", "pong:q"}));
  EXPECT_EQ(heard.output, plain(Opcode::pong, "p"));
}

struct Refused {
  std::string name;
  std::string bytes;
  std::string kind;
};

TEST(WebSocketSession, refuses_what_the_rfc_forbids) {
  const std::string begun = masked({.final = false, .payload = "x"});
  const std::vector<Refused> cases{
      {"5.1: a client that does not mask", "\x81\x01x", "bad_frame"},
      {"5.2: a reserved bit", "\xa1\x80\x01\x02\x03\x04", "bad_frame"},
      {"5.2: RSV1 without an extension", "\xc1\x80\x01\x02\x03\x04", "bad_frame"},
      {"5.2: a reserved opcode", "\x83\x80\x01\x02\x03\x04", "bad_frame"},
      {"5.2: a reserved control opcode", "\x8b\x80\x01\x02\x03\x04", "bad_frame"},
      {"5.2: a length not in its shortest form", std::string("\x82\xfe\x00\x7d", 4), "bad_frame"},
      {"5.2: the same in eight bytes", std::string("\x82\xff\0\0\0\0\0\0\xff\xff", 10),
       "bad_frame"},
      {"5.2: a length above 2^63", std::string("\x82\xff\x80\0\0\0\0\0\0\0", 10), "bad_frame"},
      {"5.4: a continuation of nothing", masked({.opcode = Opcode::continuation}), "bad_frame"},
      {"5.4: a message inside a message", begun + masked({.payload = "y"}), "bad_frame"},
      {"5.5: a fragmented ping", std::string("\x09\x80\x01\x02\x03\x04"), "bad_frame"},
      {"5.5: a long ping", std::string("\x89\xfe\x00\x7e", 4), "bad_frame"},
      {"5.5.1: a Close of one byte", masked({.opcode = Opcode::close, .payload = "x"}),
       "bad_frame"},
      {"7.4: code 999", close_frame(999), "bad_frame"},
      {"7.4: code 1004", close_frame(1004), "bad_frame"},
      {"7.4: code 1005", close_frame(1005), "bad_frame"},
      {"7.4: code 1006", close_frame(1006), "bad_frame"},
      {"7.4: code 2999", close_frame(2999), "bad_frame"},
      {"7.4: code 5000", close_frame(5000), "bad_frame"},
      {"5.5.1: a reason that is no text", close_frame(1000, "\xff"), "bad_text"},
      {"8.1: a text that is none", masked({.payload = "a\xc0\xaf"}), "bad_text"},
      {"8.1: a surrogate", masked({.payload = "\xed\xa0\x80"}), "bad_text"},
      {"8.1: a text that ends inside a character", masked({.payload = "\xe2\x82"}), "bad_text"},
      {"8.1: known before its end", masked({.final = false, .payload = "\xf8"}), "bad_text"},
  };
  for (const Refused& each : cases) {
    const Heard heard = hear(each.bytes + masked({.payload = "after"}));
    EXPECT_EQ(heard.steps, Steps{"failed:websocket." + each.kind}) << each.name;
    const CloseCode code =
        each.kind == "bad_text" ? CloseCode::bad_data : CloseCode::protocol_error;
    EXPECT_EQ(heard.output, closed_with(code, "websocket." + each.kind)) << each.name;
  }
  FixedMasks masks;
  Session client = Session::client(masks);
  EXPECT_EQ(hear(client, masked({.payload = "x"})).steps, Steps{"failed:websocket.bad_frame"})
      << "5.1: a server that masks";
}

TEST(WebSocketSession, a_character_may_be_cut_anywhere) {
  const std::string euro = "\xe2\x82\xac";
  EXPECT_EQ(hear(masked({.final = false, .payload = euro.substr(0, 1)}) +
                 masked({.opcode = Opcode::continuation, .payload = euro.substr(1)}))
                .steps,
            Steps{"text:" + euro});
}

TEST(WebSocketSession, bounds_frames_messages_and_control_frames) {
  const Limits limits{.frame_bytes = 100, .message_bytes = 150};
  const std::string hundred(100, 'h');
  EXPECT_EQ(hear(masked({.payload = hundred}), limits).steps, Steps{"text:" + hundred});
  EXPECT_EQ(hear(masked({.payload = hundred + "1"}), limits).steps,
            Steps{"failed:websocket.too_large"});
  EXPECT_EQ(hear(masked({.final = false, .payload = hundred}) +
                     masked({.opcode = Opcode::continuation, .payload = hundred}),
                 limits)
                .output,
            closed_with(CloseCode::too_big, "websocket.too_large"));

  std::string pings;
  for (int i = 0; i < 4; ++i) pings += masked({.opcode = Opcode::ping});
  Session session = Session::server({.control_burst = 4, .controls_per_second = 2});
  const auto at = [](int ms) { return Timestamp{1'000'000'000'000 + ms * 1'000'000LL}; };
  EXPECT_EQ(hear(session, pings, at(0)).steps, Steps{});
  EXPECT_EQ(hear(session, masked({.opcode = Opcode::ping}), at(600)).steps, Steps{});
  EXPECT_EQ(hear(session, masked({.opcode = Opcode::ping}), at(700)).steps,
            Steps{"failed:websocket.too_many_controls"});
}

// Section 7.1.
TEST(WebSocketSession, echoes_a_close_and_reads_nothing_after_it) {
  const Heard heard = hear(close_frame(1001, "bye") + masked({.payload = "after"}));
  EXPECT_EQ(heard.steps, Steps{"closed:1001"});
  EXPECT_EQ(heard.output, closed_with(CloseCode::going_away));
  EXPECT_EQ(hear(masked({.opcode = Opcode::close})).output, plain(Opcode::close, ""));
  EXPECT_EQ(hear(masked({.opcode = Opcode::close})).steps, Steps{"closed:1005"});
}

TEST(WebSocketSession, a_side_that_closes_still_hears_what_was_on_its_way) {
  Session session = Session::server();
  session.close(CloseCode::normal, "done");
  EXPECT_TRUE(session.closing());
  session.send(Kind::text, as_bytes("too late"));
  EXPECT_EQ(as_text(session.take_output()), closed_with(CloseCode::normal, "done"));
  const Heard heard = hear(session, masked({.payload = "on its way"}) +
                                        masked({.opcode = Opcode::ping}) + close_frame(1000));
  EXPECT_EQ(heard.steps, (Steps{"text:on its way", "closed:1000"}));
  EXPECT_EQ(heard.output, "");
}

TEST(WebSocketSession, a_reason_is_cut_between_characters) {
  Session session = Session::server();
  session.close(CloseCode::normal, std::string(122, 'x') + "\xe2\x82\xac");
  EXPECT_EQ(as_text(session.take_output()), closed_with(CloseCode::normal, std::string(122, 'x')));
}

TEST(WebSocketSession, holds_nothing_between_messages) {
  Session session = Session::server();
  EXPECT_EQ(hear(session, masked({.payload = std::string(500'000, 'x')})).steps.size(), 1u);
  EXPECT_EQ(hear(session, "").steps.size(), 0u);
  EXPECT_LT(session.memory_bytes(), 5'000u);
}

// "Compresses" by a letter in front that says so: z, or y with a window that was asked for.
class Squeeze final : public Deflate {
 public:
  bool deflate(ByteView message, std::uint8_t window_bits, Bytes& to) override {
    append(to, as_bytes(window_bits == kMostWindowBits ? "z" : "y"));
    append(to, message);
    return true;
  }
  Result<> inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) override {
    if (compressed.empty() || compressed.front() != std::byte{'z'}) return kBadCompression;
    append(to, compressed.subspan(1));
    return to.size() > most_bytes ? Result<>(kTooLarge) : success();
  }
};

// RFC 7692, section 6.
TEST(WebSocketSession, inflates_whole_messages_within_the_limit) {
  Squeeze squeeze;
  const auto heard = [&](const std::string& bytes, const Limits& limits = {}) {
    Session session = Session::server(limits, {.codec = &squeeze});
    return hear(session, bytes).steps;
  };
  EXPECT_EQ(heard(masked({.final = false, .compressed = true, .payload = "za"}) +
                  masked({.opcode = Opcode::continuation, .payload = "b"}) +
                  masked({.payload = "plain"})),
            (Steps{"text:ab", "text:plain"}));
  EXPECT_EQ(heard(masked({.compressed = true, .payload = "x"})),
            Steps{"failed:websocket.bad_compression"});
  EXPECT_EQ(heard(masked({.compressed = true, .payload = "z\xff"})),
            Steps{"failed:websocket.bad_text"});
  EXPECT_EQ(heard(masked({.compressed = true, .payload = "z12345678901"}), {.message_bytes = 11}),
            Steps{"failed:websocket.too_large"});
  Session raised = Session::server({.message_bytes = 11}, {.codec = &squeeze});
  raised.raise_message_bytes(12);
  EXPECT_EQ(hear(raised, masked({.compressed = true, .payload = "z12345678901"})).steps,
            Steps{"text:12345678901"});
  EXPECT_EQ(heard(masked({.final = false, .payload = "a"}) +
                  masked({.opcode = Opcode::continuation, .compressed = true})),
            Steps{"failed:websocket.bad_frame"});
  Session session = Session::server({}, {.codec = &squeeze});
  session.send(Kind::binary, as_bytes(std::string(70, 'y')));
  EXPECT_EQ(as_text(session.take_output()), "\xc2\x47z" + std::string(70, 'y'));
  Session narrow = Session::server({}, {.codec = &squeeze, .window_bits = 9});
  narrow.send(Kind::binary, as_bytes(std::string(70, 'x')));
  EXPECT_EQ(as_text(narrow.take_output()), "\xc2\x47y" + std::string(70, 'x'));
  session.send(Kind::binary, as_bytes("short"));
  EXPECT_EQ(as_text(session.take_output()), plain(Opcode::binary, "short"));
}

TEST(WebSocketSession, goes_on_from_held_bytes_when_what_was_fed_is_gone) {
  Session session = Session::server();
  std::string bytes = masked({.payload = "one"}) + masked({.payload = "two"});
  bytes.resize(bytes.size() - 1);
  session.feed(as_bytes(bytes), {});
  ASSERT_EQ(session.next(), Step::text);
  session.hold();
  EXPECT_EQ(as_text(session.payload()), "one");
  std::ranges::fill(bytes, '\0');
  EXPECT_EQ(session.next(), Step::need_more);
  const std::string last = masked({.payload = "two"}).substr(8);
  session.feed(as_bytes(last), {});
  ASSERT_EQ(session.next(), Step::text);
  EXPECT_EQ(as_text(session.payload()), "two");
}

TEST(WebSocketSession, in_pieces_nothing_of_a_message_is_kept) {
  const Limits limits{.frame_bytes = 1'000'000, .message_bytes = 4, .in_pieces = true};
  Session session = Session::server(limits);
  const std::string frame = masked({.opcode = Opcode::binary, .payload = std::string(20'000, 'x')});
  std::size_t heard = 0;
  for (std::size_t at = 0; at < frame.size(); at += 1'000) {
    for (const std::string& step : hear(session, frame.substr(at, 1'000)).steps)
      heard += step.size() - std::string_view("binary:").size();
    EXPECT_LE(session.memory_bytes(), 8'192u);
  }
  EXPECT_EQ(heard, 20'000u);
  // Many small frames of one message, each alone, and a ping between them.
  for (int sent = 0; sent < 100; ++sent) {
    const Heard one =
        hear(session, masked({.opcode = sent == 0 ? Opcode::binary : Opcode::continuation,
                              .final = sent == 99,
                              .payload = "abc"}));
    EXPECT_EQ(one.steps, Steps{"binary:abc"});
  }
  EXPECT_EQ(hear(session, masked({.opcode = Opcode::continuation})).steps,
            Steps{"failed:websocket.bad_frame"});
}

TEST(WebSocketSession, what_is_compressed_is_whole_and_bounded_where_others_come_in_pieces) {
  Squeeze squeeze;
  const Limits limits{.message_bytes = 10, .in_pieces = true};
  const auto heard = [&](const std::string& bytes) {
    Session session = Session::server(limits, {.codec = &squeeze});
    return hear(session, bytes).steps;
  };
  const std::string twenty(20, 'x');
  EXPECT_EQ(heard(masked({.payload = twenty}) +
                  masked({.final = false, .compressed = true, .payload = "zabc"}) +
                  masked({.opcode = Opcode::continuation, .payload = "def"}) +
                  masked({.payload = twenty})),
            (Steps{"text:" + twenty, "text:abcdef", "text:" + twenty}));
  EXPECT_EQ(heard(masked({.final = false, .compressed = true, .payload = "zabc"}) +
                  masked({.opcode = Opcode::continuation, .payload = "defghij"})),
            Steps{"failed:websocket.too_large"});
}

TEST(WebSocketSession, a_text_in_pieces_is_checked_over_their_borders) {
  const Limits limits{.in_pieces = true};
  Session session = Session::server(limits);
  const std::string euro = "\xE2\x82\xAC";
  EXPECT_EQ(hear(session, masked({.final = false, .payload = euro.substr(0, 1)})).steps,
            Steps{"text:" + euro.substr(0, 1)});
  EXPECT_EQ(
      hear(session, masked({.opcode = Opcode::continuation, .payload = euro.substr(1)})).steps,
      Steps{"text:" + euro.substr(1)});
  EXPECT_EQ(hear(session, masked({.final = false, .payload = euro.substr(0, 1)})).steps.size(), 1u);
  EXPECT_EQ(hear(session, masked({.opcode = Opcode::continuation, .payload = "x"})).steps,
            Steps{"failed:websocket.bad_text"});
}

}  // namespace
}  // namespace keel::websocket
