#include "runtime/uring/uring_connection.hpp"

#include <sys/socket.h>

#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/posix/send_cursor.hpp"
#include "runtime/posix/socket.hpp"
#include "runtime/uring/call.hpp"

namespace keel::runtime {

namespace {

// Bytes that were set aside, on their way to their reader; lives until they are given back, which
// may be after their connection's end.
class AsideBytes final : public Received::Owner {
 public:
  static Received hand_out(Bytes bytes) {
    auto aside = std::make_unique<AsideBytes>();
    aside->bytes_ = std::move(bytes);
    const ByteView view = aside->bytes_;
    return Received(view, aside.release(), 0);
  }
  void give_back(std::uint32_t) noexcept override { const std::unique_ptr<AsideBytes> own(this); }

 private:
  Bytes bytes_;
};

}  // namespace

UringInbound::~UringInbound() {
  core().receive_pool().leave(*this);  // its last answer may have said that there was no buffer
  drop_queued();
}

void UringInbound::drop_queued() noexcept {
  while (queued_.count > 0) static_cast<void>(core().receive_pool().pop(queued_));
  aside_ = {};
}

void UringInbound::retiring() noexcept {
  KEEL_ASSERT(arrived_.empty());  // a connection died while somebody waited on it
  core().receive_pool().leave(*this);
  drop_queued();
}

void UringInbound::ensure_receiving() noexcept {
  if (armed() || starved_ || ended_ || cut_ || error_number_ != 0) return;
  arm([this](io_uring_sqe* entry) {
    // A standing receive may fill many buffers before anybody looks.
    if (flooded_ || core().receive_pool().is_low()) {
      io_uring_prep_recv(entry, socket().number(), nullptr, 0, 0);
    } else {
      io_uring_prep_recv_multishot(entry, socket().number(), nullptr, 0, 0);
    }
    // A buffer is taken when there are bytes for it, not before.
    entry->ioprio |= IORING_RECVSEND_POLL_FIRST;
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = ReceivePool::kGroup;
  });
}

bool UringInbound::resume_receiving() noexcept {
  starved_ = false;
  if (!is_full()) ensure_receiving();
  return armed();
}

void UringInbound::answered(std::int32_t result, std::uint32_t flags) noexcept {
  if ((flags & IORING_CQE_F_BUFFER) != 0) {
    const std::uint32_t buffer = flags >> IORING_CQE_BUFFER_SHIFT;
    if (result > 0) {
      ++core().stats().received;
      core().receive_pool().taken(buffer, static_cast<std::uint32_t>(result), queued_);
    } else {
      core().receive_pool().unused(buffer);
    }
  }
  if (result == 0) {
    ended_ = true;
  } else if (result == -ENOBUFS) {
    ++core().stats().buffers_empty;
    starved_ = true;
    core().receive_pool().starve(*this);
  } else if (result < 0 && result != -ECANCELED) {
    error_number_ = -result;
  }
  // A standing receive that is asked to end goes on while bytes come and there are buffers. So a
  // stream that is full keeps what it has until then: given back, the buffers would be filled
  // again, for ever. Otherwise whoever does not read holds no buffer that others wait for.
  const bool full = is_full();
  flooded_ |= full;
  const bool low = core().receive_pool().is_low();
  if (arrived_.empty() && (armed() ? low && !full : low || full)) set_aside();
  if (full) end();  // taken up again when receive() has made room
  arrived_.wake_all();
}

void UringInbound::set_aside() {
  if (queued_.count > 0) core().receive_pool().copy_out(queued_, aside_);
}

Task<Result<Received>> UringInbound::receive(Wait wait) {
  KEEL_ASSERT(arrived_.empty());  // one task receives at a time
  while (queued_.count == 0 && aside_.empty()) {
    if (cut_) co_return kConnectionLost;
    if (error_number_ != 0) co_return connection_error(error_number_);
    if (ended_) co_return Received();
    flooded_ = false;
    ensure_receiving();
    KEEL_CO_TRY(co_await arrived_.wait(wait));
  }
  Received received = aside_.empty() ? core().receive_pool().pop(queued_)
                                     : AsideBytes::hand_out(std::exchange(aside_, {}));
  if (!is_full()) ensure_receiving();
  co_return received;
}

void UringInbound::cut() noexcept {
  if (std::exchange(cut_, true)) return;
  ::shutdown(socket().number(), SHUT_RDWR);  // ends what the kernel has in hand
  core().receive_pool().leave(*this);
  drop_queued();
  arrived_.wake_all();
}

UringConnection::UringConnection(UringCore& core, Descriptor socket)
    : inbound_(new UringInbound(core, std::move(socket))), peer_(peer_of(inbound_->socket())) {}

Task<Result<>> UringConnection::send(std::span<const ByteView> parts, Wait wait) {
  KEEL_ASSERT(!std::exchange(sending_, true));  // one task sends at a time
  SendCursor cursor(parts);
  Result<> outcome;
  while (outcome.ok() && !cursor.done()) {
    const std::span<iovec> vectors = cursor.next();
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    const Answer answer =
        co_await Call(inbound_->core(), wait, [this, &message](io_uring_sqe* entry) {
          constexpr int kFlags = MSG_NOSIGNAL | MSG_WAITALL;
          const int socket = inbound_->socket().number();
          // One part is the usual case, and needs no message header to be copied and checked.
          if (message.msg_iovlen == 1) {
            io_uring_prep_send(entry, socket, message.msg_iov->iov_base, message.msg_iov->iov_len,
                               kFlags);
          } else {
            io_uring_prep_sendmsg(entry, socket, &message, kFlags);
          }
        });
    if (inbound_->is_cut()) {
      outcome = kConnectionLost;
    } else if (answer.called_off()) {
      outcome = *answer.why;
    } else if (answer.failed()) {
      if (answer.result != -EINTR && answer.result != -EAGAIN) {
        outcome = connection_error(-answer.result);
      }
    } else {
      cursor.advance(static_cast<std::size_t>(answer.result));
    }
  }
  sending_ = false;
  co_return outcome;
}

Task<Result<>> UringConnection::finish_sending(Wait) {
  ::shutdown(inbound_->socket().number(), SHUT_WR);
  co_return success();
}

}  // namespace keel::runtime
