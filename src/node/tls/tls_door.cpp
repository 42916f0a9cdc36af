#include "node/tls/tls_door.hpp"

#include "node/log/events.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// How soon it is noticed that a reload was asked for.
constexpr Duration kAskedPause = Duration::milliseconds(500);

}  // namespace

Task<Result<>> TlsDoor::load() {
  CertificateFiles files = KEEL_CO_TRY(co_await read_certificate_files(
      core_.disk(), options_.directory, options_.client_certificates));
  if (files.digest == loaded_) co_return success();
  files.settings.protocols = options_.protocols;
  const std::uint64_t count = files.settings.certificates.size();
  const Duration left = files.earliest_end - core_.clock().wall();
  KEEL_CO_TRY(server_.use(files.settings));
  loaded_ = files.digest;
  log_.write(kCertificatesLoaded,
             {{"certificates", count}, {"days_left", left.ns / (86'400 * 1'000'000'000LL)}});
  co_return success();
}

Task<Result<std::unique_ptr<runtime::Listener>>> TlsDoor::open() {
  if (!co_await has_certificate_files(core_.disk(), options_.directory)) {
    std::vector<std::string> names{"dns:localhost", "ip:127.0.0.1", "ip:::1"};
    const std::string& address = options_.endpoint.address;
    if (address != "127.0.0.1" && address != "::1" && address != "0.0.0.0" && address != "::")
      names.push_back("ip:" + address);
    KEEL_CO_TRY(co_await make_certificate_files(core_.disk(), options_.directory, names,
                                                core_.clock().wall()));
    const std::string path = options_.directory + "/default.pem";
    log_.write(kCertificateMade, {{"path", std::string_view(path)}});
  }
  KEEL_CO_TRY(co_await load());
  co_return server_.guard(
      KEEL_CO_TRY(co_await core_.network().listen(options_.endpoint, options_.backlog)));
}

Task<> TlsDoor::look(bool asked) {
  const Result<> done = co_await load();
  if (done.ok()) {
    refused_.clear();
    co_return;
  }
  std::string complaint = done.error().to_string();
  if (!asked && complaint == refused_) co_return;
  refused_ = std::move(complaint);
  log_.write(kCertificatesRefused, done.error());
}

Task<> TlsDoor::watch(runtime::Wait wait) {
  Timestamp next = core_.now() + options_.look_pause;
  std::uint64_t seen = 0;
  while ((co_await core_.sleep_until(core_.now() + kAskedPause, wait)).ok()) {
    const std::uint64_t now = reloads_.load();
    const bool asked = std::exchange(seen, now) != now;
    if (!asked && core_.now() < next) continue;
    co_await look(asked);
    next = core_.now() + options_.look_pause;
  }
}

}  // namespace keel::node
