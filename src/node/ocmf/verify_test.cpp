// One record of a real meter, as the Transparenzsoftware's examples have it (KEBA KCP30), and
// records signed here with fresh keys on every curve.
#include "node/ocmf/verify.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "node/ocmf/errors.hpp"
#include "node/ocmf/testing/meter_record.hpp"

namespace keel::node {
namespace {

bool forged(const std::string& record, std::string_view key) {
  const auto value = ocmf::parse(record);
  if (!value.ok()) {
    ADD_FAILURE() << value.error().to_string();
    return false;
  }
  const auto verified = verify(*value, key);
  return !verified.ok() && verified.error().is(kForgedReading);
}

TEST(VerifyReading, takes_the_record_of_a_real_meter) {
  const auto value = ocmf::parse(kMeterRecord);
  ASSERT_TRUE(value.ok()) << value.error().to_string();
  const auto verified = verify(*value, kMeterKey);
  EXPECT_TRUE(verified.ok()) << verified.error().to_string();
}

TEST(VerifyReading, refuses_it_with_any_character_changed) {
  const std::size_t begin = kMeterRecord.find('{') + 1;
  const std::size_t end = kMeterRecord.rfind('|') - 1;
  for (std::size_t at = begin; at < end; ++at) {
    std::string record(kMeterRecord);
    record[at] = static_cast<char>(record[at] ^ 1);
    EXPECT_TRUE(forged(record, kMeterKey)) << at;
  }
}

TEST(VerifyReading, refuses_it_with_another_signature) {
  std::string record(kMeterRecord);
  record[record.rfind('9')] = '8';
  EXPECT_TRUE(forged(record, kMeterKey));
}

TEST(VerifyReading, says_that_a_key_is_none) {
  const auto value = ocmf::parse(kMeterRecord).value();
  const std::string short_key(kMeterKey.substr(0, kMeterKey.size() - 2));
  for (const std::string& key : {std::string(), std::string("hunter2"), std::string("00"),
                                 short_key, std::string(kMeterKey) + "00"}) {
    EXPECT_TRUE(verify(value, key).error().is(kBadMeterKey)) << key;
  }
}

// A key made here, and what it signs.
class Meter {
 public:
  explicit Meter(const char* curve) : key_(::EVP_EC_gen(curve)) { KEEL_ASSERT(key_ != nullptr); }
  ~Meter() { ::EVP_PKEY_free(key_); }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  std::string public_key() const {
    unsigned char* der = nullptr;
    const int size = ::i2d_PUBKEY(key_, &der);
    KEEL_ASSERT(size > 0);
    const std::string text = to_hex(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    ::OPENSSL_free(der);
    return text;
  }
  std::string record(std::string_view payload, std::string_view curve) const {
    EVP_MD_CTX* context = ::EVP_MD_CTX_new();
    Bytes signature(160);
    std::size_t size = signature.size();
    const auto* bytes = static_cast<const unsigned char*>(static_cast<const void*>(payload.data()));
    auto* into = static_cast<unsigned char*>(static_cast<void*>(signature.data()));
    KEEL_ASSERT(::EVP_DigestSignInit(context, nullptr, ::EVP_sha256(), nullptr, key_) == 1);
    KEEL_ASSERT(::EVP_DigestSign(context, into, &size, bytes, payload.size()) == 1);
    ::EVP_MD_CTX_free(context);
    signature.resize(size);
    return "OCMF|" + std::string(payload) + R"(|{"SA":"ECDSA-)" + std::string(curve) +
           R"(-SHA256","SD":")" + to_hex(signature) + "\"}";
  }

 private:
  EVP_PKEY* key_;
};

TEST(VerifyReading, knows_every_curve_and_keeps_them_apart) {
  struct Named {
    const char* ocmf;
    const char* openssl;
  };
  for (const Named curve :
       {Named{"secp192k1", "secp192k1"}, Named{"secp256k1", "secp256k1"},
        Named{"secp192r1", "prime192v1"}, Named{"secp256r1", "prime256v1"},
        Named{"secp384r1", "secp384r1"}, Named{"brainpool256r1", "brainpoolP256r1"},
        Named{"brainpool384r1", "brainpoolP384r1"}}) {
    const Meter meter(curve.openssl);
    const Meter other(curve.openssl);
    for (int i = 0; i < 20; ++i) {
      const std::string record =
          meter.record(R"({"FV":"1.0","PG":"T)" + std::to_string(i) + "\"}", curve.ocmf);
      const auto verified = verify(ocmf::parse(record).value(), meter.public_key());
      EXPECT_TRUE(verified.ok()) << curve.ocmf << " " << verified.error().to_string();
      EXPECT_TRUE(forged(record, other.public_key())) << curve.ocmf;
    }
    EXPECT_TRUE(forged(meter.record("{}", curve.ocmf), kMeterKey)) << curve.ocmf;
  }
}

}  // namespace
}  // namespace keel::node
