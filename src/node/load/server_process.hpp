// ServerProcess: a node, or another server of this program, in a process of its own, started by a
// command that measures or shows it.
//
// Thread: the one that makes it. The destructor stops the process and waits for it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace keel::node {

// What the kernel says a process has used since its start (/proc/PID).
struct ProcessUsage {
  Duration user;
  Duration system;
  std::uint64_t resident_bytes = 0;
  struct Thread {
    std::string name;
    Duration cpu;
    pid_t id = 0;
  };
  std::vector<Thread> threads;
};

// kCannotStart when there is no such process.
Result<ProcessUsage> process_usage(pid_t pid);

class ServerProcess {
 public:
  // `keel serve`, or another command that takes --ready-file, with these settings ("key=value"),
  // its output in <directory>/serve.log. Returns when it serves; kCannotStart with the end of its
  // log when it does not within the time.
  static Result<ServerProcess> start(const std::string& directory,
                                     const std::vector<std::string>& sets,
                                     const std::vector<std::string>& command = {"serve"});
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&&) = delete;
  ~ServerProcess() { stop(); }

  pid_t pid() const noexcept { return pid_; }
  const std::string& url() const noexcept [[clang::lifetimebound]] { return url_; }
  // Where it serves `scheme` ("ws"), as a URL of scheme `written`; empty: nowhere.
  std::string url_of(std::string_view scheme, std::string_view written) const;
  const std::string& token() const noexcept [[clang::lifetimebound]] { return token_; }
  Result<ProcessUsage> usage() const { return process_usage(pid_); }
  // The fields of the first line of its log with this event: "world.chosen", "journal.opened".
  std::string said(std::string_view event) const;

  void stop() noexcept;  // SIGTERM, then waits
  void kill() noexcept;  // SIGKILL, then waits

 private:
  ServerProcess() = default;
  void end(int signal) noexcept;

  pid_t pid_ = -1;
  std::string directory_;
  std::string url_;
  std::string token_;
};

}  // namespace keel::node
