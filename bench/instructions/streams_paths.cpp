#include "bench/streams/bare_streams.hpp"
#include "counted.hpp"

namespace keel::bench {
namespace {

using namespace keel::streams;  // the whole file is about it

constexpr std::uint64_t kSessions = 1'000;
constexpr std::size_t kMessages = 64;

// Messages of 128 bytes to a kept session each.
Bytes messages(std::uint64_t& next) {
  const Bytes payload(128, std::byte{'p'});
  BatchWriter batch;
  for (std::size_t i = 0; i < kMessages; ++i) {
    const std::array targets{
        Target{.session = SessionNumber(next++ * 7919 % kSessions + 1), .qos = 1}};
    batch.publish({.publisher = SessionNumber(1),
                   .qos = 1,
                   .topic = "plant/line-4/meter/17",
                   .payload = payload,
                   .targets = targets});
  }
  return {batch.bytes().begin(), batch.bytes().end()};
}

}  // namespace

void count_streams_paths() {
  BareStreams cell;
  BatchWriter opens;
  for (std::uint64_t client = 0; client < kSessions; ++client) {
    opens.open({.client_id = "client-" + std::to_string(client), .expiry_s = kNeverExpires});
  }
  cell.decide(opens.bytes());

  constexpr std::size_t kBatches = 20;
  std::uint64_t next = 0;
  std::vector<Bytes> batches;
  for (std::size_t i = 0; i <= kBatches; ++i) batches.push_back(messages(next));
  std::size_t batch = 0;
  counted("streams: a message of a batch of 64", kBatches, kMessages,
          [&] { cell.decide(batches.at(batch++)); });

  // Of each session the first entry, which the messages above have left.
  BatchWriter finishes;
  std::vector<Bytes> settled;
  for (std::size_t i = 0; i <= kBatches / 2; ++i) {
    for (std::size_t entry = 0; entry < kMessages; ++entry) {
      const std::uint64_t session = (i * kMessages + entry) * 7919 % kSessions + 1;
      finishes.finish(SessionNumber(session), EntryNumber(1));
    }
    settled.emplace_back(finishes.bytes().begin(), finishes.bytes().end());
    finishes.clear();
  }
  batch = 0;
  counted("streams: an entry finished, of a batch of 64", kBatches / 2, kMessages,
          [&] { cell.decide(settled.at(batch++)); });
}

}  // namespace keel::bench
