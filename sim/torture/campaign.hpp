// Campaign: many seeds, each twice, with other hash keys and addresses the second time. It adds up
// how often each fault, each branch of recovery, each result code was met; one that never was fails
// a campaign that is long enough to have met all.
#pragma once

#include <functional>

#include "base/time.hpp"
#include "sim/torture/run.hpp"

namespace keel::torture {

// Fewer seeds than this promise nothing about what they meet.
inline constexpr std::uint64_t kSeedsThatMeetAll = 1'000;

struct CampaignOptions {
  std::uint64_t first = 1;
  std::uint64_t last = 200;
  std::uint32_t jobs = 1;  // threads
  // Asked before each seed and now and then within one; the campaign ends early when it says so,
  // without the seed that was not at its end. From any of the threads.
  std::function<bool()> enough;
  const Examiner* examiner = nullptr;  // null: none
  // Told of each seed, from any of the threads, before it and (one at a time) after it.
  std::function<void(std::uint64_t)> begun;
  std::function<void(const Verdict&)> done;
};

struct CampaignReport {
  std::uint64_t seeds = 0;
  std::uint64_t records = 0;
  std::vector<Verdict> failed;  // the first few
  std::uint64_t failures = 0;
  Counts counts;
  std::vector<std::string> never;  // promised and not met

  // Of a short campaign what it never met is only said.
  bool met_enough() const noexcept { return never.empty() || seeds < kSeedsThatMeetAll; }
  bool ok() const noexcept { return failures == 0 && met_enough(); }
};

// One seed, twice; a difference is a finding. Ends early, cut short, when `enough` says so.
Verdict run_twice(std::uint64_t seed, std::size_t trace_lines = 40,
                  const std::function<bool()>& enough = {}, const Examiner* examiner = nullptr);
CampaignReport run_campaign(const CampaignOptions& options);

// A run of one seed is recorded, and then cut before each of its writes, one after the other, and
// the opening that follows a cut in its middle before each of its first writes. `seeds` of the
// report counts the cuts; the seed of a failed verdict is the number of the write.
CampaignReport run_sweep(std::uint64_t seed, const std::function<bool()>& enough = {},
                         const Examiner* examiner = nullptr);

}  // namespace keel::torture
