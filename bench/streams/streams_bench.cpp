// Measures the streams module alone, in memory, on one core: nanoseconds a message that is
// published to kept sessions, and that is finished, in batches of 64 (decide and apply, the events
// copied into a buffer as the engine does).
//
//   keel-bench-streams [sessions] [messages]
//
// Time is the thread's own processor time: wall time says nothing on a shared machine. Figures:
// README.md.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "bench/streams/bare_streams.hpp"

namespace keel::bench {
namespace {

using namespace keel::streams;  // the whole file is about it

constexpr std::size_t kBatchMessages = 64;
constexpr std::size_t kPayloadBytes = 128;
// Messages that wait at a time: those of the last batches.
constexpr std::size_t kBatchesWaiting = 16;

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

struct Cost {
  std::int64_t publish_ns = 0;
  std::int64_t finish_ns = 0;
};

class Load {
 public:
  Load(std::uint64_t sessions, std::size_t fan_out) : sessions_(sessions), fan_out_(fan_out) {
    for (std::uint64_t client = 0; client < sessions; ++client) {
      batch_.open({.client_id = "client-" + std::to_string(client), .expiry_s = kNeverExpires});
      if (batch_.ops() == 1'000 || client + 1 == sessions) {
        cell_.decide(batch_.bytes());
        batch_.clear();
      }
    }
  }

  // One batch of messages, and the settling of an older one.
  void round(Cost& cost) {
    publish(cost);
    if (waiting_.size() > kBatchesWaiting) finish(cost);
  }

 private:
  void publish(Cost& cost) {
    std::vector<Settle>& sent = waiting_.emplace_back();
    std::vector<Target> targets(fan_out_);
    for (std::size_t i = 0; i < kBatchMessages; ++i) {
      for (Target& target : targets) {
        target.session = SessionNumber(next_++ * 7919 % sessions_ + 1);
        sent.push_back({.session = target.session, .entry = {}});
      }
      batch_.publish({.publisher = SessionNumber(1),
                      .qos = 1,
                      .topic = "plant/line-4/meter/17",
                      .payload = payload_,
                      .targets = targets});
    }
    const std::int64_t begin = cpu_ns();
    BatchReply reply = cell_.decide(batch_.bytes());
    cost.publish_ns += cpu_ns() - begin;
    batch_.clear();
    for (std::size_t i = 0; reply.has_result();) {
      const OpResult result = reply.next_result().value();
      KEEL_ASSERT(result.code == OpCode::done);
      for (std::size_t target = 0; target < fan_out_; ++target) {
        KEEL_ASSERT(result.entry(target) < kTargetFull);
        sent[i++].entry = result.entry(target);
      }
    }
  }
  void finish(Cost& cost) {
    for (const Settle& settle : waiting_.front()) batch_.finish(settle.session, settle.entry);
    waiting_.erase(waiting_.begin());
    const std::int64_t begin = cpu_ns();
    cell_.decide(batch_.bytes());
    cost.finish_ns += cpu_ns() - begin;
    batch_.clear();
  }

  BareStreams cell_{{.session_entries = 100'000}};
  std::uint64_t sessions_;
  std::size_t fan_out_;
  Bytes payload_ = Bytes(kPayloadBytes, std::byte{'p'});
  BatchWriter batch_;
  std::vector<std::vector<Settle>> waiting_;
  std::uint64_t next_ = 0;
};

void measure(std::uint64_t sessions, std::uint64_t messages, std::size_t fan_out) {
  Load load(sessions, fan_out);
  Cost cost;
  for (int i = 0; i < 100; ++i) load.round(cost);  // warm
  cost = {};
  const std::uint64_t rounds = messages / kBatchMessages;
  for (std::uint64_t i = 0; i < rounds; ++i) load.round(cost);
  const auto a_message = static_cast<std::int64_t>(rounds * kBatchMessages);
  std::printf("%" PRIu64 " sessions, %zu targets: %" PRId64 " ns a message published, %" PRId64
              " ns an entry finished\n",
              sessions, fan_out, cost.publish_ns / a_message,
              cost.finish_ns / a_message / static_cast<std::int64_t>(fan_out));
}

}  // namespace
}  // namespace keel::bench

int main(int argc, char** argv) {
  const std::uint64_t sessions = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  const std::uint64_t messages = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  keel::bench::measure(1, messages, 1);
  keel::bench::measure(100, messages, 1);
  keel::bench::measure(sessions, messages, 1);
  keel::bench::measure(sessions, messages / 10, 10);
}
