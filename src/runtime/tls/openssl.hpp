// Owners of OpenSSL's objects, and its errors as ours. Only this folder's sources include it.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "base/error.hpp"

namespace keel::runtime::openssl {

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

// The oldest error of this thread's queue, which is emptied: "no shared cipher".
inline std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

inline Error failure(const ErrorKind& kind, std::string_view doing) {
  return Error(kind, std::string(doing) + ": " + last_error());
}

// Reads from `text`, which outlives it.
inline BioPtr reader_of(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace keel::runtime::openssl
