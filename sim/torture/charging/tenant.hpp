// What charging holds of one tenant, as the oracle knows it: maps, and sessions that are kept for
// ever.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/torture/charging/meter_by_hand.hpp"

namespace keel::torture {

struct KnownToken {
  charging::DriverId driver;
  bool blocked = false;
  Timestamp expires_at;
  std::string group;
};

struct KnownDriver {
  uint128 account = 0;
  bool blocked = false;
  bool forgotten = false;
  std::uint16_t max_sessions = 1;
  std::uint32_t tokens = 0;
  std::uint32_t open = 0;
};

struct KnownStation {
  charging::StationRegistered last;
  std::uint16_t connectors = 0;  // the most that it ever had
  Timestamp seen;
};

struct KnownSession {
  charging::SessionStarted start;
  std::string token;  // in lower case
  MeterByHand meter;
  charging::SessionState state{};
  charging::SessionFlags flags;
  std::uint16_t refused_signatures = 0;  // the only signed values that the workload sends
  bool correctable = false;              // nobody has told its end
  charging::SessionStopped stop;
  charging::SessionClosed bill;  // the one in force; version 0: none
  Timestamp retry_at;            // of a bill that was put off
  Timestamp correctable_until;
};

// None: nothing was signed.
inline std::optional<charging::SignedValues> signed_by_hand(const KnownSession& known) {
  if (known.refused_signatures == 0) return std::nullopt;
  return charging::SignedValues{.refused = known.refused_signatures};
}

struct KnownStop {
  charging::StopKept stop;
  std::string token;  // in lower case; empty: not said
};

struct KnownCall {
  charging::CallRequested call;
  charging::CallResult result{};
  Timestamp ended_at;
};

struct ChargingTenant {
  bool configured = false;
  charging::Settings settings;
  Digest token_key{};
  std::map<std::uint32_t, std::vector<charging::TariffTerms>> tariffs;
  std::map<std::string, KnownStation> stations;
  std::map<std::pair<std::string, std::uint16_t>, Bytes> meter_keys;  // by station and connector
  std::map<uint128, KnownDriver> drivers;
  std::map<std::string, KnownToken> tokens;  // by their text in lower case
  std::map<std::string, Digest> digests;     // of tokens that were seen
  std::map<std::uint32_t, KnownSession> sessions;
  std::map<std::pair<std::string, std::uint16_t>, std::uint32_t> at_connector;  // open there
  std::map<std::string, std::uint32_t> said;  // by all that a start or stop says
  std::map<Digest, KnownStop> kept;
  std::map<std::string, Digest> kept_said;  // by all that the stop says
  std::map<uint128, KnownCall> calls;
};

}  // namespace keel::torture
