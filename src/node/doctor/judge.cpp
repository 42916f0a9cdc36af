#include "node/doctor/judge.hpp"

#include <algorithm>
#include <filesystem>

namespace keel::node {
namespace {

constexpr std::uint64_t kMiB = 1'024 * 1'024;
// Beside its connections a node has open: segments, snapshots, rings, its log.
constexpr std::uint64_t kOwnFiles = 64;
constexpr std::uint64_t kLockedBytes = 8 * kMiB;
constexpr std::uint64_t kLeastMemory = 128 * kMiB;
constexpr std::uint64_t kComfortableMemory = 512 * kMiB;
// This program was not built before this day (2026-01-01): a clock that says so is wrong.
constexpr Timestamp kEarliestNow{1'767'225'600'000'000'000};
// A file's time may be a little ahead of a clock that is being slewed.
constexpr Duration kClockSlack = Duration::seconds(2);
// No device that makes 4 KiB durable is faster (NVMe with power-loss protection: about 10 µs).
constexpr Duration kFastestSync = Duration::microseconds(8);
constexpr Duration kSlowSync = Duration::milliseconds(20);
constexpr std::uint64_t kComfortableSegments = 4;

Finding well(std::string_view check, std::string what) {
  return {.check = check, .health = Health::ok, .what = std::move(what), .advice = {}};
}
Finding odd(std::string_view check, std::string what, std::string advice) {
  return {check, Health::warn, std::move(what), std::move(advice)};
}
Finding bad(std::string_view check, std::string what, std::string advice) {
  return {check, Health::fail, std::move(what), std::move(advice)};
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes == UINT64_MAX) return "no limit";
  return std::to_string(bytes / kMiB) + " MiB";
}

std::string microseconds_text(Duration duration) {
  return std::to_string(duration.ns / 1'000) + " us";
}

std::string octal(std::uint32_t mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3)
    text += static_cast<char>('0' + (mode >> static_cast<unsigned>(shift) & 7U));
  return text;
}

}  // namespace

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::warn:
      return "warn";
    case Health::fail:
      return "fail";
  }
  return "?";
}

Finding judge_world(const Result<>& io_uring, const HostReading& host, const Config& config) {
  constexpr std::string_view kCheck = "io_uring";
  if (io_uring.ok()) return well(kCheck, "works (Linux " + host.kernel + ")");
  std::string advice = "allow io_uring (Linux 6.1 or later";
  if (!host.io_uring_disabled.empty() && host.io_uring_disabled != "0")
    advice += "; sysctl kernel.io_uring_disabled is " + host.io_uring_disabled + ", 0 allows it";
  advice += "; containers: their seccomp profile must allow io_uring_setup, _enter and _register)";
  const std::string what = io_uring.error().detail() + " (Linux " + host.kernel + ")";
  if (config.world == "io_uring") return bad(kCheck, what, advice + ", or set world = \"auto\"");
  return odd(kCheck, what + "; plain threads are used, which cost more CPU", std::move(advice));
}

Finding judge_open_files(const Limits& limits, const Config& config) {
  constexpr std::string_view kCheck = "limits.open_files";
  const std::uint64_t wanted = config.http_max_connections + kOwnFiles;
  std::string what =
      std::to_string(limits.open_files) + ", " + std::to_string(wanted) +
      " wanted for http.max_connections = " + std::to_string(config.http_max_connections);
  if (limits.open_files >= wanted) return well(kCheck, std::move(what));
  return odd(
      kCheck, std::move(what),
      "raise it (ulimit -n, LimitNOFILE= of the unit), or lower http.max_connections: further "
      "connections wait instead of being told 503");
}

Finding judge_locked_memory(const Limits& limits) {
  constexpr std::string_view kCheck = "limits.locked_memory";
  std::string what = bytes_text(limits.locked_bytes);
  if (limits.locked_bytes >= kLockedBytes) return well(kCheck, std::move(what));
  return odd(kCheck, std::move(what) + ", " + bytes_text(kLockedBytes) + " wanted",
             "raise it (ulimit -l, LimitMEMLOCK= of the unit): kernels count rings against it");
}

Finding judge_cpus(const HostReading& host, const Config& config) {
  constexpr std::string_view kCheck = "cpus";
  std::string what = std::to_string(host.cpus) + " for cores = " + std::to_string(config.cores);
  if (host.cpus >= config.cores) return well(kCheck, std::move(what));
  return odd(kCheck, std::move(what), "set cores = 1, or give the process more CPUs");
}

