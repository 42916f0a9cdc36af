// OcmfSignatures: OpenSSL's curves behind the port of the servers.
//
// Thread: any.
#pragma once

#include "servers/charging/meter_signatures.hpp"

namespace keel::node {

class OcmfSignatures final : public servers::MeterSignatures {
 public:
  charging::SignatureCheck check(std::string_view record, ByteView key) const noexcept override;
};

}  // namespace keel::node
