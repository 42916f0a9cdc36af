// TlsSession: one TLS connection as a state machine that knows no socket: bytes of the peer go in,
// bytes for the peer and plaintext come out. OpenSSL reads what it is fed in place and appends what
// it says to the output; nothing else is kept between calls, so an idle session holds no buffers.
//
// Thread: one core. Bounds: the output grows by what is written and what a handshake says; the
// caller takes it before it writes much more.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/security.hpp"
#include "runtime/tls/context.hpp"

struct ssl_st;

namespace keel::runtime {

class TlsSession {
 public:
  // The side that was connected to.
  explicit TlsSession(TlsContext::Pointer context);
  // The side that connects; the server must prove to be `host`, a name or an address.
  TlsSession(TlsContext::Pointer context, std::string_view host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // What has arrived; all of the last must have been taken. It must live until it is.
  void feed(ByteView bytes) noexcept;
  // The peer's stream has ended below.
  void feed_end() noexcept { pipe_->ended = true; }
  // How much of what was fed has not been taken yet, and decrypted bytes that wait to be read.
  std::size_t unread_bytes() const noexcept;

  // True: established. False: all input was taken, feed more. kHandshakeFailed: over; an alert may
  // be in the output.
  Result<bool> handshake();
  // Plaintext into the span, as much as there is; 0: feed more, or closed().
  // kStreamTruncated: the stream ended and the peer had not said so (RFC 8446, section 6.1).
  Result<std::size_t> read(ByteSpan into);
  bool closed() const noexcept { return closed_; }
  // Appends the sealed form to the output.
  Result<> write(ByteView plain);
  // Says close_notify; nothing is written after it.
  void close();

  // Bytes for the peer.
  bool has_output() const noexcept { return !pipe_->output.empty(); }
  std::size_t output_bytes() const noexcept { return pipe_->output.size(); }
  Bytes take_output() noexcept { return std::exchange(pipe_->output, {}); }

  // What was agreed; after the handshake.
  Security describe() const;

 private:
  friend struct TlsPipe;
  // What OpenSSL reads from and writes to. Its address is known to OpenSSL.
  struct Pipe {
    ByteView input;
    bool ended = false;
    Bytes output;
  };
  struct Freed {
    void operator()(ssl_st* ssl) const noexcept;
  };
  void open(ssl_st* ssl);

  TlsContext::Pointer context_;
  std::unique_ptr<Pipe> pipe_;
  std::unique_ptr<ssl_st, Freed> ssl_;  // dies before the pipe
  bool closed_ = false;
};

}  // namespace keel::runtime
