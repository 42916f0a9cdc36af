#include "base/log/log.hpp"

#include <gtest/gtest.h>

#include "base/log/line.hpp"
#include "base/log/repeat_limit.hpp"
#include "base/text/rfc3339.hpp"

namespace keel::log {
namespace {

constexpr Event kReady{"node.ready", Level::info, "The node serves."};
constexpr Event kLost{"disk.lost", Level::error, "A disk has gone."};

std::string line(Format format, const Event& event, std::initializer_list<Field> fields,
                 std::uint64_t held_back = 0) {
  std::string text;
  const Timestamp time = timestamp_from_rfc3339("2026-11-23T15:04:05.123456789Z").value();
  append_line(text, format, {.time = time, .held_back = held_back}, event,
              std::span(fields.begin(), fields.size()));
  return text;
}

TEST(LogLine, is_readable_as_text) {
  EXPECT_EQ(line(Format::text, kReady,
                 {{"url", "http://h:1"}, {"ms", std::uint64_t{21}}, {"again", true}}),
            "2026-11-23 15:04:05.123 info  node.ready url=http://h:1 ms=21 again=true\n");
  EXPECT_EQ(line(Format::text, kLost, {{"by", std::int64_t{-1}}}, 3),
            "2026-11-23 15:04:05.123 error disk.lost by=-1 held_back=3\n");
}

TEST(LogLine, is_one_object_as_json) {
  EXPECT_EQ(line(Format::json, kReady, {{"url", "http://h:1"}, {"ms", std::uint64_t{21}}}, 2),
            "{\"time\":\"2026-11-23T15:04:05.123456789Z\",\"level\":\"info\",\"event\":"
            "\"node.ready\",\"url\":\"http://h:1\",\"ms\":21,\"held_back\":2}\n");
}

TEST(LogLine, stays_one_line_whatever_a_field_holds) {
  constexpr std::string_view kForged = "x\n2026-11-23 error disk.lost \"\x1b[31m";
  for (const Format format : {Format::text, Format::json}) {
    const std::string text = line(format, kReady, {{"detail", kForged}});
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
    EXPECT_EQ(std::ranges::count(text, '\x1b'), 0);
  }
  EXPECT_EQ(line(Format::text, kReady, {{"a", ""}, {"b", "c d"}, {"e", "f=g"}}),
            "2026-11-23 15:04:05.123 info  node.ready a=\"\" b=\"c d\" e=\"f=g\"\n");
}

TEST(RepeatLimit, holds_back_what_comes_too_often_and_counts_it) {
  RepeatLimit limit({.lines = 2, .window = Duration::seconds(10)});
  const Timestamp start{1'000};
  EXPECT_TRUE(limit.look(kReady, start).passes);
  EXPECT_TRUE(limit.look(kReady, start).passes);
  EXPECT_FALSE(limit.look(kReady, start).passes);
  EXPECT_FALSE(limit.look(kReady, start + Duration::seconds(9)).passes);
  EXPECT_TRUE(limit.look(kLost, start).passes) << "each event by itself";
  const RepeatLimit::Verdict later = limit.look(kReady, start + Duration::seconds(10));
  EXPECT_TRUE(later.passes);
  EXPECT_EQ(later.held_back, 2u);
  EXPECT_EQ(limit.look(kReady, start + Duration::seconds(10)).held_back, 0u);
}

TEST(RepeatLimit, starts_again_when_the_clock_goes_back) {
  RepeatLimit limit({.lines = 1, .window = Duration::seconds(10)});
  EXPECT_TRUE(limit.look(kReady, Timestamp{20'000}).passes);
  EXPECT_TRUE(limit.look(kReady, Timestamp{10'000}).passes);
}

}  // namespace
}  // namespace keel::log
