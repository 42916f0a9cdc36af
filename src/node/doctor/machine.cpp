#include "node/doctor/machine.hpp"

#include <arpa/inet.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace keel::node {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

Timestamp read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return Timestamp{now.tv_sec * 1'000'000'000 + now.tv_nsec};
}

std::uint64_t limit_of(__rlimit_resource_t resource) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return 0;
  return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

std::uint64_t number_in(std::string_view text) {
  const auto start = text.find_first_of("0123456789");
  if (start == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  std::from_chars(text.data() + start, text.data() + text.size(), number);
  return number;
}

std::uint64_t available_memory() {
  std::uint64_t available = UINT64_MAX;
  std::ifstream memory("/proc/meminfo");
  for (std::string line; std::getline(memory, line);)
    if (line.starts_with("MemAvailable:")) available = number_in(line) * 1'024;
  const std::string limit = first_line("/sys/fs/cgroup/memory.max");
  if (!limit.empty() && limit != "max") available = std::min(available, number_in(limit));
  return available;
}

// "always [madvise] never": the word in brackets.
std::string chosen(const std::string& line) {
  const auto open = line.find('[');
  const auto close = line.find(']');
  if (open == std::string::npos || close < open) return {};
  return line.substr(open + 1, close - open - 1);
}

std::string file_system_name(long magic) {
  switch (magic) {
    case EXT4_SUPER_MAGIC:
      return "ext";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlay";
    case NFS_SUPER_MAGIC:
      return "nfs";
    default:
      return std::to_string(magic);
  }
}

}  // namespace

Limits read_limits() {
  return {.open_files = limit_of(RLIMIT_NOFILE), .locked_bytes = limit_of(RLIMIT_MEMLOCK)};
}

ClockReading read_clock() {
  ClockReading reading;
  reading.source = first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  timex state{};
  reading.synchronised = ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
  reading.wall = read(CLOCK_REALTIME);
  reading.monotonic_step = Duration::seconds(1);
  constexpr int kReads = 10'000;
  Timestamp last = read(CLOCK_MONOTONIC);
  for (int i = 0; i < kReads; ++i) {
    const Timestamp now = read(CLOCK_MONOTONIC);
    if (now < last) reading.monotonic_runs_back = true;
    if (now > last) reading.monotonic_step = std::min(reading.monotonic_step, now - last);
    last = now;
  }
  return reading;
}

PathReading read_path(const std::string& path) {
  PathReading reading;
  struct stat about{};
  std::filesystem::path nearest = std::filesystem::absolute(path);
  if (::stat(path.c_str(), &about) == 0) {
    reading.exists = true;
    reading.is_directory = S_ISDIR(about.st_mode);
    reading.mode = about.st_mode & 07777;
    reading.modified = Timestamp{about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
  } else {
    while (!std::filesystem::exists(nearest) && nearest.has_relative_path())
      nearest = nearest.parent_path();
  }
  reading.nearest = nearest.string();
  reading.writable = ::access(reading.nearest.c_str(), W_OK) == 0;
  return reading;
}

std::optional<FileSystemReading> read_file_system(const std::string& path) {
  struct statfs about{};
  if (::statfs(path.c_str(), &about) != 0) return std::nullopt;
  const auto block = static_cast<std::uint64_t>(about.f_bsize);
  return FileSystemReading{.type = file_system_name(about.f_type),
                           .total_bytes = about.f_blocks * block,
                           .free_bytes = about.f_bavail * block};
}

HostReading read_host() {
  HostReading reading;
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0)
    reading.cpus = static_cast<std::uint32_t>(CPU_COUNT(&cpus));
  reading.available_bytes = available_memory();
  reading.huge_pages = chosen(first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  reading.io_uring_disabled = first_line("/proc/sys/kernel/io_uring_disabled");
  utsname name{};
  if (::uname(&name) == 0) reading.kernel = static_cast<const char*>(name.release);
  return reading;
}

PortState try_port(const std::string& address, std::uint16_t port, std::string& why) {
  const bool is_v6 = address.find(':') != std::string::npos;
  sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port)};
  const int parsed = is_v6 ? ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr)
                           : ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
  if (parsed != 1) {
    why = "this is no numeric IPv4 or IPv6 address";
    return PortState::not_here;
  }
  const int file = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const void* where = is_v6 ? static_cast<const void*>(&v6) : &v4;
  const auto size = static_cast<socklen_t>(is_v6 ? sizeof v6 : sizeof v4);
  const int bound = ::bind(file, static_cast<const sockaddr*>(where), size);
  const int error = bound == 0 && ::listen(file, 1) == 0 ? 0 : errno;
  ::close(file);
  if (error == 0) return PortState::free;
  why = std::strerror(error);
  return error == EADDRINUSE ? PortState::in_use : PortState::not_here;
}

}  // namespace keel::node
