#include "servers/charging/signed_readings.hpp"

#include <algorithm>

#include "base/hash/sha256.hpp"
#include "runtime/offload.hpp"
#include "wire/ocmf/signed_register.hpp"
#include "wire/ocmf/signed_text.hpp"
#include "wire/ocmf/signed_value.hpp"

namespace keel::servers {

using charging::Reading;
using charging::SignatureCheck;

namespace {

bool is_signed(const Reading& reading) {
  return !reading.signed_value.empty();
}

// What is no record may name anybody.
bool may_name_somebody(const Reading& reading) {
  const auto parsed = ocmf::parse(as_text(reading.signed_value));
  return !parsed.ok() || ocmf::names_somebody(parsed->payload);
}

// Its digest stands in the record's place. That a signature holds cannot be claimed of it any more.
void withhold(Reading& reading) {
  const std::string digest = "sha256:" + to_hex(sha256(ByteView(reading.signed_value)));
  reading.signed_value.assign(as_bytes(digest).begin(), as_bytes(digest).end());
  if (reading.signature == SignatureCheck::holds) reading.signature = SignatureCheck::unchecked;
  reading.meter_key.clear();
}

// The record stands in the reading; false: it is none, and that is said.
bool take_record(Reading& reading) {
  const auto unwrapped = ocmf::unwrap(as_text(reading.signed_value));
  if (unwrapped.ok()) {
    reading.signed_value.assign(as_bytes(unwrapped->record).begin(),
                                as_bytes(unwrapped->record).end());
    reading.meter_key = unwrapped->meter_key;
  }
  const auto parsed = ocmf::parse(as_text(reading.signed_value));
  if (unwrapped.ok() && parsed.ok() && reading.signed_value.size() <= charging::kMaxSignedReading) {
    reading.signed_wh = ocmf::signed_register_wh(parsed->payload);
    return true;
  }
  const std::size_t kept = std::min(reading.signed_value.size(), charging::kMaxSignedReading);
  reading.signed_value.resize(kept);
  reading.signature = SignatureCheck::malformed;
  return false;
}

void find_out(const MeterSignatures* signatures, const std::vector<charging::MeterKeys::Key>& keys,
              Reading& reading) {
  reading.signature = SignatureCheck::unchecked;
  if (!take_record(reading) || signatures == nullptr) return;
  const std::string_view record = as_text(reading.signed_value);
  const auto look = [&](const Bytes& key) {
    reading.signature = signatures->check(record, key);
    if (reading.signature != SignatureCheck::holds) return false;
    if (&key != &reading.meter_key) reading.meter_key = key;
    return true;
  };
  for (const charging::MeterKeys::Key& each : keys)
    if (look(each.key)) return;
  if (!reading.meter_key.empty()) look(reading.meter_key);
}

}  // namespace

void check_signature(const SignedRecordOptions& options,
                     const std::vector<charging::MeterKeys::Key>& keys, Reading& reading) {
  find_out(options.signatures, keys, reading);
  if (options.named == NamedRecords::digest && may_name_somebody(reading)) withhold(reading);
}

runtime::Task<Result<>> check_signatures(runtime::Core& core, StationEvents& events,
                                         SignedRecordOptions options, std::string_view station,
                                         std::vector<Reading>& readings, runtime::Wait wait) {
  if (std::ranges::none_of(readings, is_signed)) co_return success();
  const charging::MeterKeys::Answer registered =
      KEEL_CO_TRY(co_await events.meter_keys(station, wait));
  KEEL_CO_TRY(co_await core.offload().run([&]() noexcept {
    for (Reading& each : readings)
      if (is_signed(each)) check_signature(options, registered.keys, each);
    return true;
  }));
  co_return success();
}

}  // namespace keel::servers
