#include "engine/cold/brake.hpp"

#include <gtest/gtest.h>

namespace keel::engine {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kFull = 64 * kMiB;  // a flush begins

// A writer that would add rows ten times as fast as flushes take them away, and the flushes, which
// let go of what was there at their beginning when they end.
struct Race {
  explicit Race(double flushed_a_second) : speed(flushed_a_second) {}

  void run(Duration length) {
    for (const Timestamp end = now + length; now < end;) {
      if (flushing == 0 && hot >= kFull) {
        flushing = hot;
        flush_ends = now + Duration{static_cast<std::int64_t>(1e9 * double(flushing) / speed)};
        brake.flush_began(now);
      }
      if (flushing > 0 && now >= flush_ends) {
        hot -= flushing;
        brake.flush_ended(now, std::exchange(flushing, 0));
      }
      hot += kCommand;
      written += kCommand;
      most = std::max(most, hot);
      const Timestamp before = now;
      now = now + Duration{static_cast<std::int64_t>(1e9 * double(kCommand) / (10 * speed))};
      now = std::max(now, brake.after(now, hot));
      longest = std::max(longest, now - before);
    }
  }

  static constexpr std::uint64_t kCommand = 2 * kMiB;
  double speed;
  Brake brake{2 * kFull};
  Timestamp now{Duration::seconds(1).ns};
  Timestamp flush_ends{};
  std::uint64_t hot = 0;
  std::uint64_t flushing = 0;
  std::uint64_t written = 0;
  std::uint64_t most = 0;
  Duration longest{};
};

TEST(Brake, keeps_a_fast_writer_at_the_speed_of_the_flushes_without_a_stop) {
  for (const double speed : {20e6, 60e6, 300e6}) {
    Race race(speed);
    // Until the speed is known, and what was assumed of it has left memory.
    race.run(Duration{static_cast<std::int64_t>(20e9 * double(kFull) / speed)});
    race.most = race.written = 0;
    race.longest = {};
    race.run(Duration::seconds(60));
    EXPECT_LT(race.most, 4 * kFull) << speed;
    // A command of 2 MiB takes as long as 2 MiB of a flush, about; never as long as a flush.
    const double share = double(Race::kCommand) / speed;
    EXPECT_LT(double(race.longest.ns), 2.5e9 * share) << speed;
    EXPECT_GT(double(race.written), 0.9 * 60 * speed) << speed;
  }
}

TEST(Brake, lets_everything_pass_while_memory_is_less_than_half_full_or_nothing_is_moved) {
  Brake brake(100);
  const Timestamp now{Duration::seconds(1).ns};
  EXPECT_EQ(brake.after(now, 1'000'000), now);
  brake.flush_began(now);
  EXPECT_EQ(brake.after(now, 99), now);
  EXPECT_GT(brake.after(now, 1'000'000), now);
  brake.flush_ended(now + Duration::seconds(1), 1'000);
  EXPECT_EQ(brake.after(now + Duration::seconds(1), 2'000'000), now + Duration::seconds(1));
}

TEST(Brake, holds_one_command_for_a_quarter_of_a_second_at_most) {
  Brake brake(1);
  Timestamp now{Duration::seconds(1).ns};
  brake.flush_began(now);
  for (std::uint64_t hot = 1; hot < 10; ++hot) {
    EXPECT_LE(brake.after(now, hot << 40), now + Brake::kLongest);
  }
}

}  // namespace
}  // namespace keel::engine
