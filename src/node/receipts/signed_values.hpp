// Signed meter values, checked again by whoever has the record or the receipt alone.
//
// Thread: any. Memory of SignedAudit: a key of a meter each, a name of a station each, and about 70
// bytes a session.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "base/ids.hpp"
#include "modules/charging/events.hpp"

namespace keel::node {

// Whether what a bill shows as signed is: at most kMaxBilledRecords, each an OCMF record whose
// signature holds by the key beside it. Else what is wrong.
std::optional<std::string> wrong_signed_value(const charging::SessionClosed& bill);

// SignedAudit: whether what was said of each signed value of a journal is so: the signature is
// checked anew, and the key compared with the one that was registered then. It does not ask the
// module, nor whoever checked it first.
class SignedAudit {
 public:
  // As BillAudit: behind a cut, keys that were registered before are not known.
  explicit SignedAudit(bool from_beginning) : from_beginning_(from_beginning) {}

  void on(TenantId tenant, const charging::MeterKeyRegistered& event);
  void on(TenantId tenant, const charging::SessionStarted& event);
  // What is wrong; nothing: all is as it is said.
  std::optional<std::string> on(TenantId tenant, const charging::ReadingsRecorded& event);

 private:
  using Meter = std::tuple<TenantId, std::string, charging::ConnectorNumber>;
  struct Place {
    const std::string* station = nullptr;  // in stations_
    charging::ConnectorNumber connector;
  };

  ByteView registered(TenantId tenant, charging::SessionNumber session) const;
  bool is_so(charging::SignedVerdict verdict, const charging::Reading& reading,
             ByteView registered) const;

  bool from_beginning_;
  std::map<Meter, Bytes> keys_;
  std::set<std::string> stations_;
  std::map<std::pair<TenantId, charging::SessionNumber>, Place> sessions_;
};

}  // namespace keel::node
