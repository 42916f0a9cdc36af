// TlsConnection: a Connection that seals what it sends over another one and opens what it receives.
// The handshake happens inside the first receive() or send().
//
// One task receives and one sends at a time, as everywhere; what TLS itself has to say while it
// receives (an alert, the answer to a key update) is sent in its place among the sender's bytes.
// Memory: see session.hpp; while a send is under way up to 64 KiB of sealed bytes, while a receive
// is, one buffer of the core until it is decrypted.
#pragma once

#include <memory>
#include <string_view>

#include "runtime/core.hpp"
#include "runtime/tls/session.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

struct HandshakeLimits {
  Duration time = Duration::seconds(10);
  std::size_t received_bytes = 64 * 1'024;
};

// How handshakes ended, since the start. Outlives the connections that count in it.
struct TlsStats {
  std::uint64_t established = 0;
  std::uint64_t resumed = 0;  // of those
  std::uint64_t failed = 0;   // refused by either side, or the peer went away
  std::uint64_t timed_out = 0;
  std::uint64_t too_large = 0;
};

class TlsConnection final : public Connection {
 public:
  // The side that was connected to.
  TlsConnection(Core& core, std::unique_ptr<Connection> below, TlsContext::Pointer context,
                HandshakeLimits limits, TlsStats& stats);
  // The side that connects.
  TlsConnection(Core& core, std::unique_ptr<Connection> below, TlsContext::Pointer context,
                std::string_view host, HandshakeLimits limits, TlsStats& stats);
  ~TlsConnection() override;

  // The handshake alone; again: success, or the error it ended with.
  Task<Result<>> open(Wait wait);

  Task<Result<Received>> receive(Wait wait) override;
  Task<Result<>> send(std::span<const ByteView> parts, Wait wait) override;
  // close_notify, then the end of the stream below.
  Task<Result<>> finish_sending(Wait wait) override;
  void cut() noexcept override;
  const std::string& peer() const noexcept override { return below_->peer(); }
  const Security* security() const noexcept override { return &security_; }

 private:
  Task<Result<>> shake_hands(Wait wait);
  Task<Result<>> receive_below(Wait wait);
  // Decrypts what has been fed; empty: more is needed, or the end.
  Result<Bytes> decrypt();
  // Sends the session's output; returns when all of what was in it has been sent.
  Task<Result<>> flush(Wait wait);
  void count(const Result<>& shaken) noexcept;

  Core& core_;
  const std::unique_ptr<Connection> below_;
  Received sealed_;  // what the session reads from; dies before the connection that lent it
  TlsSession session_;
  Security security_;
  HandshakeLimits limits_;
  Timestamp handshake_deadline_;
  TlsStats& stats_;
  WaitQueue opened_;
  WaitQueue flushed_;
  std::size_t partial_bytes_ = 0;  // of a record that has not arrived whole
  bool opening_ = false;
  bool flushing_ = false;
  bool broken_ = false;
};

}  // namespace keel::runtime
