#include "node/ocmf/ocmf_signatures.hpp"

#include "node/ocmf/verify.hpp"

namespace keel::node {

using charging::SignatureCheck;

SignatureCheck OcmfSignatures::check(std::string_view record, ByteView key) const noexcept {
  const auto value = ocmf::parse(record);
  if (!value.ok()) return SignatureCheck::malformed;
  return verify(*value, key).ok() ? SignatureCheck::holds : SignatureCheck::fails;
}

}  // namespace keel::node