Finding judge_memory(const HostReading& host) {
  constexpr std::string_view kCheck = "memory";
  std::string what = bytes_text(host.available_bytes) + " available";
  if (host.available_bytes >= kComfortableMemory) return well(kCheck, std::move(what));
  if (host.available_bytes < kLeastMemory)
    return bad(kCheck, std::move(what), "a node needs " + bytes_text(kLeastMemory) + " at least");
  return odd(kCheck, std::move(what),
             "enough for a small ledger; docs/ledger.md says what a row costs");
}

Finding judge_huge_pages(const HostReading& host) {
  constexpr std::string_view kCheck = "huge_pages";
  if (host.huge_pages.empty()) return well(kCheck, "not known here");
  if (host.huge_pages != "never") return well(kCheck, host.huge_pages);
  return odd(kCheck, host.huge_pages,
             "large ledgers are looked up faster with them: echo madvise > "
             "/sys/kernel/mm/transparent_hugepage/enabled");
}

Finding judge_clock_source(const ClockReading& clock) {
  constexpr std::string_view kCheck = "clock.source";
  if (clock.source.empty()) return well(kCheck, "not known here");
  for (const std::string_view slow : {"hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"}) {
    if (clock.source == slow)
      return odd(kCheck, clock.source,
                 "each reading is a system call or worse; see why the kernel refuses tsc (dmesg)");
  }
  return well(kCheck, clock.source);
}

Finding judge_monotonic_clock(const ClockReading& clock) {
  constexpr std::string_view kCheck = "clock.monotonic";
  if (clock.monotonic_runs_back)
    return bad(kCheck, "runs backwards", "this machine cannot tell time: replace it or its kernel");
  return well(kCheck,
              "never backwards, smallest step " + std::to_string(clock.monotonic_step.ns) + " ns");
}

