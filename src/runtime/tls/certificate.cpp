#include "runtime/tls/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <ctime>

#include "base/bytes.hpp"
#include "runtime/tls/errors.hpp"
#include "runtime/tls/identity.hpp"
#include "runtime/tls/openssl.hpp"

namespace keel::runtime {
namespace {

using openssl::BioPtr;
using openssl::failure;
using openssl::KeyPtr;
using openssl::X509Ptr;

constexpr long kValidSeconds = 397L * 86'400;
constexpr long kHourBefore = -3'600;  // clocks that are a little behind

Result<Timestamp> unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return failure(kBadCertificate, "a time cannot be read");
  return Timestamp{timegm(&parts) * 1'000'000'000};
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// As OpenSSL's configuration files write it: "DNS:localhost,IP:127.0.0.1".
std::string alternative_names(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ",";
    text += name.starts_with("ip:") ? "IP:" + name.substr(3) : "DNS:" + name.substr(4);
  }
  return text;
}

bool fill(X509* certificate, EVP_PKEY* key, std::span<const std::string> names, Timestamp now) {
  std::array<unsigned char, 16> serial{};
  if (RAND_bytes(serial.data(), serial.size()) != 1) return false;
  serial[0] &= 0x7F;  // a positive number
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  const bool numbered = number != nullptr &&
                        BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  time_t at = now.ns / 1'000'000'000;
  X509_NAME* subject = X509_get_subject_name(certificate);
  constexpr std::string_view kName = "Keel development";
  return numbered && X509_set_version(certificate, X509_VERSION_3) == 1 &&
         X509_time_adj_ex(X509_getm_notBefore(certificate), 0, kHourBefore, &at) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), 0, kValidSeconds, &at) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    // unsafe: OpenSSL only reads the text
                                    reinterpret_cast<const unsigned char*>(kName.data()),
                                    static_cast<int>(kName.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         // Two of them have one subject: the key tells them apart.
         add_extension(certificate, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, NID_authority_key_identifier, "keyid:always") &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         add_extension(certificate, NID_subject_alt_name, alternative_names(names)) &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<CertificateFacts> read_certificate(std::string_view pem) {
  const BioPtr reader = openssl::reader_of(pem);
  const X509Ptr certificate(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return failure(kBadCertificate, "no certificate in PEM");
  CertificateFacts facts;
  const BioPtr subject(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(subject.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
  facts.subject = text_of(subject.get());
  PeerIdentity identity = identity_of(certificate.get());
  facts.names = std::move(identity.names);
  facts.fingerprint = std::move(identity.fingerprint);
  facts.not_before = KEEL_TRY(unix_time(X509_get0_notBefore(certificate.get())));
  facts.not_after = KEEL_TRY(unix_time(X509_get0_notAfter(certificate.get())));
  return facts;
}

Result<TlsCertificate> make_development_certificate(std::span<const std::string> names,
                                                    Timestamp now) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  if (key == nullptr || certificate == nullptr || !fill(certificate.get(), key.get(), names, now))
    return failure(kBadCertificate, "a certificate cannot be made");
  const BioPtr chain_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(chain_pem.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1)
    return failure(kBadCertificate, "a certificate cannot be written");
  return TlsCertificate{.chain_pem = text_of(chain_pem.get()), .key_pem = text_of(key_pem.get())};
}

}  // namespace keel::runtime
