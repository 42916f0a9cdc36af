#include "runtime/tls/connection.hpp"

#include <algorithm>

#include "runtime/errors.hpp"
#include "runtime/tls/errors.hpp"

namespace keel::runtime {

namespace {

constexpr std::size_t kRecordBytes = 16 * 1'024;  // RFC 8446, section 5.1
constexpr std::size_t kLeastRead = 256;
constexpr std::size_t kMostSealed = 64 * 1'024;
constexpr Duration kAlertTime = Duration::milliseconds(100);

// Decrypted bytes on their way to their reader.
class PlainBytes final : public Received::Owner {
 public:
  static Received hand_out(Bytes bytes) {
    auto plain = std::make_unique<PlainBytes>();
    plain->bytes_ = std::move(bytes);
    const ByteView view = plain->bytes_;
    return Received(view, plain.release(), 0);
  }
  void give_back(std::uint32_t) noexcept override { const std::unique_ptr<PlainBytes> own(this); }

 private:
  Bytes bytes_;
};

}  // namespace

TlsConnection::TlsConnection(Core& core, std::unique_ptr<Connection> below,
                             TlsContext::Pointer context, HandshakeLimits limits, TlsStats& stats)
    : core_(core),
      below_(std::move(below)),
      session_(std::move(context)),
      limits_(limits),
      handshake_deadline_(core.now() + limits.time),
      stats_(stats),
      opened_(core),
      flushed_(core) {}

TlsConnection::TlsConnection(Core& core, std::unique_ptr<Connection> below,
                             TlsContext::Pointer context, std::string_view host,
                             HandshakeLimits limits, TlsStats& stats)
    : core_(core),
      below_(std::move(below)),
      session_(std::move(context), host),
      limits_(limits),
      handshake_deadline_(core.now() + limits.time),
      stats_(stats),
      opened_(core),
      flushed_(core) {}

TlsConnection::~TlsConnection() = default;

Task<Result<>> TlsConnection::open(Wait wait) {
  while (opening_) KEEL_CO_TRY(co_await opened_.wait(wait));
  if (broken_) co_return kConnectionLost;
  if (security_.established) co_return success();
  opening_ = true;
  const Result<> shaken = co_await shake_hands(wait.until(handshake_deadline_));
  opening_ = false;
  count(shaken);
  if (shaken.ok()) {
    security_ = session_.describe();
    if (security_.resumed) ++stats_.resumed;
  } else {
    broken_ = true;
  }
  opened_.wake_all();
  co_return shaken;
}

void TlsConnection::count(const Result<>& shaken) noexcept {
  if (shaken.ok()) {
    ++stats_.established;
  } else if (shaken.error().is(kDeadline)) {
    ++stats_.timed_out;
  } else if (shaken.error().is(kHandshakeTooLarge)) {
    ++stats_.too_large;
  } else {
    ++stats_.failed;
  }
}

Task<Result<>> TlsConnection::shake_hands(Wait wait) {
  std::size_t received = 0;
  for (;;) {
    const Result<bool> done = session_.handshake();
    if (!done.ok()) {
      // The alert, if the peer still listens.
      static_cast<void>(co_await flush(wait.until(core_.now() + kAlertTime)));
      co_return done.error();
    }
    KEEL_CO_TRY(co_await flush(wait));
    if (*done) co_return success();
    if (received > limits_.received_bytes) co_return kHandshakeTooLarge;
    KEEL_CO_TRY(co_await receive_below(wait));
    received += sealed_.bytes().size();
  }
}

Task<Result<>> TlsConnection::receive_below(Wait wait) {
  sealed_ = {};
  Received received = KEEL_CO_TRY(co_await below_->receive(wait));
  if (received.end_of_stream()) {
    session_.feed_end();
  } else {
    sealed_ = std::move(received);
    session_.feed(sealed_.bytes());
    partial_bytes_ += sealed_.bytes().size();
  }
  co_return success();
}

Result<Bytes> TlsConnection::decrypt() {
  Bytes plain;
  for (;;) {
    const std::size_t expected = std::max({session_.unread_bytes(), partial_bytes_, kLeastRead});
    const std::size_t at = plain.size();
    plain.resize(std::min(at + expected, kRecordBytes));
    const Result<std::size_t> size = session_.read(std::span(plain).subspan(at));
    plain.resize(at + (size.ok() ? *size : 0));
    if (!size.ok() && at == 0) return size.error();
    if (!size.ok() || *size == 0 || plain.size() == kRecordBytes) break;
    partial_bytes_ = 0;
  }
  return plain;
}

Task<Result<Received>> TlsConnection::receive(Wait wait) {
  KEEL_CO_TRY(co_await open(wait));
  for (;;) {
    if (broken_) co_return kConnectionLost;
    Result<Bytes> plain = decrypt();
    if (session_.has_output()) KEEL_CO_TRY(co_await flush(wait));
    if (!plain.ok()) co_return plain.error();
    if (session_.unread_bytes() == 0) sealed_ = {};
    if (!plain->empty()) co_return PlainBytes::hand_out(std::move(plain).value());
    if (session_.closed()) co_return Received();
    KEEL_CO_TRY(co_await receive_below(wait));
  }
}

Task<Result<>> TlsConnection::send(std::span<const ByteView> parts, Wait wait) {
  KEEL_CO_TRY(co_await open(wait));
  Bytes gathered;  // small parts become one record
  for (ByteView rest : parts) {
    while (!rest.empty()) {
      const std::size_t room = kRecordBytes - gathered.size();
      const ByteView piece = rest.first(std::min(rest.size(), room));
      rest = rest.subspan(piece.size());
      if (gathered.empty() && piece.size() == kRecordBytes) {
        KEEL_CO_TRY(session_.write(piece));
      } else {
        append(gathered, piece);
        if (gathered.size() < kRecordBytes) continue;
        KEEL_CO_TRY(session_.write(gathered));
        gathered.clear();
      }
      if (session_.output_bytes() >= kMostSealed) KEEL_CO_TRY(co_await flush(wait));
    }
  }
  KEEL_CO_TRY(session_.write(gathered));
  co_return co_await flush(wait);
}

Task<Result<>> TlsConnection::flush(Wait wait) {
  while (flushing_) KEEL_CO_TRY(co_await flushed_.wait(wait));
  if (broken_) co_return kConnectionLost;
  if (!session_.has_output()) co_return success();
  flushing_ = true;
  const Bytes sealed = session_.take_output();
  const std::array<ByteView, 1> parts{sealed};
  const Result<> sent = co_await below_->send(parts, wait);
  flushing_ = false;
  if (!sent.ok()) broken_ = true;  // a part of a record may have gone
  flushed_.wake_all();
  co_return sent;
}

Task<Result<>> TlsConnection::finish_sending(Wait wait) {
  if (security_.established && !broken_) {
    session_.close();
    KEEL_CO_TRY(co_await flush(wait));
  }
  co_return co_await below_->finish_sending(wait);
}

void TlsConnection::cut() noexcept {
  broken_ = true;
  below_->cut();
}

}  // namespace keel::runtime
