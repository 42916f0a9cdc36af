#include "wire/ocmf/signed_text.hpp"

#include "base/errors.hpp"
#include "base/json/json.hpp"
#include "base/text/base64.hpp"
#include "wire/ocmf/meter_key.hpp"

namespace keel::ocmf {
namespace {

struct SignedMeterValue {
  std::string signed_meter_data;
  std::string signing_method;
  std::string encoding_method;
  std::string public_key;
  static constexpr auto description() {
    return describe<SignedMeterValue>(
        "ocmf.SignedMeterValue",
        field<1>("signedMeterData", &SignedMeterValue::signed_meter_data, required()),
        field<2>("signingMethod", &SignedMeterValue::signing_method),
        field<3>("encodingMethod", &SignedMeterValue::encoding_method),
        field<4>("publicKey", &SignedMeterValue::public_key));
  }
};

Error bad(std::string why) {
  return Error(kBadText, "a signed value: " + std::move(why));
}

}  // namespace

Result<SignedText> unwrap(std::string_view text) {
  if (text.starts_with("OCMF|")) return SignedText{.record = std::string(text), .meter_key = {}};
  const auto wrapped = from_json<SignedMeterValue>(text);
  if (!wrapped.ok()) return bad("neither OCMF nor an object that holds it");
  if (!wrapped->encoding_method.empty() && wrapped->encoding_method != "OCMF")
    return bad("encodingMethod " + wrapped->encoding_method + " is not known; expected OCMF");
  const auto record = from_base64(wrapped->signed_meter_data);
  if (!record.ok()) return bad("signedMeterData is not in base64");
  SignedText found{.record = std::string(as_text(*record)), .meter_key = {}};
  if (!wrapped->public_key.empty()) found.meter_key = KEEL_TRY(read_meter_key(wrapped->public_key));
  return found;
}

}  // namespace keel::ocmf
