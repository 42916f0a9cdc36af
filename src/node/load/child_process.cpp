#include "node/load/child_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "node/config/errors.hpp"

extern char** environ;

namespace keel::node {
namespace {

constexpr int kKilled = 128;  // as shells say it

}  // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_(other.exit_) {}

ChildProcess::~ChildProcess() {
  end(SIGTERM);
}

Result<ChildProcess> ChildProcess::start(std::vector<std::string> words, const std::string& log) {
  std::string name = "keel";
  std::vector<char*> arguments{name.data()};
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (!log.empty()) {
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  }
  ChildProcess process;
  const int error =
      ::posix_spawn(&process.pid_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return process;
  process.pid_ = -1;
  return Error(kCannotStart, "cannot start keel " + words.front() + ": " +
                                 std::generic_category().message(error));
}

std::optional<int> ChildProcess::look(int options) noexcept {
  if (exit_ || pid_ <= 0) return exit_;
  int status = 0;
  if (::waitpid(pid_, &status, options) == pid_)
    exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : kKilled + WTERMSIG(status);
  return exit_;
}

std::optional<int> ChildProcess::ended() noexcept {
  return look(WNOHANG);
}

int ChildProcess::wait() noexcept {
  return look(0).value_or(-1);
}

void ChildProcess::end(int signal) noexcept {
  if (exit_ || pid_ <= 0) return;
  ::kill(pid_, signal);
  look(0);
}

}  // namespace keel::node
