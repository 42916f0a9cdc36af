// Signed meter values (OCMF). What must hold for any text:
//   1. What is accepted has a payload that stands in the text between the separators, and a
//   signature
//      that is one SEQUENCE of its own length.
//   2. Put together again from its parts it is accepted as the same.
//   3. With a byte more or less in the signature it is refused.
//   4. What is unwrapped from a record is the record; a key that is taken is taken again by its own
//   digits; a register is one of 64 bits.

#include "base/errors.hpp"
#include "fuzz/fuzz_target.hpp"
#include "wire/ocmf/meter_key.hpp"
#include "wire/ocmf/signed_register.hpp"
#include "wire/ocmf/signed_text.hpp"
#include "wire/ocmf/signed_value.hpp"

namespace keel::fuzz {
namespace {

std::string put_together(std::string_view payload, ocmf::Curve curve, ByteView signature) {
  return "OCMF|" + std::string(payload) + R"(|{"SA":"ECDSA-)" +
         std::string(ocmf::to_string(curve)) + R"(-SHA256","SD":")" + to_hex(signature) + "\"}";
}

void check_accepted(const ocmf::SignedValue& value, std::string_view text) {
  KEEL_ASSERT(text.substr(5, value.payload.size()) == value.payload);
  KEEL_ASSERT(text.substr(5 + value.payload.size()).starts_with('|'));
  KEEL_ASSERT(value.signature.size() >= 8);
  KEEL_ASSERT(std::to_integer<std::size_t>(value.signature[1]) == value.signature.size() - 2);
  const std::string again = put_together(value.payload, value.curve, value.signature);
  if (again.size() > ocmf::kMaxBytes) return;
  const auto same = ocmf::parse(again);
  KEEL_ASSERT(same.ok() && same->payload == value.payload && same->curve == value.curve);
  KEEL_ASSERT(same->signature == value.signature);
  Bytes other = value.signature;
  other.push_back(std::byte{0});
  KEEL_ASSERT(!ocmf::parse(put_together(value.payload, value.curve, other)).ok());
  other.resize(other.size() - 2);
  KEEL_ASSERT(!ocmf::parse(put_together(value.payload, value.curve, other)).ok());
}

void check_wrapping(std::string_view text) {
  const auto unwrapped = ocmf::unwrap(text);
  if (unwrapped.ok() && text.starts_with("OCMF|")) KEEL_ASSERT(unwrapped->record == text);
  if (unwrapped.ok() && !unwrapped->meter_key.empty()) {
    KEEL_ASSERT(ocmf::read_meter_key(to_hex(unwrapped->meter_key)).value() == unwrapped->meter_key);
  }
  const auto key = ocmf::read_meter_key(text);
  if (key.ok()) KEEL_ASSERT(ocmf::read_meter_key(to_hex(*key)).value() == *key);
  const auto register_wh = ocmf::signed_register_wh(text);
  KEEL_ASSERT(!register_wh || *register_wh <= std::uint64_t{INT64_MAX});
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const std::string text(keel::as_text(input_bytes(data, size)));
  check_wrapping(text);
  const auto value = keel::ocmf::parse(text);
  if (value.ok()) {
    check_accepted(*value, text);
  } else {
    KEEL_ASSERT(value.error().is(keel::kBadText) && !value.error().detail().empty());
  }
  return 0;
}
