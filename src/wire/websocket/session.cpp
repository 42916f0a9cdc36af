#include "wire/websocket/session.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"
#include "wire/websocket/errors.hpp"

namespace keel::websocket {
namespace {

constexpr std::size_t kMostReasonBytes = kMostControlBytes - 2;
constexpr std::size_t kMemoryKept = 4'096;
constexpr std::size_t kLeastDeflated = 64;

// The beginning of a text, not cut inside a character.
std::string_view cut_text(std::string_view text) {
  if (text.size() <= kMostReasonBytes) return text;
  std::size_t size = kMostReasonBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

void Session::feed(ByteView bytes, Timestamp now) {
  KEEL_ASSERT(input_.empty());
  held_ = Bytes();
  input_ = bytes;
  // Whole seconds give new allowances; the rest of a second is kept.
  const Duration passed = now - allowed_at_;
  const std::int64_t earned = passed.ns / 1'000'000 * limits_.controls_per_second / 1'000;
  if (earned > 0) {
    const std::int64_t room = limits_.control_burst - allowance_;
    allowance_ += static_cast<std::uint32_t>(std::min(earned, room));
    allowed_at_ = now;
  }
  now_ = now;
}

void Session::hold() {
  if (input_.empty() || !held_.empty()) return;
  held_.assign(input_.begin(), input_.end());
  input_ = held_;
}

const ErrorKind& Session::error() const noexcept {
  KEEL_ASSERT(error_ != nullptr);
  return *error_;
}

void Session::release_message() {
  message_given_ = false;
  if (message_.capacity() > kMemoryKept) message_ = Bytes();
  message_.clear();
  if (!in_message_) utf8_.reset();
}

Step Session::next() {
  if (message_given_) release_message();
  if (error_ != nullptr) return Step::failed;
  const Result<Step> step = advance();
  if (step.ok()) return *step;
  error_ = &step.error().kind();
  close(close_code(*error_), error_->name);
  input_ = {};
  return Step::failed;
}

Result<Step> Session::advance() {
  for (;;) {
    if (close_received_ && close_sent_) {
      input_ = {};  // what follows a Close is not read (section 5.5.1)
      return Step::closed;
    }
    if (!in_frame_ && !KEEL_TRY(take_head())) return pause();
    if (!KEEL_TRY(take_payload())) return pause();
    in_frame_ = false;
    const Step step = KEEL_TRY(finish_frame());
    if (step != Step::need_more) return step;
  }
}

// All that was fed is taken.
Step Session::pause() {
  if (!comes_in_pieces() || !in_message_ || message_.empty()) return Step::need_more;
  message_given_ = true;
  return message_is_text_ ? Step::text : Step::binary;
}

Result<bool> Session::take_head() {
  std::size_t size = 0;
  const std::size_t kept = head_.size();
  std::optional<FrameHead> head;
  if (kept == 0) {
    head = KEEL_TRY(read_frame_head(input_, size));
  } else {
    append(head_, input_.first(std::min(input_.size(), kMostHeadBytes - kept)));
    head = KEEL_TRY(read_frame_head(head_, size));
  }
  if (!head) {
    if (kept == 0) append(head_, input_);
    input_ = {};
    return false;
  }
  input_ = input_.subspan(size - kept);
  head_ = Bytes();
  KEEL_TRY(check_head(*head));
  frame_ = *head;
  in_frame_ = true;
  taken_ = 0;
  return true;
}

Result<> Session::check_head(const FrameHead& head) {
  // Section 5.1: clients mask, servers do not.
  if (head.mask.has_value() == is_client()) return kBadFrame;
  if (is_control(head.opcode)) {
    if (allowance_ == 0) return kTooManyControls;
    --allowance_;
    return success();
  }
  const bool begins = head.opcode != Opcode::continuation;
  if (begins == in_message_) return kBadFrame;  // section 5.4
  if (head.compressed && (!begins || compression_.codec == nullptr)) return kBadFrame;
  if (begins) {
    in_message_ = true;
    message_is_text_ = head.opcode == Opcode::text;
    message_compressed_ = head.compressed;
  }
  if (head.payload_bytes > limits_.frame_bytes) return kTooLarge;
  if (!comes_in_pieces() && head.payload_bytes > limits_.message_bytes - message_.size())
    return kTooLarge;
  return success();
}

Result<bool> Session::take_payload() {
  const std::uint64_t left = frame_.payload_bytes - taken_;
  const ByteView piece = input_.first(std::min<std::uint64_t>(left, input_.size()));
  input_ = input_.subspan(piece.size());
  Bytes& to = is_control(frame_.opcode) ? control_ : message_;
  const std::size_t at = to.size();
  to.resize(at + piece.size());
  const ByteSpan added = std::span(to).subspan(at);
  if (frame_.mask) {
    apply_mask(added, piece, *frame_.mask, taken_);
  } else {
    std::ranges::copy(piece, added.begin());
  }
  taken_ += piece.size();
  if (!is_control(frame_.opcode)) KEEL_TRY(check_text_so_far(added));
  return taken_ == frame_.payload_bytes;
}

// Section 8.1; a text that is wrong is refused before its end.
Result<> Session::check_text_so_far(ByteView piece) {
  if (message_is_text_ && !message_compressed_ && !utf8_.feed(piece)) return kBadText;
  return success();
}

Result<Step> Session::finish_frame() {
  if (is_control(frame_.opcode)) return finish_control();
  if (!frame_.final) return Step::need_more;
  return finish_message();
}

Result<Step> Session::finish_message() {
  in_message_ = false;
  if (message_compressed_) {
    Bytes inflated;
    KEEL_TRY(compression_.codec->inflate(message_, limits_.message_bytes, inflated));
    message_ = std::move(inflated);
    if (message_is_text_ && !utf8_.feed(message_)) return kBadText;
  }
  if (message_is_text_ && !utf8_.complete()) return kBadText;
  message_given_ = true;
  return message_is_text_ ? Step::text : Step::binary;
}

Result<Step> Session::finish_control() {
  const Bytes payload = std::exchange(control_, {});
  if (frame_.opcode == Opcode::ping) {
    append_frame({.opcode = Opcode::pong}, payload);
  } else if (frame_.opcode == Opcode::close) {
    control_ = payload;
    KEEL_TRY(take_close());
  } else if (!in_message_) {
    message_ = payload;
    message_given_ = true;
    return Step::pong;
  }
  return Step::need_more;
}

Result<> Session::take_close() {
  const Bytes payload = std::exchange(control_, {});
  close_received_ = true;
  if (payload.size() == 1) return kBadFrame;
  if (payload.empty()) {
    close(CloseCode::none);
    return success();
  }
  const auto code = static_cast<std::uint16_t>(std::to_integer<unsigned>(payload[0]) << 8 |
                                               std::to_integer<unsigned>(payload[1]));
  const std::string_view text = as_text(ByteView(payload).subspan(2));
  if (!may_be_sent(code)) return kBadFrame;
  if (!is_utf8(text)) return kBadText;
  reason_ = {.code = static_cast<CloseCode>(code), .text = std::string(text)};
  close(reason_.code);
  return success();
}

void Session::append_frame(FrameHead head, ByteView payload) {
  if (close_sent_) return;
  head.payload_bytes = payload.size();
  if (is_client()) head.mask = masks_->draw();
  std::array<std::byte, kMostHeadBytes> space{};
  append(output_, write_frame_head(space, head));
  if (!head.mask) {
    append(output_, payload);
    return;
  }
  const std::size_t at = output_.size();
  output_.resize(at + payload.size());
  apply_mask(std::span(output_).subspan(at), payload, *head.mask, 0);
}

void Session::send(Kind kind, ByteView payload) {
  FrameHead head{.opcode = kind == Kind::text ? Opcode::text : Opcode::binary};
  Bytes smaller;
  if (compression_.codec != nullptr && payload.size() >= kLeastDeflated && !close_sent_)
    head.compressed = compression_.codec->deflate(payload, compression_.window_bits, smaller);
  append_frame(head, head.compressed ? ByteView(smaller) : payload);
}

void Session::ping(ByteView payload) {
  append_frame({.opcode = Opcode::ping}, payload);
}

void Session::close(CloseCode code, std::string_view text) {
  if (close_sent_) return;
  Bytes payload;
  if (code != CloseCode::none) {
    const auto number = static_cast<std::uint16_t>(code);
    KEEL_ASSERT(may_be_sent(number));
    payload = {static_cast<std::byte>(number >> 8), static_cast<std::byte>(number & 0xFF)};
    append(payload, as_bytes(cut_text(text)));
  }
  append_frame({.opcode = Opcode::close}, payload);
  close_sent_ = true;
}

}  // namespace keel::websocket
