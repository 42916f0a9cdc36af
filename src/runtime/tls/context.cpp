#include "runtime/tls/context.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "runtime/tls/errors.hpp"
#include "runtime/tls/openssl.hpp"

namespace keel::runtime {

using openssl::BioPtr;
using openssl::failure;
using openssl::KeyPtr;
using openssl::X509Ptr;

namespace {

constexpr const char* kSuites12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr long kMostCertificateBytes = 16 * 1'024;  // a peer's chain
constexpr std::size_t kMostPemBytes = 1'024 * 1'024;

Result<> use_certificate(SSL_CTX* context, const TlsCertificate& certificate) {
  if (certificate.chain_pem.size() > kMostPemBytes || certificate.key_pem.size() > kMostPemBytes)
    return Error(kBadCertificate, "larger than 1 MiB");
  const BioPtr chain = openssl::reader_of(certificate.chain_pem);
  const X509Ptr own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  if (own == nullptr) return failure(kBadCertificate, "no certificate in PEM");
  if (SSL_CTX_use_certificate(context, own.get()) != 1)
    return failure(kBadCertificate, "the certificate cannot be used");
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr))
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return failure(kBadCertificate, "its chain cannot be used");
    }
  ERR_clear_error();  // the end of the text
  const BioPtr reader = openssl::reader_of(certificate.key_pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(
      reader.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  if (key == nullptr) return failure(kBadCertificate, "no private key without a password in PEM");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return failure(kBadCertificate, "the key does not belong to the certificate");
  return success();
}

// Believes the authorities of a PEM text; `ask` also names them to clients.
Result<> trust(SSL_CTX* context, const std::string& pem, bool ask) {
  const BioPtr reader = openssl::reader_of(pem);
  std::size_t count = 0;
  for (; X509* read = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr); ++count) {
    const X509Ptr authority(read);
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        (ask && SSL_CTX_add_client_CA(context, authority.get()) != 1))
      return failure(kBadCertificate, "an authority cannot be used");
  }
  ERR_clear_error();
  if (count == 0) return Error(kBadCertificate, "no authority's certificate in PEM");
  return success();
}

Result<std::string> alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255)
      return Error(kBadCertificate, "a protocol's name has 1 to 255 bytes");
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

}  // namespace

// What OpenSSL asks during a handshake.
struct TlsCallbacks {
  static const TlsContext& of(SSL* ssl) {
    return *static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }

  // RFC 6066, section 3.
  static int choose_certificate(SSL* ssl, int*, void*) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    for (const TlsContext::ContextPtr& each : of(ssl).contexts_)
      if (X509_check_host(SSL_CTX_get0_certificate(each.get()), name, 0,
                          X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1) {
        SSL_set_SSL_CTX(ssl, each.get());
        return SSL_TLSEXT_ERR_OK;
      }
    return SSL_TLSEXT_ERR_NOACK;
  }

  // RFC 7301, section 3.2: nothing in common ends the handshake.
  static int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* size,
                             const unsigned char* offered, unsigned offered_size, void*) {
    const std::string& ours = of(ssl).protocols_;
    unsigned char* selected = nullptr;
    // unsafe: the list is bytes; OpenSSL only reads it
    const auto* list = reinterpret_cast<const unsigned char*>(ours.data());
    const int found = SSL_select_next_proto(
        &selected, size, list, static_cast<unsigned>(ours.size()), offered, offered_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
  }

  // 1: sealed or opened; 2: opened, and a new ticket is wanted; 0: no such key; -1: failed.
  static int seal_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                         EVP_MAC_CTX* mac, int sealing) {
    const TicketKeys& keys = *of(ssl).ticket_keys_;
    const std::span<unsigned char, 16> key_name(name, 16);
    const TicketKeys::Key* key = sealing == 1 ? &keys.newest() : keys.find(key_name);
    if (key == nullptr) return 0;
    if (sealing == 1) {
      std::ranges::copy(key->name, key_name.begin());
      if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    }
    std::array<char, 7> digest{"SHA256"};
    std::array<unsigned char, 32> mac_key = key->mac_key;
    const std::array parameters{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const bool ready = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher_key.data(),
                                         iv, sealing) == 1 &&
                       EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
    OPENSSL_cleanse(mac_key.data(), mac_key.size());
    if (!ready) return -1;
    return sealing == 1 || key == &keys.newest() ? 1 : 2;
  }
};

void TlsContext::Freed::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

TlsContext::~TlsContext() = default;

Result<TlsContext::ContextPtr> TlsContext::make(const TlsCertificate* certificate) {
  ContextPtr made(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = made.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, kSuites12) != 1 ||
      SSL_CTX_set_ciphersuites(context, kSuites13) != 1 ||
      SSL_CTX_set1_groups_list(context, kGroups) != 1)
    return failure(kBadCertificate, "OpenSSL refuses the rules");
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(context, kMostCertificateBytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (certificate != nullptr) KEEL_TRY(use_certificate(context, *certificate));
  return made;
}

Result<TlsContext::Pointer> TlsContext::server(const TlsServerSettings& settings,
                                               const TicketKeys& keys) {
  if (settings.certificates.empty()) return Error(kBadCertificate, "there is no certificate");
  // Shared: see Pointer.
  const std::shared_ptr<TlsContext> made(new TlsContext);
  made->ticket_keys_ = &keys;
  made->protocols_ = KEEL_TRY(alpn_list(settings.protocols));
  // A session that began under other rules about clients is not resumed under these.
  const Digest rules = sha256(as_bytes(
      settings.client_ca_pem + std::to_string(static_cast<int>(settings.client_certificates))));
  for (const TlsCertificate& certificate : settings.certificates) {
    made->contexts_.push_back(KEEL_TRY(make(&certificate)));
    SSL_CTX* context = made->contexts_.back().get();
    SSL_CTX_set_app_data(context, made.get());
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_timeout(context, keys.interval().ns / 1'000'000'000);
    SSL_CTX_set_tlsext_servername_callback(context, TlsCallbacks::choose_certificate);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, TlsCallbacks::seal_ticket);
    if (!settings.protocols.empty())
      SSL_CTX_set_alpn_select_cb(context, TlsCallbacks::choose_protocol, nullptr);
    // unsafe: OpenSSL copies the bytes
    const auto* id = reinterpret_cast<const unsigned char*>(rules.data());
    if (SSL_CTX_set_session_id_context(context, id, 32) != 1)
      return failure(kBadCertificate, "OpenSSL refuses the rules");
    if (settings.client_certificates == ClientCertificates::none) continue;
    KEEL_TRY(trust(context, settings.client_ca_pem, true));
    const bool required = settings.client_certificates == ClientCertificates::required;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
  }
  return Pointer(made);
}

Result<TlsContext::Pointer> TlsContext::client(const TlsClientSettings& settings) {
  // Shared: see Pointer.
  const std::shared_ptr<TlsContext> made(new TlsContext);
  made->contexts_.push_back(
      KEEL_TRY(make(settings.certificate ? &*settings.certificate : nullptr)));
  SSL_CTX* context = made->contexts_.back().get();
  made->protocols_ = KEEL_TRY(alpn_list(settings.protocols));
  SSL_CTX_set_app_data(context, made.get());
  KEEL_TRY(trust(context, settings.ca_pem, false));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return Pointer(made);
}

}  // namespace keel::runtime
