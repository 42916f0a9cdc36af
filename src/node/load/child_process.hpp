// ChildProcess: this program once more, with other words, in a process of its own.
//
// Thread: the one that makes it. The destructor tells it to end, and waits for it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace keel::node {

class ChildProcess {
 public:
  // `keel words…`. What it prints goes to the file `log`, which is emptied first; without one,
  // where this process prints to. node.cannot_start.
  static Result<ChildProcess> start(std::vector<std::string> words, const std::string& log = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const noexcept { return pid_; }
  // Its exit code (128 and the signal's number, when one has ended it); nothing: it runs.
  std::optional<int> ended() noexcept;
  int wait() noexcept;            // for that
  void end(int signal) noexcept;  // sends the signal, then waits

 private:
  ChildProcess() = default;
  std::optional<int> look(int options) noexcept;

  pid_t pid_ = -1;
  std::optional<int> exit_;
};

}  // namespace keel::node
