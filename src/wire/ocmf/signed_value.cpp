#include "wire/ocmf/signed_value.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/errors.hpp"
#include "base/text/base64.hpp"

namespace keel::ocmf {
namespace {

constexpr std::string_view kHeader = "OCMF|";
constexpr std::string_view kAlgorithmBegin = "ECDSA-";
constexpr std::string_view kAlgorithmEnd = "-SHA256";

struct CurveName {
  Curve curve;
  std::string_view name;
  std::size_t bytes;  // of a coordinate
};
constexpr std::array<CurveName, 7> kCurves{{{Curve::secp192k1, "secp192k1", 24},
                                            {Curve::secp256k1, "secp256k1", 32},
                                            {Curve::secp192r1, "secp192r1", 24},
                                            {Curve::secp256r1, "secp256r1", 32},
                                            {Curve::secp384r1, "secp384r1", 48},
                                            {Curve::brainpool256r1, "brainpool256r1", 32},
                                            {Curve::brainpool384r1, "brainpool384r1", 48}}};

const CurveName& entry_of(Curve curve) {
  return *std::ranges::find(kCurves, curve, &CurveName::curve);
}

Error bad(std::string why) {
  return Error(kBadText, "OCMF: " + std::move(why));
}

// The members of the signature section: a flat object of texts without escapes.
class FlatObject {
 public:
  explicit FlatObject(std::string_view text) : rest_(text) {}

  // Calls take(key, value) for each member; false: it is no such object.
  template <typename Take>
  bool for_each(Take take) {
    if (!next_is('{')) return false;
    if (next_is('}')) return at_end();
    do {
      const auto key = text();
      if (!key || !next_is(':')) return false;
      const auto value = text();
      if (!value || !take(*key, *value)) return false;
    } while (next_is(','));
    return next_is('}') && at_end();
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool next_is(char character) {
    skip_space();
    if (!rest_.starts_with(character)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }
  std::optional<std::string_view> text() {
    if (!next_is('"')) return std::nullopt;
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest_.substr(0, end);
    if (std::ranges::any_of(found, [](char c) { return c == '\\' || c < ' ' || c > '~'; }))
      return std::nullopt;
    rest_.remove_prefix(end + 1);
    return found;
  }

  std::string_view rest_;
};

// As they stand in the signature section; empty: not there.
struct Members {
  std::string_view algorithm, encoding, mime_type, data;
};

Result<Members> read_members(std::string_view section) {
  Members members;
  std::optional<std::string> unknown;  // also the empty key
  const bool whole =
      FlatObject(section).for_each([&](std::string_view key, std::string_view value) {
        std::string_view* const into = key == "SA"   ? &members.algorithm
                                       : key == "SE" ? &members.encoding
                                       : key == "SM" ? &members.mime_type
                                       : key == "SD" ? &members.data
                                                     : nullptr;
        if (into == nullptr || !into->empty() || value.empty()) {
          unknown = key;
          return false;
        }
        *into = value;
        return true;
      });
  if (unknown) return bad("signature: \"" + *unknown + "\" is unknown, empty, or there twice");
  if (!whole) return bad("signature: not a flat JSON object of texts");
  return members;
}

Result<Curve> read_curve(std::string_view algorithm) {
  if (algorithm.empty()) return Curve::secp256r1;
  std::string_view name = algorithm;
  if (name.starts_with(kAlgorithmBegin) && name.ends_with(kAlgorithmEnd) &&
      name.size() > kAlgorithmBegin.size() + kAlgorithmEnd.size()) {
    name.remove_prefix(kAlgorithmBegin.size());
    name.remove_suffix(kAlgorithmEnd.size());
    const auto* const found = std::ranges::find(kCurves, name, &CurveName::name);
    if (found != kCurves.end()) return found->curve;
  }
  return bad("SA: " + std::string(algorithm) + " is not known");
}

// A positive INTEGER of DER, in its shortest form, of at most so many bytes of magnitude.
bool take_integer(ByteView& der, std::size_t most_bytes) {
  if (der.size() < 3 || der[0] != std::byte{2}) return false;
  const auto size = std::to_integer<std::size_t>(der[1]);
  if (size == 0 || size > most_bytes + 1 || size > der.size() - 2) return false;
  const ByteView value = der.subspan(2, size);
  const bool high = (value[0] & std::byte{0x80}) != std::byte{0};
  const bool zero_first = value[0] == std::byte{0};
  if (high || (!zero_first && size > most_bytes)) return false;
  if (zero_first && (size == 1 || (value[1] & std::byte{0x80}) == std::byte{0})) return false;
  der = der.subspan(2 + size);
  return true;
}

bool is_signature(ByteView der, Curve curve) {
  const std::size_t bytes = entry_of(curve).bytes;
  // Two integers of 384 bits take 104 bytes: the length is always in its short form.
  if (der.size() < 8 || der[0] != std::byte{0x30} ||
      std::to_integer<std::size_t>(der[1]) != der.size() - 2) {
    return false;
  }
  ByteView rest = der.subspan(2);
  return take_integer(rest, bytes) && take_integer(rest, bytes) && rest.empty();
}

}  // namespace

std::string_view to_string(Curve curve) noexcept {
  return entry_of(curve).name;
}

Result<SignedValue> parse(std::string_view text) {
  if (text.size() > kMaxBytes) return bad("longer than 64 KiB");
  if (!text.starts_with(kHeader)) return bad("it does not begin with OCMF|");
  text.remove_prefix(kHeader.size());
  // A text of the payload may hold the separator, the signature section does not.
  const std::size_t separator = text.rfind('|');
  if (separator == std::string_view::npos) return bad("there is no signature section");
  SignedValue value{.payload = text.substr(0, separator)};
  if (!value.payload.starts_with('{') || !value.payload.ends_with('}'))
    return bad("the payload is no JSON object");
  const Members members = KEEL_TRY(read_members(text.substr(separator + 1)));
  value.curve = KEEL_TRY(read_curve(members.algorithm));
  if (!members.mime_type.empty() && members.mime_type != "application/x-der")
    return bad("SM: expected application/x-der");
  if (!members.encoding.empty() && members.encoding != "hex" && members.encoding != "base64")
    return bad("SE: expected hex or base64");
  auto data = members.encoding == "base64" ? from_base64(members.data) : from_hex(members.data);
  if (!data.ok()) return bad("SD: not in the encoding that SE names");
  if (!is_signature(*data, value.curve)) return bad("SD: this is no ECDSA signature in DER");
  value.signature = *std::move(data);
  return value;
}

}  // namespace keel::ocmf
