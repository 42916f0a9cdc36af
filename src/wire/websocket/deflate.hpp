// Deflate: the port behind permessage-deflate (RFC 7692) without context take-over: each message
// stands alone, so that an idle connection holds no window. A codec is shared by the sessions of a
// core; it lives outside wire/, because a compressor is neither ours nor pure.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::websocket {

class Deflate {
 public:
  // Raw DEFLATE (RFC 1951) of the message, without the last four bytes of the empty block that it
  // ends with (section 7.2.1), appended to `to`. False: it would not become smaller, nothing was
  // appended.
  virtual bool deflate(ByteView message, Bytes& to) = 0;
  // The opposite, into `to`, which is empty. kTooLarge as soon as it would be longer than
  // `most_bytes`; kBadCompression.
  virtual Result<> inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) = 0;

 protected:
  ~Deflate() = default;
};

}  // namespace keel::websocket
