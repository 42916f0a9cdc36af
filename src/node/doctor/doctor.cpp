#include "node/doctor/doctor.hpp"

#include <filesystem>

#include "runtime/worlds/make_world.hpp"

namespace keel::node {
namespace {

// When a file of a journal was last written; zero: there is none.
Timestamp newest_write(const std::string& journal) {
  Timestamp newest;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(journal, failed)) {
    if (entry.path().extension() == ".segment")
      newest = std::max(newest, read_path(entry.path().string()).modified);
  }
  return newest;
}

Result<> try_io_uring() {
  const Result<runtime::ChosenWorld> made =
      runtime::make_world({.cores = 1}, runtime::WorldKind::uring);
  return made.ok() ? success() : Result<>(made.error());
}

}  // namespace

std::vector<Finding> examine_machine(const Config& config) {
  const HostReading host = read_host();
  const Limits limits = read_limits();
  const ClockReading clock = read_clock();
  return {
      judge_world(try_io_uring(), host, config),
      judge_cpus(host, config),
      judge_memory(host),
      judge_huge_pages(host),
      judge_open_files(limits, config),
      judge_locked_memory(limits),
      judge_clock_source(clock),
      judge_monotonic_clock(clock),
      judge_wall_clock(clock, std::max(newest_write(config.data_directory + "/journal"),
                                       newest_write(config.data_directory + "/streams/journal")))};
}

std::vector<Finding> examine_place(const Config& config, bool node_runs) {
  const PathReading directory = read_path(config.data_directory);
  std::vector<Finding> findings{judge_directory(directory, config),
                                judge_token(read_path(config.data_directory + "/token"))};
  if (const auto file_system = read_file_system(directory.nearest)) {
    findings.push_back(judge_file_system(*file_system));
    findings.push_back(judge_free_space(*file_system, config));
  }
  std::string why;
  const PortState port =
      try_port(config.http_address, static_cast<std::uint16_t>(config.http_port), why);
  findings.push_back(judge_port(port, why, node_runs, config));
  if (config.https_enabled)
    findings.push_back(
        judge_certificates(read_certificates(tls_directory(config)), read_clock().wall));
  return findings;
}

}  // namespace keel::node
