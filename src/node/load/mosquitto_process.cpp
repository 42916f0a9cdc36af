#include "node/load/mosquitto_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "node/config/errors.hpp"
#include "runtime/posix/socket.hpp"

extern char** environ;

namespace keel::node {
namespace {

constexpr int kStartAttempts = 200;  // of 50 ms
constexpr auto kStartPause = std::chrono::milliseconds(50);

// One that was free a moment ago: mosquitto cannot be asked which port it has got.
Result<std::uint16_t> free_port() {
  return KEEL_TRY(runtime::make_listening_socket({}, 1)).port;
}

bool accepts(std::uint16_t port) {
  const Result<runtime::SocketAddress> to = runtime::to_address({.port = port}, kCannotStart);
  const runtime::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return to.ok() && ::connect(socket.number(), &to->any, to->size) == 0;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string MosquittoProcess::configuration(const MosquittoSettings& settings) {
  std::string text =
      "allow_anonymous true\nset_tcp_nodelay true\nlog_type error\n"
      "max_connections -1\n";
  text += settings.persistent ? "persistence true\nautosave_interval 1\n" : "persistence false\n";
  return text;
}

Result<MosquittoProcess> MosquittoProcess::start(const MosquittoSettings& settings) {
  std::error_code failed;
  std::filesystem::create_directories(settings.directory, failed);
  if (failed) return Error(kCannotStart, settings.directory + ": " + failed.message());
  MosquittoProcess process;
  process.port_ = KEEL_TRY(free_port());
  const std::string file = settings.directory + "/mosquitto.conf";
  const std::string log = settings.directory + "/mosquitto.log";
  {
    std::ofstream out(file);
    out << "listener " << process.port_ << " 127.0.0.1\n";
    if (!settings.certificate.empty())
      out << "certfile " << settings.certificate << "\nkeyfile " << settings.key << "\n";
    out << configuration(settings);
    if (settings.persistent) out << "persistence_location " << settings.directory << "/\n";
    // Started by root it would become another user, who may not read what is here.
    if (::getuid() == 0) out << "user root\n";
  }
  std::vector<std::string> words{settings.program, "-c", file};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error = ::posix_spawnp(&process.pid_, settings.program.c_str(), &actions, nullptr,
                                   arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    process.pid_ = -1;
    return Error(kCannotStart, settings.program + ": " + std::generic_category().message(error) +
                                   "; --mosquitto names another, or \"none\"");
  }
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    if (::waitpid(process.pid_, nullptr, WNOHANG) == process.pid_) {
      process.pid_ = -1;
      break;
    }
    if (accepts(process.port_)) return process;
    std::this_thread::sleep_for(kStartPause);
  }
  return Error(kCannotStart, settings.program + " did not start; it said: " + text_of(log));
}

MosquittoProcess::MosquittoProcess(MosquittoProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_) {}

MosquittoProcess::~MosquittoProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace keel::node
