#include "runtime/tls/session.hpp"

#include <arpa/inet.h>

#include "runtime/tls/errors.hpp"
#include "runtime/tls/identity.hpp"
#include "runtime/tls/openssl.hpp"

namespace keel::runtime {

using openssl::failure;

// The pipe as OpenSSL's abstract input and output.
struct TlsPipe {
  using Pipe = TlsSession::Pipe;

  static Pipe& of(BIO* bio) { return *static_cast<Pipe*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, std::size_t size, std::size_t* taken) {
    Pipe& pipe = of(bio);
    BIO_clear_retry_flags(bio);
    *taken = std::min(size, pipe.input.size());
    if (*taken == 0) {
      if (!pipe.ended) BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(to, pipe.input.data(), *taken);
    pipe.input = pipe.input.subspan(*taken);
    return 1;
  }

  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
    append(of(bio).output, as_bytes(std::string_view(from, size)));
    *written = size;
    return 1;
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return of(bio).ended && of(bio).input.empty() ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    struct Freed {
      void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
    };
    static const std::unique_ptr<BIO_METHOD, Freed> kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "keel pipe");
      KEEL_ASSERT(made != nullptr);
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_ctrl(made, control);
      return std::unique_ptr<BIO_METHOD, Freed>(made);
    }();
    return kMethod.get();
  }
};

void TlsSession::Freed::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}

TlsSession::TlsSession(TlsContext::Pointer context)
    : context_(std::move(context)), pipe_(std::make_unique<Pipe>()) {
  open(SSL_new(context_->contexts_.front().get()));
  SSL_set_accept_state(ssl_.get());
}

TlsSession::TlsSession(TlsContext::Pointer context, std::string_view host)
    : context_(std::move(context)), pipe_(std::make_unique<Pipe>()) {
  open(SSL_new(context_->contexts_.front().get()));
  SSL* ssl = ssl_.get();
  const std::string name(host);
  std::array<std::byte, sizeof(in6_addr)> address{};
  bool known = false;
  if (::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
      ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    known = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    known =
        SSL_set1_host(ssl, name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
  }
  KEEL_ASSERT(known && !name.empty());  // without it any server would do
  const std::string& protocols = context_->protocols_;
  // unsafe: OpenSSL copies the bytes
  const auto* list = reinterpret_cast<const unsigned char*>(protocols.data());
  if (!protocols.empty())
    KEEL_ASSERT(SSL_set_alpn_protos(ssl, list, static_cast<unsigned>(protocols.size())) == 0);
  SSL_set_connect_state(ssl);
}

TlsSession::~TlsSession() = default;

void TlsSession::open(ssl_st* ssl) {
  ssl_.reset(ssl);
  BIO* bio = BIO_new(TlsPipe::method());
  KEEL_ASSERT(ssl != nullptr && bio != nullptr);
  BIO_set_data(bio, pipe_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
}

void TlsSession::feed(ByteView bytes) noexcept {
  KEEL_ASSERT(pipe_->input.empty());
  pipe_->input = bytes;
}

std::size_t TlsSession::unread_bytes() const noexcept {
  return pipe_->input.size() + static_cast<std::size_t>(SSL_pending(ssl_.get()));
}

Result<bool> TlsSession::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) return true;
  const int why = SSL_get_error(ssl_.get(), done);
  if (why == SSL_ERROR_WANT_READ) return false;
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return Error(kHandshakeFailed,
                 std::string("the peer's certificate: ") + X509_verify_cert_error_string(verified));
  }
  if (pipe_->ended) return Error(kHandshakeFailed, "the peer has gone");
  return failure(kHandshakeFailed, "handshake");
}

Result<std::size_t> TlsSession::read(ByteSpan into) {
  if (closed_ || into.empty()) return std::size_t{0};
  std::size_t size = 0;
  ERR_clear_error();
  const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
  if (done == 1) return size;
  const int why = SSL_get_error(ssl_.get(), done);
  if (why == SSL_ERROR_WANT_READ) return std::size_t{0};
  if (why == SSL_ERROR_ZERO_RETURN) {
    closed_ = true;
    return std::size_t{0};
  }
  if (pipe_->ended && pipe_->input.empty()) return kStreamTruncated;
  return failure(kStreamBroken, "read");
}

Result<> TlsSession::write(ByteView plain) {
  if (plain.empty()) return success();
  std::size_t size = 0;
  ERR_clear_error();
  // The output takes everything, so all of it is written at once or the session is broken.
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size) != 1)
    return failure(kStreamBroken, "write");
  KEEL_ASSERT(size == plain.size());
  return success();
}

void TlsSession::close() {
  if (SSL_is_init_finished(ssl_.get()) != 1) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Security TlsSession::describe() const {
  const SSL* ssl = ssl_.get();
  Security security{.established = true, .resumed = SSL_session_reused(ssl) == 1};
  security.version = SSL_get_version(ssl);
  security.cipher = SSL_get_cipher_name(ssl);
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  security.protocol = as_text(std::as_bytes(std::span(protocol, size)));
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
    security.server_name = name;
  if (X509* shown = SSL_get0_peer_certificate(ssl))
    security.peer = std::make_unique<PeerIdentity>(identity_of(shown));
  return security;
}

}  // namespace keel::runtime
