// keel serve: a node until SIGINT or SIGTERM.
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <poll.h>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "node/access/token.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "node/config/errors.hpp"
#include "node/log/events.hpp"
#include "node/log/log_writer.hpp"
#include "node/node.hpp"
#include "node/service/service_manager.hpp"
#include "runtime/posix/code_place.hpp"

namespace keel::node {
namespace {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

// A turn that holds its core for so long is worth a line.
constexpr Duration kStallLine = Duration::milliseconds(250);

Timestamp monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Timestamp{now.tv_sec * 1'000'000'000 + now.tv_nsec};
}

std::uint64_t milliseconds_since(Timestamp start) {
  return static_cast<std::uint64_t>((monotonic_now() - start).ns / 1'000'000);
}

// Wakes the main thread, from any core.
class Bell {
 public:
  Bell() : file_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { KEEL_ASSERT(file_ >= 0); }
  ~Bell() { ::close(file_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  int file() const noexcept { return file_; }
  void ring() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(file_, &one, sizeof one));
  }
  void silence() const noexcept {
    std::uint64_t rings = 0;
    static_cast<void>(::read(file_, &rings, sizeof rings));
  }

 private:
  int file_;
};

// Says when the node serves, and remembers why it cannot. Its functions are called on two cores,
// hence the mutex: a few times in a run.
class Doorman final : public NodeWatcher {
 public:
  Doorman(const Bell& bell, const ServeOptions& options, log::Logger& logger,
          const ServiceManager& manager, Timestamp started)
      : bell_(bell), options_(options), log_(logger), manager_(manager), started_(started) {}

  void listening(std::span<const OpenPort> ports) override {
    const std::scoped_lock lock(mutex_);
    for (const OpenPort& each : ports)
      urls_.push_back(std::string(each.scheme) + "://" + host_text(each.address) +
                      std::to_string(each.port));
    say_ready();
  }
  void ready() override {
    const std::scoped_lock lock(mutex_);
    opened_ = true;
    say_ready();
  }
  void failed(const Error& why, bool again) override {
    if (again) return;
    const std::scoped_lock lock(mutex_);
    failure_ = why;
    bell_.ring();
  }
  // One of the node's two tasks has ended.
  void ended() {
    const std::scoped_lock lock(mutex_);
    ++ended_;
    bell_.ring();
  }

  std::optional<Error> failure() {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }
  bool all_ended() {
    const std::scoped_lock lock(mutex_);
    return ended_ == 2;
  }

 private:
  void say_ready() {
    if (!opened_ || urls_.empty() || said_) return;
    said_ = true;
    std::string lines;
    for (const std::string& url : urls_) {
      log_.write(kNodeReady,
                 {{"url", std::string_view(url)}, {"ms", milliseconds_since(started_)}});
      lines += url + "\n";
    }
    manager_.ready(urls_.front());
    if (!options_.ready_file.empty()) std::ofstream(options_.ready_file) << lines;
  }

  // As it stands in a URL before the port.
  static std::string host_text(const std::string& address) {
    if (address == "0.0.0.0") return "127.0.0.1:";
    return address.find(':') != std::string::npos ? "[" + address + "]:" : address + ":";
  }

