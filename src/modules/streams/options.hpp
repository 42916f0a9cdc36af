// How much a cell's streams module may hold, all tenants together unless it says otherwise. Memory
// a row: docs/streams.md.
#pragma once

#include <cstdint>

namespace keel::streams {

// What happens to a message for a session whose queue is full.
enum class WhenFull : std::uint8_t {
  refuse_newest,  // the session does not get it
  drop_oldest,    // its oldest entries that wait to be sent make room
};

struct StreamsOptions {
  std::uint64_t max_sessions = 1'000'000;
  std::uint64_t max_subscriptions = 2'000'000;
  std::uint64_t max_entries = 20'000'000;  // in all queues
  std::uint64_t max_inbound = 2'000'000;   // packet ids that wait for their release
  std::uint64_t max_retained = 1'000'000;  // topics
  std::uint64_t max_retained_bytes = std::uint64_t{1} << 30;
  // From the oldest message that anybody waits for on, in memory and on disk.
  std::uint64_t max_message_bytes = std::uint64_t{8} << 30;
  // Of client ids, filters, wills and retained messages, in memory: pieces of 128 bytes.
  std::uint64_t max_content_rows = 16'000'000;

  // Named streams and their consumers.
  std::uint64_t max_streams = 4'096;
  // Of all streams, from the oldest message that is in one on, in memory and on disk.
  std::uint64_t max_stream_bytes = std::uint64_t{64} << 30;
  // Of up to 32 messages of a stream, in memory.
  std::uint64_t max_blocks = 4'000'000;
  std::uint64_t max_consumers = 16'384;
  std::uint64_t max_pending = 4'000'000;  // deliveries that wait to be acknowledged

  // A session's.
  std::uint32_t session_entries = 1'000;
  std::uint64_t session_bytes = std::uint64_t{16} << 20;  // of messages, shared ones counted too
  std::uint32_t session_subscriptions = 1'000;
  WhenFull when_full = WhenFull::refuse_newest;
};

}  // namespace keel::streams
