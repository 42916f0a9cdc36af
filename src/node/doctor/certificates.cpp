#include "node/doctor/certificates.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "node/doctor/machine.hpp"
#include "runtime/tls/certificate.hpp"

namespace keel::node {
namespace {

CertificateReading read_one(const std::filesystem::path& path) {
  CertificateReading reading{.file = path.filename().string()};
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const auto facts = runtime::read_certificate(text.str());
  if (!facts.ok()) {
    reading.problem = facts.error().detail();
    return reading;
  }
  reading.not_before = facts->not_before;
  reading.not_after = facts->not_after;
  if (reading.file == "client_ca.pem") return reading;
  const PathReading key = read_path(std::filesystem::path(path).replace_extension(".key").string());
  if (!key.exists) reading.problem = "its key is missing";
  reading.key_mode = key.mode;
  return reading;
}

}  // namespace

std::vector<CertificateReading> read_certificates(const std::string& directory) {
  std::vector<CertificateReading> readings;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().extension() == ".pem") readings.push_back(read_one(entry.path()));
  std::ranges::sort(readings, {}, &CertificateReading::file);
  return readings;
}

}  // namespace keel::node