Finding judge_wall_clock(const ClockReading& clock, Timestamp newest_write) {
  constexpr std::string_view kCheck = "clock.wall";
  constexpr std::string_view kSet = "set the clock, and keep it so (chrony, systemd-timesyncd)";
  if (clock.wall < kEarliestNow)
    return bad(kCheck, "stands before this program was built", std::string(kSet));
  if (newest_write != Timestamp{} && clock.wall + kClockSlack < newest_write)
    return odd(kCheck,
               "stands " + std::to_string((newest_write - clock.wall).ns / 1'000'000'000) +
                   " s before the journal's last write",
               std::string(kSet) + ": until then time stands still for the cell");
  if (!clock.synchronised)
    return odd(kCheck, "sane, but nothing keeps it synchronised",
               "run chrony or systemd-timesyncd: receipts and expiries carry this time");
  return well(kCheck, "sane and synchronised");
}

Finding judge_directory(const PathReading& directory, const Config& config) {
  constexpr std::string_view kCheck = "data.directory";
  const std::string& path = config.data_directory;
  if (directory.exists && !directory.is_directory)
    return bad(kCheck, path + " is not a directory", "set data_directory to another path");
  if (!directory.writable)
    return bad(kCheck, directory.nearest + " cannot be written to",
               "give it to the user that the node runs as, or mount it for writing");
  if (!directory.exists) return well(kCheck, path + " is made at the first start");
  if ((directory.mode & 07U) != 0)
    return odd(kCheck, path + " has mode " + octal(directory.mode),
               "chmod 700: the journal is readable by every user of this machine");
  return well(kCheck, path + ", mode " + octal(directory.mode));
}

Finding judge_token(const PathReading& token) {
  constexpr std::string_view kCheck = "data.token";
  if (!token.exists) return well(kCheck, "is made at the first start");
  if ((token.mode & 077U) != 0)
    return bad(kCheck, "mode " + octal(token.mode) + ": other users may read it",
               "remove it and start again (a new one is made): whoever read it may do everything");
  return well(kCheck, "mode " + octal(token.mode));
}

Finding judge_file_system(const FileSystemReading& file_system) {
  constexpr std::string_view kCheck = "disk.file_system";
  if (file_system.type == "tmpfs")
    return bad(kCheck, "tmpfs: memory, not a disk", "set data_directory to a path on a disk");
  if (file_system.type == "overlay")
    return odd(kCheck, "overlay: a container's own layer, which goes with the container",
               "mount a volume for data_directory");
  if (file_system.type == "nfs")
    return odd(kCheck, "nfs: its syncs and locks are only as good as its server",
               "prefer a local disk for data_directory");
  return well(kCheck, file_system.type);
}

Finding judge_free_space(const FileSystemReading& file_system, const Config& config) {
  constexpr std::string_view kCheck = "disk.free";
  const std::uint64_t segment = config.journal_segment_bytes;
  std::string what = bytes_text(file_system.free_bytes) + " of " +
                     bytes_text(file_system.total_bytes) + ", a segment takes " +
                     bytes_text(segment);
  if (file_system.free_bytes < segment + kMiB)
    return bad(kCheck, std::move(what),
               "make room: without a segment's space writes are refused (503), reads go on");
  if (file_system.free_bytes < kComfortableSegments * segment)
    return odd(kCheck, std::move(what), "make room before it is needed");
  return well(kCheck, std::move(what));
}

Finding judge_sync(SyncTrial trial, const Config& config) {
  constexpr std::string_view kCheck = "disk.sync";
  std::vector<Duration>& writes = trial.writes;
  if (writes.empty()) return bad(kCheck, "no write was measured", "look at the other lines");
  std::ranges::sort(writes);
  const Duration median = writes[writes.size() / 2];
  const Duration slow = writes[writes.size() * 99 / 100];
  const std::string what = std::to_string(writes.size()) + " durable writes of 4 KiB: p50 " +
                           microseconds_text(median) + ", p99 " + microseconds_text(slow);
  if (config.journal_sync == "none" || config.disk == "lossy")
    return bad(kCheck, what,
               "journal.sync and disk are set for tests: what is acknowledged may be lost");
  if (median < kFastestSync)
    return odd(kCheck, what + ": faster than any disk",
               "something says \"durable\" before it is (a volatile cache, a virtual disk's "
               "write-back): a power cut may lose what is acknowledged");
  if (median > kSlowSync)
    return odd(kCheck, what,
               "every answer to a write waits for one: use a faster disk for data_directory");
  return well(kCheck, what);
}

Finding judge_port(PortState port, const std::string& why, bool node_runs, const Config& config) {
  constexpr std::string_view kCheck = "http.port";
  const std::string where = config.http_address + ":" + std::to_string(config.http_port);
  if (port == PortState::free) return well(kCheck, where + " is free");
  if (port == PortState::in_use && node_runs) return well(kCheck, where + " is the running node's");
  return bad(kCheck, where + ": " + why,
             port == PortState::in_use ? "end who listens there, or set http.port"
                                       : "set http.address to one of this machine's addresses");
}

Finding judge_certificates(const std::vector<CertificateReading>& certificates, Timestamp now) {
  constexpr std::string_view kCheck = "tls.certificates";
  constexpr std::int64_t kDay = 86'400'000'000'000;
  if (certificates.empty())
    return odd(kCheck, "none: the start makes one for development",
               "put NAME.pem and NAME.key into tls.directory (docs/tls.md)");
  const CertificateReading* next = &certificates.front();
  for (const CertificateReading& each : certificates) {
    if (!each.problem.empty())
      return bad(kCheck, each.file + ": " + each.problem, "put it right: it cannot be loaded");
    if ((each.key_mode & 077U) != 0)
      return bad(kCheck,
                 std::filesystem::path(each.file).stem().string() + ".key: mode " +
                     octal(each.key_mode) + ", other users may read it",
                 "chmod 600, and have a new certificate for a new key");
    if (each.not_before > now)
      return bad(kCheck, each.file + " is not valid yet", "look at the clock, and at the file");
    if (each.not_after < next->not_after) next = &each;
  }
  const std::int64_t days = (next->not_after - now).ns / kDay;
  if (next->not_after <= now)
    return bad(kCheck, next->file + " has expired", "replace it: clients refuse it");
  std::string what = std::to_string(certificates.size()) + ", the next to expire is " + next->file +
                     " in " + std::to_string(days) + " days";
  if (days < 14) return odd(kCheck, std::move(what), "replace it; no restart is needed");
  return well(kCheck, std::move(what));
}

}  // namespace keel::node
