// Described structs from JSON. What must hold for any text:
//   1. What is accepted is well-formed JSON by a plain second reading (json_reference.hpp): the
//   parser
//      beneath leaves parts of a document unread until they are asked for.
//   2. Written and read again it is the same value, in JSON and on the wire.
//   3. Spaces around it change nothing, and anything else after it is refused.
//   4. What is refused is refused with a path and a reason, and the sentence is UTF-8.
//   5. Narrower limits refuse, or give the same value.

#include "base/json/json.hpp"

#include "base/describe/testing/sample.hpp"
#include "base/describe/wire.hpp"
#include "base/text/utf8.hpp"
#include "fuzz/fuzz_target.hpp"
#include "json_reference.hpp"

namespace keel::fuzz {
namespace {

using sample::Everything;

std::string written(const Everything& value) {
  std::string text;
  to_json(value, text);
  return text;
}

void check_accepted(const Everything& value, const std::string& text) {
  KEEL_ASSERT(is_utf8(text));
  KEEL_ASSERT(is_json(text));
  const std::string canonical = written(value);
  KEEL_ASSERT(is_json(canonical));
  const Result<Everything> again = from_json<Everything>(canonical);
  KEEL_ASSERT(again.ok());
  KEEL_ASSERT(*again == value);
  KEEL_ASSERT(written(*again) == canonical);

  Bytes wire;
  encode(value, wire);
  KEEL_ASSERT(decode<Everything>(wire).value() == value);

  KEEL_ASSERT(from_json<Everything>(" \t\r\n" + text + "\n ").value() == value);
  for (const std::string_view more : {"{}", "]", "}", ",", "0", "\"", "x"}) {
    KEEL_ASSERT(!from_json<Everything>(text + std::string(more)).ok());
  }
}

void check(const std::string& text) {
  const Result<Everything> value = from_json<Everything>(text);
  if (value.ok()) {
    check_accepted(*value, text);
  } else {
    const std::string& sentence = value.error().detail();
    KEEL_ASSERT(sentence.find(": ") != std::string::npos);
    KEEL_ASSERT(is_utf8(sentence));
  }
  const Result<Everything> narrow =
      from_json<Everything>(text, {.input_bytes = 200, .depth = 1, .elements = 3});
  if (narrow.ok()) KEEL_ASSERT(value.ok() && *narrow == *value);
  static_cast<void>(from_json<sample::Tree>(text));
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const keel::ByteView bytes = keel::fuzz::input_bytes(data, size);
  keel::fuzz::check(std::string(keel::as_text(bytes)));
  return 0;
}
