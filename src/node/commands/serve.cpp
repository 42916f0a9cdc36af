// keel serve: a node until SIGINT or SIGTERM.
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <poll.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>

#include "node/access/token.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "node/node.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::node {
namespace {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

// Wakes the main thread, from any core.
class Bell {
 public:
  Bell() : file_(::eventfd(0, EFD_CLOEXEC)) { KEEL_ASSERT(file_ >= 0); }
  ~Bell() { ::close(file_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  int file() const noexcept { return file_; }
  void ring() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(file_, &one, sizeof one));
  }

 private:
  int file_;
};

// Tells the person what happens, and ends the program when the node cannot start. Its functions are
// called on two cores, hence the mutex: a few lines in a run.
class Narrator final : public NodeWatcher {
 public:
  Narrator(const Bell& bell, const ServeOptions& options, Timestamp started)
      : bell_(bell), options_(options), started_(started) {}

  void listening(std::uint16_t port) override {
    const std::scoped_lock lock(mutex_);
    port_ = port;
    say_ready();
  }
  void ready(const journal::RecoveryReport& report, std::string_view durability,
             std::uint64_t replayed) override {
    const std::scoped_lock lock(mutex_);
    if (report.dropped)
      std::printf("recovery   dropped an incomplete last write: %s at %llu (%s)\n",
                  report.dropped->file.c_str(),
                  static_cast<unsigned long long>(report.dropped->offset),
                  report.dropped->reason.c_str());
    std::printf("journal    %llu records replayed, epoch %llu, durability %.*s\n",
                static_cast<unsigned long long>(replayed),
                static_cast<unsigned long long>(report.epoch), static_cast<int>(durability.size()),
                durability.data());
    opened_ = true;
    say_ready();
  }
  void failed(const Error& why, bool again) override {
    const std::scoped_lock lock(mutex_);
    std::fprintf(stderr, "keel: %s%s\n", why.to_string().c_str(),
                 again ? "; opening the cell again" : "");
    if (again) return;
    failure_ = why;
    bell_.ring();
  }

  std::optional<Error> failure() {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }

 private:
  void say_ready() {
    if (!opened_ || port_ == 0 || said_) return;
    said_ = true;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t took_ms =
        (now.tv_sec * 1'000'000'000 + now.tv_nsec - started_.ns) / 1'000'000;
    std::printf("ready      http://127.0.0.1:%u in %lld ms; stop with Ctrl-C\n", port_,
                static_cast<long long>(took_ms));
    std::fflush(stdout);
    if (!options_.ready_file.empty())
      std::ofstream(options_.ready_file) << "http://127.0.0.1:" << port_ << "\n";
  }

  const Bell& bell_;
  const ServeOptions& options_;
  Timestamp started_;
  std::mutex mutex_;
  std::optional<Error> failure_;
  std::uint16_t port_ = 0;
  bool opened_ = false;
  bool said_ = false;
};

// SIGINT and SIGTERM arrive at a descriptor; made before any thread, so that every thread inherits
// the mask.
int signal_descriptor() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

void wait_for(int signals, const Bell& bell) {
  std::array<pollfd, 2> files{{{.fd = signals, .events = POLLIN, .revents = 0},
                               {.fd = bell.file(), .events = POLLIN, .revents = 0}}};
  while (::poll(files.data(), files.size(), -1) < 0 && errno == EINTR) {
  }
}

Task<> cell_main(Core&, Cancellation&, Node* node) {
  co_await node->run_cell();
}
Task<> network_main(Core&, Cancellation& stop, Node* node) {
  co_await node->run_network(stop);
}

Timestamp monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Timestamp{now.tv_sec * 1'000'000'000 + now.tv_nsec};
}

}  // namespace

Exit serve(const Settings& settings, const ServeOptions& options) {
  const Timestamp started = monotonic_now();
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<Token> token = read_or_make_token(config->data_directory);
  if (!token.ok()) return report(token.error());
  const int signals = signal_descriptor();

  std::string chosen;
  Result<std::unique_ptr<runtime::World>> world = make_world(*config, chosen);
  if (!world.ok()) return report(world.error());
  std::printf("keel       %.*s\n", static_cast<int>(version().size()), version().data());
  std::printf("world      %s\n", chosen.c_str());
  std::printf("token      %s/token%s\n", config->data_directory.c_str(),
              token->made ? " (made now)" : "");
  if (config->disk == "lossy" || config->journal_sync == "none")
    std::printf("WARNING    what is acknowledged may be lost: disk = %s, journal.sync = %s\n",
                config->disk.c_str(), config->journal_sync.c_str());
  std::fflush(stdout);

  const Bell bell;
  Narrator narrator(bell, options, started);
  const TokenAuthenticator authenticator(token->text);
  const std::uint32_t last = (*world)->core_count() - 1;
  {
    Node node({.cell = (*world)->core(0), .network = (*world)->core(last)}, node_options(*config),
              authenticator, narrator);
    (*world)->run(0, cell_main, &node);
    (*world)->run(last, network_main, &node);
    wait_for(signals, bell);
    (*world)->stop();
    (*world)->join();
  }
  ::close(signals);
  if (const std::optional<Error> failure = narrator.failure()) {
    return failure->error_class() == ErrorClass::corrupt ? Exit::corrupt : Exit::unavailable;
  }
  std::printf("stopped\n");
  return Exit::success;
}

}  // namespace keel::node
