// Statistics: what a cell has done since it was opened. Counters only rise; gauges say so. A plain
// struct, read on the cell's core and copied elsewhere.
#pragma once

#include <cstdint>

namespace keel::engine {

struct Statistics {
  // Requests, by how they ended. commands counts those that were decided and journalled.
  std::uint64_t commands = 0;
  std::uint64_t queries = 0;
  std::uint64_t repeated = 0;  // the id had been answered before
  std::uint64_t not_allowed = 0;
  std::uint64_t malformed = 0;     // no such command, no id, too large, or the module's invalid
  std::uint64_t conflicts = 0;     // an id with another body, or a wrong revision
  std::uint64_t other_errors = 0;  // any other error of a module
  std::uint64_t shed = 0;          // a queue or the table of ids was full, or the cell is stopping
  std::uint64_t taken_back = 0;    // decided, then refused by the journal
  std::uint64_t unknown = 0;       // answered with kOutcomeUnknown

  std::uint64_t groups = 0;         // durable
  std::uint64_t group_records = 0;  // in them
  std::uint64_t groups_refused = 0;
  std::uint64_t refusing = 0;  // gauge: 1 when the last group was refused
  std::uint64_t most_commands_a_group = 0;

  std::uint64_t time_batches = 0;  // batches that time caused
  std::uint64_t time_events = 0;

  std::uint64_t snapshots = 0;
  std::uint64_t snapshots_failed = 0;        // or abandoned
  std::uint64_t largest_snapshot_slice = 0;  // bytes

  std::uint64_t clock_holds = 0;  // the wall clock jumped and was not believed
  std::uint64_t clock_held = 0;   // gauge: 1 while it is held

  std::uint64_t waiting = 0;  // gauge: requests not yet decided
  std::uint64_t most_waiting = 0;
  std::uint64_t awaiting_durable = 0;  // gauge: answers that wait for their group
  std::uint64_t groups_in_flight = 0;  // gauge
  std::uint64_t command_ids = 0;       // gauge
  std::uint64_t command_id_bytes = 0;  // gauge

  // Old rows on disk; all zero without an archive.
  std::uint64_t hot_rows = 0;       // gauge: of append-only tables, in memory
  std::uint64_t hot_row_bytes = 0;  // gauge
  std::uint64_t cold_rows = 0;      // gauge: in the archive
  std::uint64_t cold_bytes = 0;     // gauge: of its files
  std::uint64_t cold_runs = 0;      // gauge: sorted runs that a search goes through
  std::uint64_t flushes = 0;        // times that rows were moved
  std::uint64_t flushes_failed = 0;
  std::uint64_t flushed_bytes = 0;
  std::uint64_t merged_bytes = 0;
  std::uint64_t fetches = 0;        // rounds in which a command or query waited for blocks
  std::uint64_t fetches_ahead = 0;  // commands whose needs were looked up meanwhile
  std::uint64_t fetch_ns = 0;       // waited, summed
  std::uint64_t fetched_bytes = 0;
  std::uint64_t cache_hits = 0;
  std::uint64_t cache_misses = 0;
  std::uint64_t cache_bytes = 0;  // gauge

  // Sums, for rates: from launching a group to its end; from a request's arrival in the cell to its
  // answer, over `answered` requests.
  std::uint64_t append_ns = 0;
  std::uint64_t answer_ns = 0;
  std::uint64_t answered = 0;
};

}  // namespace keel::engine
