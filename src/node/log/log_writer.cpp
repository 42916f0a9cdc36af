#include "node/log/log_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <climits>

#include "node/log/events.hpp"

namespace keel::node {
namespace {

constexpr int kPollMs = 100;
constexpr int kPollsAtTheEnd = 10;  // a second
constexpr auto kFlushPause = std::chrono::milliseconds(5);
constexpr int kLooksAtAFlush = 200;

Timestamp wall_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

}  // namespace

LogWriter::LogWriter(int descriptor, Options options)
    : descriptor_(descriptor),
      options_(options),
      repeats_(options.repeats),
      thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  {
    const runtime::MutexLock lock(mutex_);
    ending_ = true;
    hurry_.store(true);
    wake_.notify_one();
  }
  thread_.join();
}

void LogWriter::write_fields(const log::Event& event, std::span<const log::Field> fields) noexcept {
  if (event.level < options_.level) return;
  const runtime::MutexLock lock(mutex_);
  const log::RepeatLimit::Verdict verdict = repeats_.look(event, wall_now());
  if (verdict.passes) append(event, fields, verdict.held_back);
}

void LogWriter::append(const log::Event& event, std::span<const log::Field> fields,
                       std::uint64_t held_back) {
  const std::size_t size = queue_.size();
  if (size < options_.queue_bytes)
    log::append_line(queue_, options_.format, {.time = wall_now(), .held_back = held_back}, event,
                     fields);
  if (queue_.size() > options_.queue_bytes || size >= options_.queue_bytes) {
    queue_.resize(size);
    ++dropped_;
  }
  wake_.notify_one();
}

void LogWriter::flush() noexcept {
  for (int look = 0; look < kLooksAtAFlush; ++look) {
    {
      const runtime::MutexLock lock(mutex_);
      if (queue_.empty() && !writing_) return;
    }
    std::this_thread::sleep_for(kFlushPause);
  }
}

void LogWriter::run() {
  std::string text;
  for (;;) {
    {
      const runtime::MutexLock lock(mutex_);
      while (queue_.empty() && !ending_) wake_.wait(mutex_);
      if (queue_.empty()) return;
      writing_ = true;
      text.swap(queue_);
      if (const std::uint64_t dropped = std::exchange(dropped_, 0))
        append(kLinesDropped, std::array{log::Field{"lines", dropped}}, 0);
    }
    if (!write_out(text)) return;
    text.clear();
    const runtime::MutexLock lock(mutex_);
    writing_ = false;
  }
}

// A pipe that poll() says is writable takes PIPE_BUF bytes without waiting.
bool LogWriter::write_out(std::string_view text) {
  int polls_left = kPollsAtTheEnd;
  while (!text.empty()) {
    pollfd file{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&file, 1, kPollMs);
    if (ready == 0) {
      if (hurry_.load() && --polls_left == 0) return false;
      continue;
    }
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t written =
        ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return true;  // nobody is there: these lines are lost, later ones are tried
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace keel::node
