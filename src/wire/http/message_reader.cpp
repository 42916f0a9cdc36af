#include "wire/http/message_reader.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/checked.hpp"
#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

constexpr std::size_t kLineEnd = 2;           // CR LF
constexpr std::size_t kChunkSizeDigits = 16;  // more than any 64-bit length needs

constexpr std::array<std::string_view, kKnownFields> kKnownNames = {
    "host", "expect", "upgrade", "connection", "content-length", "transfer-encoding"};

// Splits `name ":" OWS value OWS`. Nothing when it is not one; `line` holds no control character
// but tab.
const ErrorKind* split_field(std::string_view line, Header& field) noexcept {
  if (line.front() == ' ' || line.front() == '\t') return &kFoldedHeader;
  const std::size_t colon = token_length(line);
  if (colon == 0 || colon == line.size() || line[colon] != ':') return &kBadHeader;
  field.name = line.substr(0, colon);
  field.value = trim(line.substr(colon + 1));
  return nullptr;
}

// *( ";" name [ "=" ( token / quoted-string ) ] ), without white space (RFC 9112, 7.1.1).
bool is_chunk_extension(std::string_view text) noexcept {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const std::size_t name = token_length(text);
    if (name == 0) return false;
    text.remove_prefix(name);
    if (text.empty() || text.front() != '=') continue;
    text.remove_prefix(1);
    if (text.empty()) return false;
    if (text.front() != '"') {
      const std::size_t value = token_length(text);
      if (value == 0) return false;
      text.remove_prefix(value);
      continue;
    }
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
  }
  return true;
}

// A trailer may not say again what the head has decided.
bool is_forbidden_trailer(std::string_view name) noexcept {
  return std::ranges::any_of(
      kKnownNames, [name](std::string_view known) { return equals_ignoring_case(name, known); });
}

}  // namespace

MessageReader::MessageReader(const Limits& limits) : limits_(limits) {
  // Places in a head are kept in 32 bits, indices of fields in 16.
  KEEL_ASSERT(limits.start_line_bytes < 1u << 30);
  KEEL_ASSERT(limits.header_bytes < 1u << 30);
  KEEL_ASSERT(limits.header_count < 1u << 16);
}

void MessageReader::begin_message() {
  buffer_.consume(cursor_);
  cursor_ = scanned_ = headers_used_ = 0;
  places_.clear();
  known_ = {};
  body_at_ = body_size_ = 0;
  body_total_ = 0;
  chunk_stage_ = ChunkStage::size;
  chunk_left_ = 0;
  extensions_used_ = trailers_used_ = 0;
}

Progress MessageReader::read_line(std::size_t limit_bytes, const ErrorKind& too_long,
                                  std::string_view& line) {
  const std::string_view rest = buffer_.text().substr(cursor_);
  const std::size_t control = find_control(rest, scanned_);
  if (control > limit_bytes) return fail(too_long);
  scanned_ = control;
  if (control == rest.size()) return Progress::more;
  if (rest[control] == '\n') return fail(kBadLineEnd);
  if (rest[control] != '\r') return fail(kBadCharacter);
  if (control + 1 == rest.size()) return Progress::more;
  if (rest[control + 1] != '\n') return fail(kBadLineEnd);
  line = rest.substr(0, control);
  cursor_ += control + kLineEnd;
  scanned_ = 0;
  return Progress::done;
}

Progress MessageReader::read_headers() {
  for (;;) {
    const std::size_t left = limits_.header_bytes - headers_used_;
    std::string_view line;
    const Progress progress =
        read_line(left < kLineEnd ? 0 : left - kLineEnd, kHeadersTooLarge, line);
    if (progress != Progress::done) return progress;
    if (line.empty()) return Progress::done;
    headers_used_ += line.size() + kLineEnd;
    if (read_header_line(line) == Progress::failed) return Progress::failed;
  }
}

