// The certificates of a node, as files of one directory:
//
//   NAME.pem        a certificate with its chain, its own first; the names in it decide who is
//   shown it NAME.key        its private key, without a password default.pem     is shown to who
//   asks for no name, or for one that nobody has; without it the
//                   first in the order of names is
//   client_ca.pem   whose client certificates are believed
//
// Thread: a core's tasks. Bounds: 64 certificates, 1 MiB a file.
#pragma once

#include <string>

#include "base/hash/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/ports.hpp"
#include "runtime/tls/context.hpp"

namespace keel::node {

struct CertificateFiles {
  runtime::TlsServerSettings settings;
  Digest digest;           // over every byte: tells whether anything has changed
  Timestamp earliest_end;  // when the first of them expires; Unix time
};

// kBadCertificate names the file.
runtime::Task<Result<CertificateFiles>> read_certificate_files(runtime::Disk& disk,
                                                               std::string_view directory,
                                                               runtime::ClientCertificates clients);

// Whether there is any certificate in the directory, which may not be there.
runtime::Task<bool> has_certificate_files(runtime::Disk& disk, std::string_view directory);

// Makes default.pem and default.key for the names (as in runtime/tls/certificate.hpp), readable by
// their owner only.
runtime::Task<Result<>> make_certificate_files(runtime::Disk& disk, std::string_view directory,
                                               std::span<const std::string> names, Timestamp now);

}  // namespace keel::node
