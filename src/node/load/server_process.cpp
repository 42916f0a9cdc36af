#include "node/load/server_process.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "node/config/errors.hpp"

namespace keel::node {
namespace {

constexpr int kStartAttempts = 1'200;  // of 50 ms: a minute, for a long replay
constexpr auto kStartPause = std::chrono::milliseconds(50);

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string first_line(const std::string& path) {
  const std::string text = read_text(path);
  return text.substr(0, text.find('\n'));
}

// The fields of a stat file after the name in parentheses; the first of them is the state.
std::vector<std::string> stat_fields(const std::string& path, std::string* name = nullptr) {
  const std::string text = read_text(path);
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (close == std::string::npos) return {};
  if (name != nullptr) *name = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

Duration ticks(const std::string& text) {
  const long per_second = ::sysconf(_SC_CLK_TCK);
  return Duration::nanoseconds(std::stoll(text) * (1'000'000'000 / per_second));
}

// Positions in stat_fields(): utime and stime are the 14th and 15th of the file.
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;
constexpr std::size_t kResidentPages = 21;

}  // namespace

Result<ServerProcess> ServerProcess::start(const std::string& directory,
                                           const std::vector<std::string>& sets,
                                           const std::vector<std::string>& command) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return Error(kCannotStart, directory + ": " + failed.message());
  const std::string ready = directory + "/ready";
  const std::string log = directory + "/serve.log";
  std::filesystem::remove(ready, failed);

  std::vector<std::string> words = command;
  words.insert(words.end(), {"--ready-file", ready});
  for (const std::string& set : sets) words.insert(words.end(), {"--set", set});
  // Last, so that they win: this process looks for the node there.
  for (const std::string& set : {"data_directory=" + directory, std::string("http.port=0")})
    words.insert(words.end(), {"--set", set});
  ServerProcess server(KEEL_TRY(ChildProcess::start(std::move(words), log)), directory);
  for (int attempt = 0; attempt < kStartAttempts && !server.process_.ended(); ++attempt) {
    server.url_ = first_line(ready);
    if (!server.url_.empty()) {
      server.token_ = first_line(directory + "/token");
      return server;
    }
    std::this_thread::sleep_for(kStartPause);
  }
  return Error(kCannotStart,
               "keel " + command.front() + " did not start; it said: " + read_text(log));
}

Result<ProcessUsage> process_usage(pid_t pid) {
  const std::string place = "/proc/" + std::to_string(pid);
  const std::vector<std::string> fields = stat_fields(place + "/stat");
  if (fields.size() <= kResidentPages)
    return Error(kCannotStart, "there is no process " + std::to_string(pid));
  ProcessUsage usage{.user = ticks(fields[kUserTime]), .system = ticks(fields[kSystemTime])};
  usage.resident_bytes =
      std::stoull(fields[kResidentPages]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(place + "/task", failed)) {
    std::string name;
    const std::vector<std::string> thread = stat_fields(entry.path().string() + "/stat", &name);
    if (thread.size() > kSystemTime)
      usage.threads.push_back({.name = name,
                               .cpu = ticks(thread[kUserTime]) + ticks(thread[kSystemTime]),
                               .id = std::stoi(entry.path().filename())});
  }
  return usage;
}

std::string ServerProcess::url_of(std::string_view scheme) const {
  const std::string begin = std::string(scheme) + "://";
  std::istringstream urls(read_text(directory_ + "/ready"));
  for (std::string url; urls >> url;)
    if (url.starts_with(begin)) return url;
  return {};
}

std::string ServerProcess::said(std::string_view event, std::string_view with) const {
  const std::string name = " " + std::string(event) + " ";
  std::istringstream log(read_text(directory_ + "/serve.log"));
  for (std::string line; std::getline(log, line);) {
    const auto place = line.find(name);
    if (place != std::string::npos && line.contains(with)) return line.substr(place + name.size());
  }
  return {};
}

void ServerProcess::stop() noexcept {
  process_.end(SIGTERM);
}
void ServerProcess::kill() noexcept {
  process_.end(SIGKILL);
}

}  // namespace keel::node
