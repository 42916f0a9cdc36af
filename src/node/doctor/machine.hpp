// What the operating system says about this machine and this process; readings without judgement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace keel::node {

struct Limits {
  std::uint64_t open_files = 0;
  std::uint64_t locked_bytes = 0;  // UINT64_MAX: no limit
};
Limits read_limits();

struct ClockReading {
  std::string source;         // "tsc"; empty: not known
  bool synchronised = false;  // by NTP or PTP, as the kernel believes
  Timestamp wall;             // Unix time
  bool monotonic_runs_back = false;
  Duration monotonic_step;  // the smallest step seen
};
ClockReading read_clock();

// Of a path, which may not be there yet.
struct PathReading {
  bool exists = false;
  bool is_directory = false;
  bool writable = false;   // by this process: tried, not guessed from the mode
  std::uint32_t mode = 0;  // permission bits
  std::string nearest;     // the path, or the nearest parent that exists
  Timestamp modified;      // Unix time
};
PathReading read_path(const std::string& path);

struct FileSystemReading {
  std::string type;  // "ext", "tmpfs", "overlay" …; or its magic number
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for this process
};
std::optional<FileSystemReading> read_file_system(const std::string& path);

struct HostReading {
  std::uint32_t cpus = 0;             // that the process may use
  std::uint64_t available_bytes = 0;  // memory, by the machine or the control group
  std::string huge_pages;             // "always", "madvise", "never"; empty: not known
  std::string kernel;                 // "6.1.0"
  std::string io_uring_disabled;      // of /proc/sys/kernel; empty: no such switch
};
HostReading read_host();

enum class PortState : std::uint8_t { free, in_use, not_here };
// Tries to bind; `why` says what was wrong.
PortState try_port(const std::string& address, std::uint16_t port, std::string& why);

}  // namespace keel::node
