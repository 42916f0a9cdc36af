// From readings to findings: what is well, what may surprise, what will not work, and what to do.
// Pure, so that every judgement is tested without the machine that deserves it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/config/config.hpp"
#include "node/doctor/certificates.hpp"
#include "node/doctor/finding.hpp"
#include "node/doctor/machine.hpp"

namespace keel::node {

Finding judge_world(const Result<>& io_uring, const HostReading& host, const Config& config);
Finding judge_open_files(const Limits& limits, const Config& config);
Finding judge_locked_memory(const Limits& limits);
Finding judge_cpus(const HostReading& host, const Config& config);
Finding judge_memory(const HostReading& host);
Finding judge_huge_pages(const HostReading& host);

Finding judge_clock_source(const ClockReading& clock);
Finding judge_monotonic_clock(const ClockReading& clock);
// `newest_write`: when the journal was last written to, by its file's time; zero: never.
Finding judge_wall_clock(const ClockReading& clock, Timestamp newest_write);

Finding judge_directory(const PathReading& directory, const Config& config);
Finding judge_token(const PathReading& token);
Finding judge_file_system(const FileSystemReading& file_system);
Finding judge_free_space(const FileSystemReading& file_system, const Config& config);

// A trial of synced writes of one block each, one after the other.
struct SyncTrial {
  std::vector<Duration> writes;  // in any order
};
Finding judge_sync(SyncTrial trial, const Config& config);

Finding judge_port(PortState port, const std::string& why, bool node_runs, const Config& config);

// All of them in one: the worst is told. `now` is Unix time.
Finding judge_certificates(const std::vector<CertificateReading>& certificates, Timestamp now);

}  // namespace keel::node
