#include "node/receipts/signed_values.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/utf8.hpp"
#include "node/ocmf/verify.hpp"

namespace keel::node {

using charging::SignedVerdict;

namespace {

bool holds(std::string_view record, ByteView key) {
  if (key.empty()) return false;
  const auto value = ocmf::parse(record);
  return value.ok() && verify(*value, key).ok();
}

}  // namespace

std::optional<std::string> wrong_signed_value(const charging::SessionClosed& bill) {
  if (!bill.signed_values) return std::nullopt;
  const std::vector<charging::SignedValue>& records = bill.signed_values->records;
  if (records.size() > charging::kMaxBilledRecords)
    return fmt::format("{} signed values", records.size());
  for (const charging::SignedValue& each : records) {
    const bool may_stand =
        each.verdict == SignedVerdict::verified || each.verdict == SignedVerdict::unregistered;
    if (!may_stand) return "a signed value stands on the bill that was refused";
    if (!holds(each.record, each.meter_key))
      return "the signature of a signed value does not hold by the key beside it";
  }
  return std::nullopt;
}

void SignedAudit::on(TenantId tenant, const charging::MeterKeyRegistered& event) {
  keys_.insert_or_assign(Meter(tenant, event.station, event.connector), event.key);
}

void SignedAudit::on(TenantId tenant, const charging::SessionStarted& event) {
  const std::string& station = *stations_.insert(event.station).first;
  sessions_.insert_or_assign({tenant, event.session},
                             Place{.station = &station, .connector = event.connector});
}

// The connector's own, else that of the whole station.
ByteView SignedAudit::registered(TenantId tenant, charging::SessionNumber session) const {
  const auto at = sessions_.find({tenant, session});
  if (at == sessions_.end()) return {};
  for (const charging::ConnectorNumber connector :
       {at->second.connector, charging::ConnectorNumber()}) {
    const auto key = keys_.find(Meter(tenant, *at->second.station, connector));
    if (key != keys_.end() && !key->second.empty()) return key->second;
  }
  return {};
}

bool SignedAudit::is_so(SignedVerdict verdict, const charging::Reading& reading,
                        ByteView registered) const {
  const std::string_view record = as_text(reading.signed_value);
  const bool same = std::ranges::equal(reading.meter_key, registered);
  switch (verdict) {
    case SignedVerdict::none:
      return record.empty();
    case SignedVerdict::verified:
      return holds(record, reading.meter_key) && (same || !from_beginning_);
    case SignedVerdict::unregistered:
      return holds(record, reading.meter_key) && registered.empty();
    case SignedVerdict::other_key:
      return holds(record, reading.meter_key) && !same;
    case SignedVerdict::forged:
      return !holds(record, reading.meter_key) && !holds(record, registered);
    case SignedVerdict::malformed:
      return !ocmf::parse(record).ok() || record.contains('\0') || !is_utf8(record);
    case SignedVerdict::no_key:
      return true;  // nothing is claimed
  }
  return false;
}

std::optional<std::string> SignedAudit::on(TenantId tenant,
                                           const charging::ReadingsRecorded& event) {
  // Nothing was signed, or the record is from before there were verdicts.
  if (event.verdicts.empty()) return std::nullopt;
  if (event.verdicts.size() != event.readings.size())
    return "it does not say of every reading what its signature is worth";
  const ByteView key = registered(tenant, event.session);
  for (std::size_t i = 0; i < event.readings.size(); ++i) {
    const SignedVerdict verdict{event.verdicts[i]};
    if (is_so(verdict, event.readings[i], key)) continue;
    return fmt::format("signed value {} of session {} is not what it is said to be (verdict {})", i,
                       event.session.value(), event.verdicts[i]);
  }
  return std::nullopt;
}

}  // namespace keel::node
