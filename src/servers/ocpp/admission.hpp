// Who may come in as which station: the path names it, and OCPP's security profiles say how it
// proves that ("Improved security for OCPP 1.6-J", section 2):
//
//   0  nothing               the path alone; only where it was configured
//   1  basic authentication  user name = the station, password = its secret
//   2  the same over TLS
//   3  TLS with a certificate of the station, whose common name is the station
//
// A connection's profile is the best that it proves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "modules/charging/queries.hpp"
#include "runtime/security.hpp"

namespace keel::servers {

inline constexpr std::uint8_t kMostSecure = 3;

// The station that a path below `base` ("/ocpp/") names, percent-decoded: 1 to 48 printable ASCII
// characters. Nothing: no such path.
std::optional<std::string> station_of(std::string_view path, std::string_view base);

struct BasicCredentials {
  std::string user;
  std::string password;
};
// RFC 7617. Nothing: no such header, or not well-formed.
std::optional<BasicCredentials> basic_credentials(std::string_view authorization);

// The profile by which this connection proves to be the station; nothing: what it shows is wrong.
std::optional<std::uint8_t> proved_profile(std::string_view station,
                                           const charging::StationCredentials::Answer& known,
                                           const std::optional<BasicCredentials>& shown,
                                           const runtime::Security* security);

}  // namespace keel::servers
