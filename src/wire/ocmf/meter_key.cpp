#include "wire/ocmf/meter_key.hpp"

#include <algorithm>
#include <array>

#include "base/errors.hpp"
#include "base/text/base64.hpp"

namespace keel::ocmf {
namespace {

// What stands before the coordinates: SEQUENCE { SEQUENCE { ecPublicKey, curve }, BIT STRING of an
// uncompressed point }.
struct KeyBegin {
  std::string_view digits;
  std::size_t bytes;  // of both coordinates
};
constexpr std::array<KeyBegin, 7> kBegins{
    {{"3046301006072a8648ce3d020106052b8104001f03320004", 48},            // secp192k1
     {"3056301006072a8648ce3d020106052b8104000a03420004", 64},            // secp256k1
     {"3049301306072a8648ce3d020106082a8648ce3d03010103320004", 48},      // secp192r1
     {"3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64},      // secp256r1
     {"3076301006072a8648ce3d020106052b8104002203620004", 96},            // secp384r1
     {"305a301406072a8648ce3d020106092b240303020801010703420004", 64},    // brainpool256r1
     {"307a301406072a8648ce3d020106092b240303020801010b03620004", 96}}};  // brainpool384r1

constexpr std::string_view kHexBegin = "oca:base16:asn1:";
constexpr std::string_view kBase64Begin = "oca:base64:asn1:";

bool is_key(ByteView der) {
  return std::ranges::any_of(kBegins, [&](const KeyBegin& each) {
    const Bytes begin = from_hex(each.digits).value();
    return der.size() == begin.size() + each.bytes &&
           std::ranges::equal(der.first(begin.size()), begin);
  });
}

}  // namespace

Result<Bytes> read_meter_key(std::string_view text) {
  for (const std::string_view begin : {kHexBegin, kBase64Begin})
    if (text.starts_with(begin)) text.remove_prefix(begin.size());
  auto der = from_hex(text);
  if (!der.ok()) der = from_base64(text);
  if (!der.ok()) return Error(kBadText, "a meter's key: neither hexadecimal digits nor base64");
  // A text in base64 that is a text again: what the Open Charge Alliance's note asks for.
  const std::string_view inner = as_text(*der);
  if (inner.starts_with(kHexBegin) || inner.starts_with(kBase64Begin)) {
    const std::string copy(inner);
    return read_meter_key(copy);
  }
  if (!is_key(*der)) {
    return Error(kBadText,
                 "a meter's key: expected a SubjectPublicKeyInfo in DER with an uncompressed point "
                 "on a named curve of OCMF");
  }
  return der;
}

}  // namespace keel::ocmf
