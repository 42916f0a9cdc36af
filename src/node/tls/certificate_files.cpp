#include "node/tls/certificate_files.hpp"

#include <algorithm>

#include "base/hash/sha256.hpp"
#include "runtime/tls/errors.hpp"

namespace keel::node {

using runtime::Disk;
using runtime::kBadCertificate;
using runtime::Task;
using runtime::TlsCertificate;

namespace {

constexpr std::size_t kMostCertificates = 64;
constexpr std::uint64_t kMostFileBytes = 1'024 * 1'024;
constexpr std::string_view kSuffix = ".pem";
constexpr std::string_view kDefault = "default";
constexpr std::string_view kClientAuthorities = "client_ca";

Error in_file(const std::string& path, const Error& why) {
  return Error(kBadCertificate, path + ": " + why.to_string());
}

Task<Result<std::string>> read_file(Disk& disk, const std::string& path) {
  const auto file = co_await disk.open(path, {});
  if (!file.ok()) co_return in_file(path, file.error());
  const std::uint64_t size = KEEL_CO_TRY(co_await (*file)->size());
  if (size > kMostFileBytes) co_return Error(kBadCertificate, path + ": larger than 1 MiB");
  Bytes bytes(size);
  bytes.resize(KEEL_CO_TRY(co_await (*file)->read(0, bytes)));
  co_return std::string(as_text(bytes));
}

Task<Result<>> write_file(Disk& disk, std::string path, std::string_view text) {
  const std::unique_ptr<runtime::File> file =
      KEEL_CO_TRY(co_await disk.open(path, {.write = true, .create = true}));
  KEEL_CO_TRY(co_await file->truncate(0));
  KEEL_CO_TRY(co_await file->write(0, as_bytes(text)));
  co_return co_await file->sync();
}

// The names of the pairs, the default first.
Task<Result<std::vector<std::string>>> list_pairs(Disk& disk, std::string_view directory) {
  std::vector<std::string> names;
  for (const std::string& entry : KEEL_CO_TRY(co_await disk.list(directory))) {
    if (!entry.ends_with(kSuffix)) continue;
    std::string name = entry.substr(0, entry.size() - kSuffix.size());
    if (name != kClientAuthorities) names.push_back(std::move(name));
  }
  const auto first = std::ranges::find(names, kDefault);
  if (first != names.end()) std::rotate(names.begin(), first, first + 1);
  co_return names;
}

}  // namespace

Task<Result<CertificateFiles>> read_certificate_files(Disk& disk, std::string_view directory,
                                                      runtime::ClientCertificates clients) {
  const std::string base = std::string(directory) + "/";
  const std::vector<std::string> names = KEEL_CO_TRY(co_await list_pairs(disk, directory));
  if (names.empty()) co_return Error(kBadCertificate, base + ": no NAME.pem");
  if (names.size() > kMostCertificates)
    co_return Error(kBadCertificate, base + ": more than 64 certificates");
  CertificateFiles files{.earliest_end = Timestamp::never()};
  Sha256 digest;
  for (const std::string& name : names) {
    TlsCertificate pair;
    pair.chain_pem = KEEL_CO_TRY(co_await read_file(disk, base + name + ".pem"));
    pair.key_pem = KEEL_CO_TRY(co_await read_file(disk, base + name + ".key"));
    const auto facts = runtime::read_certificate(pair.chain_pem);
    if (!facts.ok()) co_return in_file(base + name + ".pem", facts.error());
    files.earliest_end = std::min(files.earliest_end, facts->not_after);
    for (const std::string& text : {name, pair.chain_pem, pair.key_pem}) {
      digest.update(object_bytes(std::uint64_t{text.size()}));
      digest.update(as_bytes(text));
    }
    files.settings.certificates.push_back(std::move(pair));
  }
  files.settings.client_certificates = clients;
  if (clients != runtime::ClientCertificates::none) {
    files.settings.client_ca_pem = KEEL_CO_TRY(co_await read_file(disk, base + "client_ca.pem"));
    digest.update(as_bytes(files.settings.client_ca_pem));
  }
  files.digest = digest.finish();
  co_return files;
}

Task<bool> has_certificate_files(Disk& disk, std::string_view directory) {
  const auto names = co_await list_pairs(disk, directory);
  co_return names.ok() && !names->empty();
}

Task<Result<>> make_certificate_files(Disk& disk, std::string_view directory,
                                      std::span<const std::string> names, Timestamp now) {
  const TlsCertificate made = KEEL_CO_TRY(runtime::make_development_certificate(names, now));
  const std::string base = std::string(directory) + "/";
  KEEL_CO_TRY(co_await disk.make_directory(directory));
  KEEL_CO_TRY(co_await write_file(disk, base + "default.key", made.key_pem));
  // Last: with it the pair is there.
  KEEL_CO_TRY(co_await write_file(disk, base + "default.pem", made.chain_pem));
  co_return co_await disk.sync_directory(directory);
}

}  // namespace keel::node
