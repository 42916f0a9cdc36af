// What a central system asks by "Improved security for OCPP 1.6-J" (edition 2, section 4): keys and
// certificates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/control_enums.hpp"
#include "wire/ocpp/v16/security_enums.hpp"

namespace keel::ocpp::v16 {

struct CertificateHashData {
  HashAlgorithm hash_algorithm{};
  std::string issuer_name_hash;
  std::string issuer_key_hash;
  std::string serial_number;
  static constexpr auto description() {
    return describe<CertificateHashData>(
        "ocpp16.CertificateHashData",
        field<1>("hashAlgorithm", &CertificateHashData::hash_algorithm, required()),
        field<2>("issuerNameHash", &CertificateHashData::issuer_name_hash, required(),
                 max_length(128)),
        field<3>("issuerKeyHash", &CertificateHashData::issuer_key_hash, required(),
                 max_length(128)),
        field<4>("serialNumber", &CertificateHashData::serial_number, required(), max_length(40)));
  }
};

struct CertificateSigned {
  static constexpr std::string_view kAction = "CertificateSigned";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.CertificateSignedResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::string certificate_chain;
  static constexpr auto description() {
    return describe<CertificateSigned>(
        "ocpp16.CertificateSigned",
        field<1>("certificateChain", &CertificateSigned::certificate_chain, required(),
                 max_length(10000)));
  }
};

struct DeleteCertificate {
  static constexpr std::string_view kAction = "DeleteCertificate";
  struct Response {
    DeleteCertificateStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.DeleteCertificateResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  CertificateHashData certificate_hash_data;
  static constexpr auto description() {
    return describe<DeleteCertificate>(
        "ocpp16.DeleteCertificate",
        field<1>("certificateHashData", &DeleteCertificate::certificate_hash_data, required()));
  }
};

struct GetInstalledCertificateIds {
  static constexpr std::string_view kAction = "GetInstalledCertificateIds";
  struct Response {
    std::vector<CertificateHashData> certificate_hash_data;
    InstalledCertificateStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.GetInstalledCertificateIdsResponse",
                                field<1>("certificateHashData", &Response::certificate_hash_data),
                                field<2>("status", &Response::status, required()));
    }
  };
  CertificateUse certificate_type{};
  static constexpr auto description() {
    return describe<GetInstalledCertificateIds>(
        "ocpp16.GetInstalledCertificateIds",
        field<1>("certificateType", &GetInstalledCertificateIds::certificate_type, required()));
  }
};

struct InstallCertificate {
  static constexpr std::string_view kAction = "InstallCertificate";
  struct Response {
    InstallCertificateStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.InstallCertificateResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  CertificateUse certificate_type{};
  std::string certificate;
  static constexpr auto description() {
    return describe<InstallCertificate>(
        "ocpp16.InstallCertificate",
        field<1>("certificateType", &InstallCertificate::certificate_type, required()),
        field<2>("certificate", &InstallCertificate::certificate, required(), max_length(5500)));
  }
};

}  // namespace keel::ocpp::v16
