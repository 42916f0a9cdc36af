// Session: one WebSocket connection after its opening handshake (RFC 6455, sections 5 to 7), either
// side, as a state machine: bytes in, messages and bytes out. It opens no socket and knows no
// clock.
//
//   session.feed(received, now);
//   for (;;) {
//     switch (session.next()) {
//       case Step::text: case Step::binary: use(session.payload()); break;
//       case Step::pong:      …                                     break;
//       case Step::need_more: send session.take_output(); receive;  break;
//       case Step::closed:    send session.take_output(), end;      break;  // close_reason()
//       case Step::failed:    send session.take_output(), end;      break;  // error()
//     }
//   }
//
// Pings are answered and a Close is echoed by itself, into the output: take it whenever next() has
// said need_more, closed or failed, and after each send. Bounds: a frame, a message and what it
// inflates to (Limits), and how many control frames come before it is too many. Memory: the message
// that is being received (in pieces: at most what was fed); nothing between messages.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/websocket/close_code.hpp"
#include "wire/websocket/deflate.hpp"
#include "wire/websocket/deflate_terms.hpp"
#include "wire/websocket/frame.hpp"
#include "wire/websocket/utf8_check.hpp"

namespace keel::websocket {

struct Limits {
  std::uint64_t frame_bytes = 1'048'576;
  std::size_t message_bytes = 1'048'576;  // also after inflating
  // Messages are given as they come, in pieces whose borders mean nothing; none is kept, whatever
  // its size, and message_bytes does not count. Compressed ones are whole and bounded all the same.
  bool in_pieces = false;
  // Control frames: so many at once, and then so many a second.
  std::uint32_t control_burst = 32;
  std::uint32_t controls_per_second = 8;
};

// What the opening has agreed on.
struct Compression {
  Deflate* codec = nullptr;                    // null: nothing
  std::uint8_t window_bits = kMostWindowBits;  // of what this side sends
};

// Where a client's masks come from: fit for keys (section 5.3).
class MaskKeys {
 public:
  virtual MaskKey draw() = 0;

 protected:
  ~MaskKeys() = default;
};

enum class Step : std::uint8_t {
  need_more,
  text,  // payload() is UTF-8
  binary,
  pong,    // payload() is what was pinged; one between the frames of a message is passed over
  closed,  // both sides have said so; whoever serves closes the connection below
  failed,  // final; a Close that says why is in the output
};

enum class Kind : std::uint8_t { text, binary };

struct CloseReason {
  CloseCode code = CloseCode::none;
  std::string text;
};

class Session {
 public:
  // What is given outlives the session. A server needs no masks; without a codec no frame may be
  // compressed.
  static Session server(const Limits& limits = {}, const Compression& compression = {}) {
    return Session(limits, nullptr, compression);
  }
  static Session client(MaskKeys& masks, const Limits& limits = {},
                        const Compression& compression = {}) {
    return Session(limits, &masks, compression);
  }

  // When next() has said need_more, or at first. The bytes live until it says so again.
  void feed(ByteView bytes, Timestamp now);
  // Keeps what is not yet read of the fed bytes, so that they can be given back while a message is
  // dealt with.
  void hold();
  Step next();
  // Of the last step; valid until the next call of next().
  ByteView payload() const noexcept [[clang::lifetimebound]] { return message_; }
  const CloseReason& close_reason() const noexcept [[clang::lifetimebound]] { return reason_; }
  const ErrorKind& error() const noexcept;

  // Each appends to the output; nothing once a Close was sent. Text must be UTF-8: who sends
  // something else is at fault.
  void send(Kind kind, ByteView payload);
  void ping(ByteView payload);  // at most 125 bytes
  // Who was a stranger may send more from here on: never less than before.
  void raise_message_bytes(std::size_t most_bytes) noexcept {
    KEEL_ASSERT(most_bytes >= limits_.message_bytes);
    limits_.message_bytes = most_bytes;
  }
  // Begins the closing handshake, once; `text` is cut to 123 bytes.
  void close(CloseCode code, std::string_view text = {});
  bool closing() const noexcept { return close_sent_; }

  bool has_output() const noexcept { return !output_.empty(); }
  Bytes take_output() noexcept { return std::exchange(output_, {}); }

  std::size_t memory_bytes() const noexcept {
    return message_.capacity() + control_.capacity() + head_.capacity() + output_.capacity() +
           held_.capacity();
  }

 private:
  Session(const Limits& limits, MaskKeys* masks, const Compression& compression)
      : limits_(limits),
        masks_(masks),
        compression_(compression),
        allowance_(limits.control_burst) {}

  bool is_client() const noexcept { return masks_ != nullptr; }
  // Each: nothing when more is needed.
  Result<bool> take_head();
  Result<bool> take_payload();
  bool comes_in_pieces() const noexcept { return limits_.in_pieces && !message_compressed_; }
  Result<> check_head(const FrameHead& head);
  Result<> check_text_so_far(ByteView piece);
  Result<Step> finish_frame();
  Result<Step> finish_control();
  Result<Step> finish_message();
  Result<> take_close();
  Result<Step> advance();
  Step pause();
  void append_frame(FrameHead head, ByteView payload);
  void release_message();

  Limits limits_;
  MaskKeys* masks_;
  Compression compression_;

  ByteView input_;
  Bytes held_;  // what input_ sees after hold()
  Bytes head_;  // of a frame whose head was cut
  FrameHead frame_;
  bool in_frame_ = false;
  std::uint64_t taken_ = 0;  // of its payload
  Bytes message_;            // of the message begun, or of the last step
  Bytes control_;
  Utf8Check utf8_;
  bool in_message_ = false;
  bool message_is_text_ = false;
  bool message_compressed_ = false;
  bool message_given_ = false;  // by the last step

  Timestamp now_;
  Timestamp allowed_at_;
  std::uint32_t allowance_;  // control frames

  Bytes output_;
  CloseReason reason_;
  const ErrorKind* error_ = nullptr;
  bool close_sent_ = false;
  bool close_received_ = false;
};

}  // namespace keel::websocket