Progress MessageReader::read_header_line(std::string_view line) {
  if (places_.size() == limits_.header_count) return fail(kTooManyHeaders);
  Header field;
  if (const ErrorKind* wrong = split_field(line, field)) return fail(*wrong);
  const std::size_t line_at = cursor_ - kLineEnd - line.size();
  const auto value_at = static_cast<std::size_t>(field.value.data() - line.data());
  note_known(field.name, places_.size());
  places_.push_back({.name_at = static_cast<std::uint32_t>(line_at),
                     .name_size = static_cast<std::uint32_t>(field.name.size()),
                     .value_at = static_cast<std::uint32_t>(line_at + value_at),
                     .value_size = static_cast<std::uint32_t>(field.value.size())});
  return Progress::done;
}

void MessageReader::note_known(std::string_view name, std::size_t index) noexcept {
  KnownField field;
  switch (name.size()) {
    case 4:
      field = KnownField::host;
      break;
    case 6:
      field = KnownField::expect;
      break;
    case 7:
      field = KnownField::upgrade;
      break;
    case 10:
      field = KnownField::connection;
      break;
    case 14:
      field = KnownField::content_length;
      break;
    case 17:
      field = KnownField::transfer_encoding;
      break;
    default:
      return;
  }
  const auto number = static_cast<std::size_t>(field);
  if (!equals_ignoring_case(name, kKnownNames[number])) return;
  if (known_[number].count++ == 0) known_[number].index = static_cast<std::uint16_t>(index);
}

std::optional<std::string_view> MessageReader::known(KnownField field) const noexcept {
  const Known& known = known_[static_cast<std::size_t>(field)];
  if (known.count == 0) return std::nullopt;
  return headers()[known.index].value;
}

bool MessageReader::is_repeated(KnownField field) const noexcept {
  return known_[static_cast<std::size_t>(field)].count > 1;
}

Result<Framing> MessageReader::framing() const {
  Framing framing;
  const auto length = known(KnownField::content_length);
  const auto encoding = known(KnownField::transfer_encoding);
  if (length && encoding) return kConflictingLength;
  if (length) {
    framing.content_length = parse_decimal(*length);
    if (is_repeated(KnownField::content_length) || !framing.content_length) return kBadLength;
  }
  if (encoding) {
    if (is_repeated(KnownField::transfer_encoding) || !equals_ignoring_case(*encoding, "chunked")) {
      return kBadTransferEncoding;
    }
    framing.chunked = true;
  }
  return framing;
}

Result<ConnectionOptions> MessageReader::connection_options() const {
  ConnectionOptions options;
  const Known& known = known_[static_cast<std::size_t>(KnownField::connection)];
  if (known.count == 0) return options;
  const Headers all = headers();
  for (std::size_t i = known.index; i < all.size(); ++i) {
    const Header header = all[i];
    if (!equals_ignoring_case(header.name, "connection")) continue;
    std::string_view list = header.value;
    std::string_view option;
    while (next_element(list, option)) {
      if (!is_token(option)) return kBadHeader;
      options.close |= equals_ignoring_case(option, "close");
      options.keep_alive |= equals_ignoring_case(option, "keep-alive");
      options.upgrade |= equals_ignoring_case(option, "upgrade");
    }
  }
  return options;
}

ByteView MessageReader::body() const noexcept {
  return as_bytes(buffer_.text().substr(body_at_, body_size_));
}

void MessageReader::begin_body(const BodyPlan& plan) {
  plan_ = plan;
  body_at_ = cursor_;
  body_size_ = 0;
}

Progress MessageReader::read_body() {
  switch (plan_.kind) {
    case BodyPlan::Kind::fixed:
      return read_fixed_body();
    case BodyPlan::Kind::chunked:
      return read_chunked_body();
    case BodyPlan::Kind::until_close:
      return read_until_close();
  }
  return Progress::done;
}

void MessageReader::drop_body() {
  buffer_.consume(cursor_);
  cursor_ = body_at_ = body_size_ = 0;
  places_.clear();
  known_ = {};
}

void MessageReader::extend_body(std::size_t count) noexcept {
  KEEL_ASSERT(cursor_ == body_at_ + body_size_);
  cursor_ += count;
  body_size_ += count;
  body_total_ += count;
}

Progress MessageReader::read_fixed_body() {
  const std::uint64_t left = plan_.size_bytes - body_total_;
  const std::size_t arrived = buffer_.size() - cursor_;
  if (arrived >= left) {
    extend_body(static_cast<std::size_t>(left));
    return Progress::done;
  }
  if (plan_.in_parts) {
    extend_body(arrived);
  } else {
    buffer_.hold();
    buffer_.expect(cursor_ + static_cast<std::size_t>(left));
  }
  return Progress::more;
}