  const Bell& bell_;
  const ServeOptions& options_;
  log::Logger& log_;
  const ServiceManager& manager_;
  Timestamp started_;
  std::mutex mutex_;
  std::optional<Error> failure_;
  std::vector<std::string> urls_;
  int ended_ = 0;
  bool opened_ = false;
  bool said_ = false;
};

// SIGINT and SIGTERM (and SIGHUP, where there is something to reload) arrive at a descriptor; made
// before any thread, so that every thread inherits the mask.
int signal_descriptor(bool reloads) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  if (reloads) ::sigaddset(&signals, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

enum class Woken : std::uint8_t { by_signal, by_hangup, by_bell, by_time };

// Until a signal, the bell, or the limit.
Woken wait_for(int signals, const Bell& bell, Timestamp limit) {
  for (;;) {
    std::array<pollfd, 2> files{{{.fd = signals, .events = POLLIN, .revents = 0},
                                 {.fd = bell.file(), .events = POLLIN, .revents = 0}}};
    int left_ms = -1;
    if (!limit.is_never()) {
      const std::int64_t left = (limit - monotonic_now()).ns / 1'000'000;
      if (left <= 0) return Woken::by_time;
      left_ms = static_cast<int>(left) + 1;
    }
    if (::poll(files.data(), files.size(), left_ms) <= 0) continue;
    if (files[0].revents != 0) {
      signalfd_siginfo taken{};
      static_cast<void>(::read(signals, &taken, sizeof taken));
      return taken.ssi_signo == SIGHUP ? Woken::by_hangup : Woken::by_signal;
    }
    bell.silence();
    return Woken::by_bell;
  }
}

// Waits until the node has ended. A second signal or the deadline ends the process at once, which
// the journal is made for.
void see_it_end(int signals, const Bell& bell, Doorman& doorman, Duration deadline,
                LogWriter& log) {
  const Timestamp limit = monotonic_now() + deadline;
  while (!doorman.all_ended()) {
    const Woken woken = wait_for(signals, bell, limit);
    if (woken == Woken::by_bell || woken == Woken::by_hangup) continue;
    log.write(kStoppedAtOnce,
              {{"why", woken == Woken::by_signal ? "a second signal" : "stop.deadline_ms"}});
    log.flush();
    ::_exit(static_cast<int>(Exit::failure));
  }
}

Task<> cell_main(Core&, Cancellation&, Node* node, Doorman* doorman) {
  co_await node->run_cells();
  doorman->ended();
}
Task<> network_main(Core&, Cancellation& stop, Node* node, Doorman* doorman) {
  co_await node->run_network(stop);
  doorman->ended();
}

log::Level level_of(std::string_view name) {
  for (const log::Level level : {log::Level::debug, log::Level::info, log::Level::warn})
    if (name == to_string(level)) return level;
  return log::Level::error;
}

void say_start(log::Logger& log, const Config& config, const std::string& world, bool token_made) {
  log.write(kNodeStarting,
            {{"version", version()}, {"data", std::string_view(config.data_directory)}});
  log.write(kWorldChosen, {{"world", std::string_view(world)}});
  if (token_made) {
    const std::string path = config.data_directory + "/token";
    log.write(kTokenMade, {{"path", std::string_view(path)}});
  }
  if (config.disk == "lossy" || config.journal_sync == "none")
    log.write(kUnsafeSettings, {{"disk", std::string_view(config.disk)},
                                {"journal_sync", std::string_view(config.journal_sync)}});
}

runtime::StallLimit stall_limit(log::Logger& log) {
  return {.limit = kStallLine, .report = [&log](const runtime::Stall& stall) {
            const std::string task = runtime::code_place(stall.longest.code);
            log.write(kCoreStalled, {{"core", std::uint64_t{stall.core}},
                                     {"held_ms", stall.held.ns / 1'000'000},
                                     {"resumptions", stall.resumptions},
                                     {"longest_ms", stall.longest.held.ns / 1'000'000},
                                     {"task", std::string_view(task)}});
          }};
}

Exit exit_of(const Error& failure) {
  return failure.error_class() == ErrorClass::corrupt ? Exit::corrupt : Exit::unavailable;
}

}  // namespace

Exit serve(const Settings& settings, const ServeOptions& options) {
  const Timestamp started = monotonic_now();
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  if (!config->http_enabled && !config->https_enabled)
    return report(Error(kBadConfig, "http.enabled and https.enabled are both false"));
  if (config->ocpp_enabled && config->ocpp_security_profile >= 2 && !config->ocpp_tls)
    return report(Error(kBadConfig, "ocpp.security_profile 2 and 3 need ocpp.tls = true"));
  if (config->mqtt_charging && !config->mqtt_enabled && !config->mqtts_enabled)
    return report(Error(kBadConfig, "mqtt.charging needs mqtt.enabled or mqtts.enabled"));
  const Result<Token> token = read_or_make_token(config->data_directory);
  if (!token.ok()) return report(token.error());
  const Result<std::unique_ptr<HeadKey>> head_key = HeadKey::read_or_make(config->data_directory);
  if (!head_key.ok()) return report(head_key.error());
  NodeOptions made_of = node_options(*config);
  made_of.cells.front().journal.signer = made_of.head_key = head_key->get();
  std::string password_made;
  if (made_of.servers.mqtt) {
    Result<MqttUsers> users =
        mqtt_users_of(config->data_directory, config->mqtt_users, password_made);
    if (!users.ok()) return report(users.error());
    made_of.servers.mqtt->users = std::move(users).value();
  }
  const int signals =
      signal_descriptor(config->https_enabled || config->mqtts_enabled || config->ocpp_tls);
  const Bell bell;
  const ServiceManager manager(std::getenv("NOTIFY_SOCKET"));
  LogWriter log(STDERR_FILENO,
                {.format = config->log_format == "json" ? log::Format::json : log::Format::text,
                 .level = level_of(config->log_level)});

  std::string chosen;
  Result<std::unique_ptr<runtime::World>> world = make_world(*config, chosen, stall_limit(log));
  if (!world.ok()) return report(world.error());
  say_start(log, *config, chosen, token->made);
  if (!password_made.empty())
    log.write(kMqttPasswordMade, {{"path", std::string_view(password_made)}});

  Doorman doorman(bell, options, log, manager, started);
  const TokenAuthenticator authenticator(token->text);
  const std::uint32_t last = (*world)->core_count() - 1;
  {
    Node node({.cell = (*world)->core(0), .network = (*world)->core(last)}, made_of, authenticator,
              doorman, log);
    (*world)->run(0, cell_main, &node, &doorman);
    (*world)->run(last, network_main, &node, &doorman);
    while (wait_for(signals, bell, Timestamp::never()) == Woken::by_hangup) node.reload();
    const Timestamp stopping = monotonic_now();
    manager.stopping();
    (*world)->stop();
    see_it_end(signals, bell, doorman,
               Duration::milliseconds(static_cast<std::int64_t>(config->stop_deadline_ms)), log);
    (*world)->join();
    log.write(kNodeStopped, {{"ms", milliseconds_since(stopping)}});
  }
  ::close(signals);
  const std::optional<Error> failure = doorman.failure();
  return failure ? exit_of(*failure) : Exit::success;
}

}  // namespace keel::node
