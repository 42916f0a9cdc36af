#include "base/json/json_writer.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include "base/text/base64.hpp"
#include "base/text/decimal.hpp"
#include "base/text/rfc3339.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr bool is_plain(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte < 0x80 && character != '"' && character != '\\';
}

// The high bit of each byte of the word that is not plain, at least of the lowest such byte: a
// borrow may mark bytes above it.
constexpr std::uint64_t not_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  const auto zeros = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word;
  return (below_space | zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\') | word) & kHighs;
}

std::size_t plain_run(std::string_view text) {
  std::size_t run = 0;
  for (std::uint64_t word; run + sizeof(word) <= text.size(); run += sizeof(word)) {
    std::memcpy(&word, text.substr(run, sizeof(word)).data(), sizeof(word));
    if (const std::uint64_t found = not_plain(word); found != 0)
      return run + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (run < text.size() && is_plain(text[run])) ++run;
  return run;
}

void append_escaped(std::string& to, char character) {
  to += '\\';
  switch (character) {
    case '"':
      to += '"';
      return;
    case '\\':
      to += '\\';
      return;
    case '\b':
      to += 'b';
      return;
    case '\f':
      to += 'f';
      return;
    case '\n':
      to += 'n';
      return;
    case '\r':
      to += 'r';
      return;
    case '\t':
      to += 't';
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(character);
  to += "u00";
  to += kHexDigits[byte >> 4];
  to += kHexDigits[byte & 15];
}

template <typename Integer>
void append_integer(std::string& to, Integer value) {
  std::array<char, 24> digits;
  to.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

}  // namespace

void append_json_text(std::string& to, std::string_view text) {
  to += '"';
  while (!text.empty()) {
    const std::size_t run = plain_run(text);
    to += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      append_escaped(to, text.front());
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_length(text);
    to += length == 0 ? "\xef\xbf\xbd" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  to += '"';
}

void JsonWriter::new_line() {
  if (layout_ == Layout::compact) return;
  out_ += '\n';
  out_.append(std::size_t{2} * depth_, ' ');
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
  } else if (depth_ > 0) {
    if (!first_) out_ += ',';
    new_line();
  }
  first_ = false;
}

void JsonWriter::begin(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::end(char bracket) {
  KEEL_ASSERT(depth_ > 0);
  KEEL_ASSERT(!after_key_);
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  KEEL_ASSERT(depth_ > 0);
  KEEL_ASSERT(!after_key_);
  before_value();
  append_json_text(out_, name);
  out_ += layout_ == Layout::compact ? ":" : ": ";
  after_key_ = true;
}

void JsonWriter::text(std::string_view value) {
  before_value();
  append_json_text(out_, value);
}

void JsonWriter::number(std::uint64_t value) {
  before_value();
  append_integer(out_, value);
}

void JsonWriter::number(std::int64_t value) {
  before_value();
  append_integer(out_, value);
}

void JsonWriter::boolean(bool value) {
  raw(value ? "true" : "false");
}

void JsonWriter::null() {
  raw("null");
}

void JsonWriter::decimal_text(uint128 value) {
  before_value();
  out_ += '"';
  append_decimal(out_, value);
  out_ += '"';
}

void JsonWriter::decimal_text(std::int64_t value) {
  before_value();
  out_ += '"';
  append_integer(out_, value);
  out_ += '"';
}

void JsonWriter::time(Timestamp moment) {
  before_value();
  out_ += '"';
  if (milliseconds_) {
    append_rfc3339_ms(out_, moment);
  } else {
    append_rfc3339(out_, moment);
  }
  out_ += '"';
}

void JsonWriter::base64(ByteView bytes) {
  before_value();
  out_ += '"';
  append_base64(out_, bytes);
  out_ += '"';
}

void JsonWriter::hexadecimal(ByteView bytes) {
  before_value();
  out_ += '"';
  for (std::byte byte : bytes) {
    out_ += kHexDigits[std::to_integer<std::size_t>(byte >> 4)];
    out_ += kHexDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  out_ += '"';
}

void JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
}

}  // namespace keel
