// Whether a client's certificate has a name: "cn:", "dns:", "uri:", "email:", "ip:" or
// "fingerprint:" and what follows.
#pragma once

#include <algorithm>
#include <string_view>

#include "runtime/security.hpp"

namespace keel::node {

// False for an empty name, and where there is no certificate.
inline bool has_certificate_name(const runtime::Security* security, std::string_view wanted) {
  if (security == nullptr || security->peer == nullptr || wanted.empty()) return false;
  const runtime::PeerIdentity& peer = *security->peer;
  constexpr std::string_view kCommonName = "cn:";
  constexpr std::string_view kFingerprint = "fingerprint:";
  if (wanted.starts_with(kCommonName)) return wanted.substr(kCommonName.size()) == peer.common_name;
  if (wanted.starts_with(kFingerprint))
    return wanted.substr(kFingerprint.size()) == peer.fingerprint;
  return std::ranges::find(peer.names, wanted) != peer.names.end();
}

}  // namespace keel::node
