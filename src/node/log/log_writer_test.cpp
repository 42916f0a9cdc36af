#include "node/log/log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "node/log/events.hpp"

namespace keel::node {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_read_end();
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  int write_end() const { return ends_[1]; }
  int read_end() const { return ends_[0]; }
  void close_read_end() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }
  // Everything that was written, when nobody writes any more.
  std::string read_all() {
    ::close(std::exchange(ends_[1], -1));
    std::string all;
    std::array<char, 4096> some;
    for (ssize_t size = 0; (size = ::read(ends_[0], some.data(), some.size())) > 0;)
      all.append(some.data(), static_cast<std::size_t>(size));
    return all;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(LogWriter, writes_every_line_before_it_ends) {
  Pipe pipe;
  {
    LogWriter writer(pipe.write_end(), {.repeats = {.lines = 1'000}});
    for (std::uint64_t number = 0; number < 100; ++number)
      writer.write(kNodeReady, {{"number", number}});
  }
  const std::string all = pipe.read_all();
  EXPECT_EQ(std::ranges::count(all, '\n'), 100);
  EXPECT_NE(all.find("node.ready number=99\n"), std::string::npos);
}

TEST(LogWriter, leaves_out_what_is_below_its_level) {
  Pipe pipe;
  {
    LogWriter writer(pipe.write_end(), {.level = log::Level::warn});
    writer.write(kNodeReady);
    writer.write(kUnsafeSettings);
  }
  const std::string all = pipe.read_all();
  EXPECT_EQ(all.find("node.ready"), std::string::npos);
  EXPECT_NE(all.find("node.unsafe"), std::string::npos);
}

TEST(LogWriter, never_waits_for_a_reader_and_says_what_it_dropped) {
  Pipe pipe;
  constexpr std::uint64_t kLines = 20'000;  // far more than a pipe and the queue hold
  {
    LogWriter writer(pipe.write_end(),
                     {.repeats = {.lines = UINT32_MAX}, .queue_bytes = 16 * 1'024});
    for (std::uint64_t number = 0; number < kLines; ++number)
      writer.write(kNodeReady, {{"number", number}});
    std::array<char, 4096> some;
    std::string seen;
    while (seen.find("log.lines_dropped lines=") == std::string::npos) {
      const ssize_t size = ::read(pipe.read_end(), some.data(), some.size());
      if (size <= 0) break;
      seen.append(some.data(), static_cast<std::size_t>(size));
    }
    EXPECT_NE(seen.find("log.lines_dropped lines="), std::string::npos);
  }
}

TEST(LogWriter, a_reader_that_has_gone_does_not_end_the_process) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_read_end();
  LogWriter writer(pipe.write_end(), {});
  writer.write(kNodeReady);
}

// docs/logging.md is for people; this is what keeps it true.
TEST(LogEvents, are_all_documented_with_their_level_and_meaning) {
  std::ifstream file(KEEL_LOG_DOCUMENT);
  std::ostringstream text;
  text << file.rdbuf();
  for (const log::Event* event : kLogEvents) {
    const std::string row = "| `" + std::string(event->name) + "` | " +
                            std::string(to_string(event->level)) + " | " +
                            std::string(event->meaning) + " | ";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace keel::node
