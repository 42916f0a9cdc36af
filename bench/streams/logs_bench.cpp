// Measures named streams in the streams module alone, in memory, on one core: nanoseconds a message
// that is captured by a publish, fetched by a consumer, read, and acknowledged, in batches.
//
//   keel-bench-logs [messages] [batch]
//
// Time is the thread's own processor time: wall time says nothing on a shared machine. Figures:
// README.md.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "base/describe/wire.hpp"
#include "bench/streams/bare_streams.hpp"
#include "modules/streams/log/queries.hpp"

namespace keel::bench {
namespace {

using namespace keel::streams;  // the whole file is about it

constexpr std::size_t kPayloadBytes = 128;
constexpr std::uint64_t kKept = 100'000;  // messages: the stream lets older ones go

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

template <typename Asked>
Bytes encoded(const Asked& asked) {
  Bytes payload;
  encode(asked, payload);
  return payload;
}

struct Cost {
  std::int64_t publish_ns = 0;
  std::int64_t fetch_ns = 0;
  std::int64_t read_ns = 0;
  std::int64_t acknowledge_ns = 0;
};

class Load {
 public:
  explicit Load(std::size_t batch) : batch_size_(batch) {
    cell_.decide(PutStream::kType,
                 encoded(PutStream{.name = "bench",
                                   .terms = {.filters = {"plant/#"}, .max_messages = kKept}}));
    cell_.decide(
        PutConsumer::kType,
        encoded(PutConsumer{
            .stream = "bench", .name = "reader", .terms = {.max_ack_pending = kMaxAckPending}}));
  }

  void round(Cost& cost) {
    for (std::size_t i = 0; i < batch_size_; ++i) {
      batch_.publish({.qos = 1, .topic = "plant/line-4/meter/17", .payload = payload_});
    }
    std::int64_t begin = cpu_ns();
    cell_.decide(batch_.bytes());
    cost.publish_ns += cpu_ns() - begin;
    batch_.clear();

    const Bytes fetch = encoded(Fetch{.stream = "bench",
                                      .consumer = "reader",
                                      .max_messages = static_cast<std::uint32_t>(batch_size_)});
    begin = cpu_ns();
    const ByteView fetched = cell_.decide(Fetch::kType, fetch);
    cost.fetch_ns += cpu_ns() - begin;
    const auto given = decode<Fetch::Answer>(fetched).value();
    KEEL_ASSERT(given.messages.size() == batch_size_);

    ReadMessages read{.stream = "bench"};
    Acknowledge done{.stream = "bench", .consumer = "reader"};
    for (const Delivery& one : given.messages) {
      read.sequences.push_back(one.sequence);
      done.acks.push_back({.sequence = one.sequence});
    }
    const Bytes query = encoded(read);
    begin = cpu_ns();
    const ByteView contents = cell_.query(ReadMessages::kType, query);
    cost.read_ns += cpu_ns() - begin;
    KEEL_ASSERT(contents.size() > batch_size_ * kPayloadBytes);

    const Bytes acks = encoded(done);
    begin = cpu_ns();
    cell_.decide(Acknowledge::kType, acks);
    cost.acknowledge_ns += cpu_ns() - begin;
  }

 private:
  BareStreams cell_;
  std::size_t batch_size_;
  Bytes payload_ = Bytes(kPayloadBytes, std::byte{'p'});
  BatchWriter batch_;
};

void measure(std::uint64_t messages, std::size_t batch) {
  Load load(batch);
  Cost cost;
  const std::uint64_t warm = 2 * kKept / batch;
  for (std::uint64_t i = 0; i < warm; ++i) load.round(cost);
  cost = {};
  const std::uint64_t rounds = messages / batch;
  for (std::uint64_t i = 0; i < rounds; ++i) load.round(cost);
  const auto a_message = std::max<std::int64_t>(static_cast<std::int64_t>(rounds * batch), 1);
  std::printf("batches of %zu: %" PRId64 " ns a message captured, %" PRId64 " fetched, %" PRId64
              " read, %" PRId64 " acknowledged\n",
              batch, cost.publish_ns / a_message, cost.fetch_ns / a_message,
              cost.read_ns / a_message, cost.acknowledge_ns / a_message);
}

}  // namespace
}  // namespace keel::bench

int main(int argc, char** argv) {
  const std::uint64_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
  const std::size_t batch = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64;
  keel::bench::measure(messages, batch);
}
