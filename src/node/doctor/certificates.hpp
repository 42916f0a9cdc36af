// What the certificates of a directory say; readings without judgement.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"

namespace keel::node {

struct CertificateReading {
  std::string file;      // "default.pem"
  std::string problem;   // why it cannot be used; empty: nothing was found
  Timestamp not_before;  // Unix time
  Timestamp not_after;
  std::uint32_t key_mode = 0;  // permission bits of its key's file
};

// In the order of names; a directory that is not there has none.
std::vector<CertificateReading> read_certificates(const std::string& directory);

}  // namespace keel::node
