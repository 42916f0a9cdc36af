// Deflate: the port behind permessage-deflate (RFC 7692) without context take-over: each message
// stands alone, so that an idle connection holds no window. A codec is shared by the sessions of a
// core; it lives outside wire/, because a compressor is neither ours nor pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::websocket {

class Deflate {
 public:
  // Raw DEFLATE (RFC 1951) of the message, without the last four bytes of the empty block that it
  // ends with (section 7.2.1), appended to `to`; it looks back 2^window_bits bytes at most
  // (kLeastWindowBits to kMostWindowBits). False: it would not become smaller, or so small that
  // inflate() would take it for a bomb; nothing was appended.
  virtual bool deflate(ByteView message, std::uint8_t window_bits, Bytes& to) = 0;
  // The opposite, whatever window the sender has, into `to`, which is empty. kTooLarge as soon as
  // it would be longer than `most_bytes`, or out of all proportion; kBadCompression.
  virtual Result<> inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) = 0;

 protected:
  ~Deflate() = default;
};

}  // namespace keel::websocket
