// Signed meter values (OCMF). What must hold for any text:
//   1. What is accepted has a payload that stands in the text between the separators, and a
//   signature
//      that is one SEQUENCE of its own length.
//   2. Put together again from its parts it is accepted as the same.
//   3. With a byte more or less in the signature it is refused.

#include "base/errors.hpp"
#include "fuzz/fuzz_target.hpp"
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

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const std::string text(keel::as_text(input_bytes(data, size)));
  const auto value = keel::ocmf::parse(text);
  if (value.ok()) {
    check_accepted(*value, text);
  } else {
    KEEL_ASSERT(value.error().is(keel::kBadText) && !value.error().detail().empty());
  }
  return 0;
}
