// MeterSignatures: the port behind which the curves are (node/ocmf).
//
// Thread: any, the offload thread among them; it holds nothing that changes.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "modules/charging/types.hpp"

namespace keel::servers {

class MeterSignatures {
 public:
  virtual ~MeterSignatures() = default;
  // Of an OCMF record, by a key in DER: holds, fails, or malformed (the record is none).
  virtual charging::SignatureCheck check(std::string_view record, ByteView key) const noexcept = 0;
};

}  // namespace keel::servers
