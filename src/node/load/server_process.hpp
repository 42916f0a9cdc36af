// ServerProcess: a node, or another server of this program, in a process of its own, started by a
// command that measures or shows it.
//
// Thread: the one that makes it. The destructor stops the process and waits for it.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "node/load/child_process.hpp"

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

  pid_t pid() const noexcept { return process_.pid(); }
  const std::string& url() const noexcept [[clang::lifetimebound]] { return url_; }
  // Where it serves `scheme` ("ws"); empty: nowhere.
  std::string url_of(std::string_view scheme) const;
  const std::string& token() const noexcept [[clang::lifetimebound]] { return token_; }
  Result<ProcessUsage> usage() const { return process_usage(pid()); }
  // The fields of the first line of its log with this event ("world.chosen", "journal.opened") and,
  // where one is given, with this text among them.
  std::string said(std::string_view event, std::string_view with = {}) const;

  void stop() noexcept;  // SIGTERM, then waits
  void kill() noexcept;  // SIGKILL, then waits

 private:
  ServerProcess(ChildProcess process, const std::string& directory)
      : process_(std::move(process)), directory_(directory) {}

  ChildProcess process_;
  std::string directory_;
  std::string url_;
  std::string token_;
};

}  // namespace keel::node