Progress MessageReader::read_until_close() {
  const std::size_t arrived = buffer_.size() - cursor_;
  if (!plan_.in_parts && arrived > limits_.body_bytes - body_total_) return fail(kBodyTooLarge);
  extend_body(arrived);
  return Progress::more;
}

Progress MessageReader::read_chunked_body() {
  buffer_.hold();
  Progress progress = Progress::done;
  while (progress == Progress::done) {
    switch (chunk_stage_) {
      case ChunkStage::size:
        progress = read_chunk_size();
        break;
      case ChunkStage::data:
        progress = read_chunk_data();
        break;
      case ChunkStage::data_end:
        progress = read_chunk_end();
        break;
      case ChunkStage::trailers: {
        const std::size_t before = trailers_used_;
        progress = read_trailer();
        if (progress == Progress::done && trailers_used_ == before) return Progress::done;
        break;
      }
    }
  }
  // The framing that was understood goes, so that what is held stays near the size of the body.
  if (progress == Progress::more) {
    buffer_.remove(body_at_ + body_size_, cursor_);
    cursor_ = body_at_ + body_size_;
  }
  return progress;
}

// chunk-size [ chunk-ext ] CRLF
Progress MessageReader::read_chunk_size() {
  const std::size_t extensions_left = limits_.chunk_extension_bytes - extensions_used_;
  std::string_view line;
  const Progress progress = read_line(kChunkSizeDigits + extensions_left, kBadChunk, line);
  if (progress != Progress::done) return progress;

  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line.size() && hex_value(line[digits]) >= 0) {
    if (digits == kChunkSizeDigits) return fail(kBadChunk);
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
    ++digits;
  }
  const std::string_view extension = line.substr(digits);
  if (digits == 0 || extension.size() > extensions_left || !is_chunk_extension(extension)) {
    return fail(kBadChunk);
  }
  extensions_used_ += extension.size();
  const auto total = checked_add(body_total_, size);
  if (!total) return fail(kBadChunk);
  if (!plan_.in_parts && *total > limits_.body_bytes) return fail(kBodyTooLarge);
  chunk_left_ = size;
  chunk_stage_ = size == 0 ? ChunkStage::trailers : ChunkStage::data;
  return Progress::done;
}

// Moves what has arrived of the chunk down to the end of the body.
Progress MessageReader::read_chunk_data() {
  const std::span<char> bytes = buffer_.writable();
  const std::size_t arrived = std::min<std::size_t>(bytes.size() - cursor_, chunk_left_);
  const std::size_t body_end = body_at_ + body_size_;
  if (arrived > 0) {
    std::memmove(bytes.subspan(body_end, arrived).data(), bytes.subspan(cursor_, arrived).data(),
                 arrived);
  }
  cursor_ += arrived;
  body_size_ += arrived;
  body_total_ += arrived;
  chunk_left_ -= arrived;
  if (chunk_left_ > 0) {
    if (!plan_.in_parts) buffer_.expect(cursor_ + chunk_left_);
    return Progress::more;
  }
  chunk_stage_ = ChunkStage::data_end;
  return Progress::done;
}

Progress MessageReader::read_chunk_end() {
  std::string_view line;
  const Progress progress = read_line(0, kBadChunk, line);
  if (progress == Progress::done) chunk_stage_ = ChunkStage::size;
  return progress;
}

// One trailer line: checked, bounded, and not kept, because nothing here may change what the head
// said.
Progress MessageReader::read_trailer() {
  const std::size_t left = limits_.trailer_bytes - trailers_used_;
  std::string_view line;
  const Progress progress =
      read_line(left < kLineEnd ? 0 : left - kLineEnd, kHeadersTooLarge, line);
  if (progress != Progress::done || line.empty()) return progress;
  Header field;
  if (const ErrorKind* wrong = split_field(line, field)) return fail(*wrong);
  if (is_forbidden_trailer(field.name)) return fail(kBadTrailer);
  trailers_used_ += line.size() + kLineEnd;
  return Progress::done;
}

}  // namespace keel::http
