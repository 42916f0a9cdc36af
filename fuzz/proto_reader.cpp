// Described structs from Protocol Buffers' wire format. What must hold for any bytes:
//   1. What is accepted, written and read again is the same value, and is written the same again.
//   2. It has the same JSON before and after: nothing hides from one of the two formats.
//   3. A field that is not known, before or after, changes nothing.
//   4. What is refused is refused with a path and a reason.
//   5. Narrower limits refuse, or give the same value.

#include "base/describe/wire.hpp"

#include "base/describe/testing/sample.hpp"
#include "base/json/json.hpp"
#include "fuzz/fuzz_target.hpp"

namespace keel::fuzz {
namespace {

using sample::Everything;

Bytes written(const Everything& value) {
  Bytes bytes;
  encode(value, bytes);
  return bytes;
}

Bytes joined(ByteView first, ByteView second) {
  Bytes bytes(first.begin(), first.end());
  append(bytes, second);
  return bytes;
}

void check_accepted(const Everything& value, ByteView bytes) {
  const Bytes canonical = written(value);
  const Result<Everything> again = decode<Everything>(canonical);
  KEEL_ASSERT(again.ok());
  KEEL_ASSERT(*again == value);
  KEEL_ASSERT(written(*again) == canonical);

  std::string json;
  to_json(value, json);
  const Result<Everything> from_text = from_json<Everything>(json);
  KEEL_ASSERT(from_text.ok());
  KEEL_ASSERT(*from_text == value);

  const Bytes unknown = from_hex(
                            "b20103616263"
                            "b001808001")
                            .value();  // field 22, twice
  KEEL_ASSERT(decode<Everything>(joined(bytes, unknown)).value() == value);
  KEEL_ASSERT(decode<Everything>(joined(unknown, bytes)).value() == value);
}

void check(ByteView bytes) {
  const Bytes own(bytes.begin(), bytes.end());
  const Result<Everything> value = decode<Everything>(own);
  if (value.ok()) {
    check_accepted(*value, own);
  } else {
    KEEL_ASSERT(value.error().detail().find(": ") != std::string::npos);
  }
  const Result<Everything> narrow =
      decode<Everything>(own, {.input_bytes = 64, .depth = 1, .elements = 3});
  if (narrow.ok()) KEEL_ASSERT(value.ok() && *narrow == *value);
  static_cast<void>(decode<sample::Tree>(own));
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::check(keel::fuzz::input_bytes(data, size));
  return 0;
}
