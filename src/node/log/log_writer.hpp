// LogWriter: the log of a process, written to a descriptor by a thread of its own, so that no core
// ever waits for whoever reads it. Lines that do not fit in the queue are dropped and counted
// (log.lines_dropped).
//
// Thread: lines come from any thread. Lifetime: outlives whatever was given it; the destructor
// writes what is left, for at most a second. The descriptor is not closed.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/log/line.hpp"
#include "base/log/repeat_limit.hpp"
#include "runtime/posix/threads/mutex.hpp"

namespace keel::node {

class LogWriter final : public log::Logger {
 public:
  struct Options {
    log::Format format = log::Format::text;
    log::Level level = log::Level::info;  // and above
    log::RepeatLimit::Options repeats;
    std::size_t queue_bytes = 256 * 1'024;
  };
  LogWriter(int descriptor, Options options);
  ~LogWriter() override;
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Waits until everything is written, for at most a second: before the process ends at once.
  void flush() noexcept;

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field> fields) noexcept override;

 private:
  void append(const log::Event& event, std::span<const log::Field> fields, std::uint64_t held_back)
      __attribute__((requires_capability(mutex_)));
  void run();
  // False: the descriptor takes nothing more.
  bool write_out(std::string_view text);

  int descriptor_;
  Options options_;
  runtime::Mutex mutex_;
  runtime::Condition wake_;
  log::RepeatLimit repeats_ __attribute__((guarded_by(mutex_)));
  std::string queue_ __attribute__((guarded_by(mutex_)));
  std::uint64_t dropped_ __attribute__((guarded_by(mutex_))) = 0;
  bool writing_ __attribute__((guarded_by(mutex_))) = false;
  bool ending_ __attribute__((guarded_by(mutex_))) = false;
  std::atomic<bool> hurry_ = false;  // the destructor waits
  std::thread thread_;
};

}  // namespace keel::node
