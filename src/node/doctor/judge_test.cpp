#include "node/doctor/judge.hpp"

#include <gtest/gtest.h>

namespace keel::node {
namespace {

constexpr std::uint64_t kMiB = 1'024 * 1'024;
constexpr Timestamp kNow{1'800'000'000'000'000'000};  // 2027-01-15

Health sync_of(Duration each, const Config& config = {}) {
  return judge_sync({std::vector<Duration>(200, each)}, config).health;
}

TEST(JudgeSync, believes_no_device_that_is_faster_than_any_disk) {
  EXPECT_EQ(sync_of(Duration::microseconds(3)), Health::warn);
  EXPECT_EQ(sync_of(Duration::microseconds(15)), Health::ok);
  EXPECT_EQ(sync_of(Duration::milliseconds(5)), Health::ok);
  EXPECT_EQ(sync_of(Duration::milliseconds(50)), Health::warn);
}

TEST(JudgeSync, says_median_and_tail) {
  SyncTrial trial{std::vector<Duration>(200, Duration::microseconds(100))};
  trial.writes[0] = trial.writes[1] = trial.writes[2] = Duration::milliseconds(9);
  EXPECT_EQ(judge_sync(trial, {}).what, "200 durable writes of 4 KiB: p50 100 us, p99 9000 us");
  EXPECT_EQ(judge_sync({}, {}).health, Health::fail);
}

TEST(JudgeSync, fails_what_is_set_to_lose) {
  EXPECT_EQ(sync_of(Duration::milliseconds(1), {.journal_sync = "none"}), Health::fail);
  EXPECT_EQ(sync_of(Duration::milliseconds(1), {.disk = "lossy"}), Health::fail);
}

TEST(JudgeWorld, fails_only_who_insists_on_io_uring) {
  const Error refused(ErrorKind{9030, "test.ring", ErrorClass::denied},
                      "io_uring_setup: not permitted");
  EXPECT_EQ(judge_world(success(), {}, {}).health, Health::ok);
  EXPECT_EQ(judge_world(refused, {}, {}).health, Health::warn);
  EXPECT_EQ(judge_world(refused, {}, {.world = "io_uring"}).health, Health::fail);
  EXPECT_NE(judge_world(refused, {.io_uring_disabled = "2"}, {}).advice.find("is 2"),
            std::string::npos);
}

TEST(JudgeLimits, wants_a_file_for_every_connection) {
  const Config config{.http_max_connections = 10'000};
  EXPECT_EQ(judge_open_files({.open_files = 20'000}, config).health, Health::ok);
  EXPECT_EQ(judge_open_files({.open_files = 10'000}, config).health, Health::warn);
  EXPECT_EQ(judge_locked_memory({.locked_bytes = UINT64_MAX}).health, Health::ok);
  EXPECT_EQ(judge_locked_memory({.locked_bytes = 64 * 1'024}).health, Health::warn);
}

TEST(JudgeHost, looks_at_cpus_memory_and_pages) {
  EXPECT_EQ(judge_cpus({.cpus = 1}, {.cores = 2}).health, Health::warn);
  EXPECT_EQ(judge_cpus({.cpus = 2}, {.cores = 2}).health, Health::ok);
  EXPECT_EQ(judge_memory({.available_bytes = 64 * kMiB}).health, Health::fail);
  EXPECT_EQ(judge_memory({.available_bytes = 256 * kMiB}).health, Health::warn);
  EXPECT_EQ(judge_memory({.available_bytes = 1'024 * kMiB}).health, Health::ok);
  EXPECT_EQ(judge_huge_pages({.huge_pages = "never"}).health, Health::warn);
  EXPECT_EQ(judge_huge_pages({.huge_pages = "madvise"}).health, Health::ok);
}

TEST(JudgeClock, wants_it_fast_forward_and_right) {
  EXPECT_EQ(judge_clock_source({.source = "tsc"}).health, Health::ok);
  EXPECT_EQ(judge_clock_source({.source = "hpet"}).health, Health::warn);
  EXPECT_EQ(judge_monotonic_clock({.monotonic_runs_back = true}).health, Health::fail);
  const ClockReading right{.synchronised = true, .wall = kNow};
  EXPECT_EQ(judge_wall_clock(right, {}).health, Health::ok);
  EXPECT_EQ(judge_wall_clock(right, kNow - Duration::seconds(60)).health, Health::ok);
  EXPECT_EQ(judge_wall_clock(right, kNow + Duration::seconds(60)).health, Health::warn);
  EXPECT_EQ(judge_wall_clock({.wall = kNow}, {}).health, Health::warn);
  EXPECT_EQ(judge_wall_clock({.synchronised = true, .wall = Timestamp{1}}, {}).health,
            Health::fail);
}

TEST(JudgePlace, wants_a_directory_that_is_ours_and_only_ours) {
  const PathReading mine{.exists = true, .is_directory = true, .writable = true, .mode = 0700};
  EXPECT_EQ(judge_directory(mine, {}).health, Health::ok);
  EXPECT_EQ(judge_directory({.writable = true}, {}).health, Health::ok);
  EXPECT_EQ(judge_directory({.exists = true, .is_directory = true, .mode = 0500}, {}).health,
            Health::fail);
  EXPECT_EQ(judge_directory({.exists = true, .writable = true, .mode = 0600}, {}).health,
            Health::fail);
  PathReading open = mine;
  open.mode = 0755;
  EXPECT_EQ(judge_directory(open, {}).health, Health::warn);
}

TEST(JudgePlace, fails_a_token_that_others_may_read) {
  EXPECT_EQ(judge_token({}).health, Health::ok);
  EXPECT_EQ(judge_token({.exists = true, .mode = 0600}).health, Health::ok);
  EXPECT_EQ(judge_token({.exists = true, .mode = 0640}).health, Health::fail);
}

TEST(JudgePlace, wants_a_real_disk_with_room_for_segments) {
  EXPECT_EQ(judge_file_system({.type = "ext"}).health, Health::ok);
  EXPECT_EQ(judge_file_system({.type = "overlay"}).health, Health::warn);
  EXPECT_EQ(judge_file_system({.type = "tmpfs"}).health, Health::fail);
  const Config config{.journal_segment_bytes = 64 * kMiB};
  EXPECT_EQ(judge_free_space({.free_bytes = 64 * kMiB}, config).health, Health::fail);
  EXPECT_EQ(judge_free_space({.free_bytes = 128 * kMiB}, config).health, Health::warn);
  EXPECT_EQ(judge_free_space({.free_bytes = 512 * kMiB}, config).health, Health::ok);
}

TEST(JudgePort, knows_the_running_node_from_a_stranger) {
  EXPECT_EQ(judge_port(PortState::free, "", false, {}).health, Health::ok);
  EXPECT_EQ(judge_port(PortState::in_use, "in use", true, {}).health, Health::ok);
  EXPECT_EQ(judge_port(PortState::in_use, "in use", false, {}).health, Health::fail);
  EXPECT_EQ(judge_port(PortState::not_here, "no", true, {}).health, Health::fail);
}

TEST(JudgeCertificates, tells_the_worst_of_them) {
  const auto in_days = [](std::int64_t days) {
    return Timestamp{kNow.ns + days * 86'400'000'000'000};
  };
  const CertificateReading good{.file = "a.pem", .not_after = in_days(90), .key_mode = 0600};
  const auto judged = [&](void (*spoil)(CertificateReading&)) {
    CertificateReading spoilt = good;
    spoil(spoilt);
    return judge_certificates({good, spoilt}, kNow).health;
  };
  EXPECT_EQ(judge_certificates({}, kNow).health, Health::warn);
  EXPECT_EQ(judge_certificates({good}, kNow).health, Health::ok);
  EXPECT_EQ(judged([](CertificateReading& each) { each.key_mode = 0640; }), Health::fail);
  EXPECT_EQ(judged([](CertificateReading& each) { each.problem = "x"; }), Health::fail);
  EXPECT_EQ(judged([](CertificateReading& each) { each.not_after = kNow; }), Health::fail);
  EXPECT_EQ(judged([](CertificateReading& each) { each.not_before = Timestamp{kNow.ns + 1}; }),
            Health::fail);
  EXPECT_EQ(judged([](CertificateReading& each) {
              each.not_after = Timestamp{kNow.ns + 5 * 86'400'000'000'000};
            }),
            Health::warn);
}

}  // namespace
}  // namespace keel::node
