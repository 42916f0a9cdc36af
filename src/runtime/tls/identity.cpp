#include "runtime/tls/identity.hpp"

#include <arpa/inet.h>

#include <array>

#include "base/bytes.hpp"

namespace keel::runtime {
namespace {

constexpr int kMostNames = 64;

std::string_view text_of(const ASN1_STRING* text) {
  return as_text(std::as_bytes(
      std::span(ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text)))));
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return {};
  ::inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
  return text.data();
}

std::string name_text(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      return "dns:" + std::string(text_of(name->d.dNSName));
    case GEN_URI:
      return "uri:" + std::string(text_of(name->d.uniformResourceIdentifier));
    case GEN_EMAIL:
      return "email:" + std::string(text_of(name->d.rfc822Name));
    case GEN_IPADD:
      return "ip:" + address_text(name->d.iPAddress);
    default:
      return {};
  }
}

}  // namespace

PeerIdentity identity_of(X509* certificate) {
  PeerIdentity identity;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0)
    identity.common_name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const openssl::NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = names == nullptr ? 0 : std::min(sk_GENERAL_NAME_num(names.get()), kMostNames);
  for (int i = 0; i < count; ++i) {
    std::string text = name_text(sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty()) identity.names.push_back(std::move(text));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1)
    identity.fingerprint = to_hex(std::as_bytes(std::span(digest).first(size)));
  return identity;
}

}  // namespace keel::runtime
