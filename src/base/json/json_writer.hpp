// JsonWriter: appends one JSON document (RFC 8259) to a string, value by value. It puts the commas,
// escapes texts and checks in assertions that keys and values alternate; nothing is allocated but
// the growth of the string, so a caller that reuses the string allocates nothing.
//
//   std::string out;
//   JsonWriter json(out);
//   json.begin_object();
//   json.key("id"), json.decimal_text(id);
//   json.key("flags"), json.begin_list(), json.text("linked"), json.end_list();
//   json.end_object();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace keel {

class JsonWriter {
 public:
  enum class Layout : std::uint8_t { compact, indented };

  // Writes to the end of `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out [[clang::lifetimebound]], Layout layout = Layout::compact)
      : out_(out), layout_(layout) {}

  // Times with three digits of fraction instead of nine: some readers take no more.
  void write_milliseconds() noexcept { milliseconds_ = true; }

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_list() { begin('['); }
  void end_list() { end(']'); }

  // The key of the next value. Keys of one object must differ: the caller sees to it.
  void key(std::string_view name);

  // UTF-8; a byte that is part of no character becomes U+FFFD.
  void text(std::string_view value);
  void number(std::uint64_t value);
  void number(std::int64_t value);
  void boolean(bool value);
  void null();
  // An integer that a reader with 53-bit numbers would round, as text.
  void decimal_text(uint128 value);
  void decimal_text(std::int64_t value);
  void time(Timestamp moment);  // RFC 3339
  void base64(ByteView bytes);
  void hexadecimal(ByteView bytes);  // lower case
  // A value that is JSON already.
  void raw(std::string_view json);

 private:
  void begin(char bracket);
  void end(char bracket);
  void before_value();
  void new_line();

  std::string& out_;
  Layout layout_;
  bool first_ = true;  // nothing yet in this object or list
  bool after_key_ = false;
  bool milliseconds_ = false;
  std::uint32_t depth_ = 0;
};

// A text as JSON, with its quotation marks.
void append_json_text(std::string& to, std::string_view text);

}  // namespace keel
