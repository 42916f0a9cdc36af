// For the tests of the local journal: a machine of the simulated world with a journal on its disk,
// driven step by step.
#pragma once

#include <gtest/gtest.h>

#include "journal/errors.hpp"
#include "journal/local/local_journal.hpp"
#include "journal/verify/verify.hpp"
#include "sim/world/rig.hpp"

namespace keel::journal {

using runtime::Task;
using sim::quiet_world;
using sim::Rig;

// Small segments and groups, so that little work crosses many boundaries.
inline LocalOptions small_options() {
  LocalOptions options;
  options.cell = CellId(1);
  options.first_segment_bytes = 64 << 10;
  options.segment_bytes = 64 << 10;
  options.group = {.bytes = 32 << 10, .records = 256};
  return options;
}

inline constexpr std::string_view kDirectory = "data/journal";

// What a payload is, so that it can be told apart and its size is known from its number.
inline Bytes payload_of(std::uint64_t number, std::size_t size_bytes) {
  Bytes bytes(size_bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>((number * 131 + i * 7 + (i >> 8)) & 0xff);
  }
  return bytes;
}

inline Envelope envelope_of(std::uint64_t number) {
  return {.time = {static_cast<std::int64_t>(1000 + number)},
          .tenant = TenantId(7),
          .command = CommandId(number),
          .type = 0x10001,
          .schema_version = 1};
}

// Appends a group of `count` records of `size_bytes` each, numbered by their positions.
inline Task<AppendResult> append_records(Journal* journal, std::size_t count,
                                         std::size_t size_bytes) {
  GroupBuilder* group = journal->form();
  KEEL_ASSERT(group != nullptr);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t number = group->last().value() + 1;
    const auto position = group->append(envelope_of(number), payload_of(number, size_bytes));
    KEEL_ASSERT(position.has_value());
  }
  co_return co_await journal->append(*group);
}

// Reads everything after a position; checks that positions follow and payloads are right.
inline Task<Result<std::uint64_t>> read_all(Journal* journal, Position after) {
  const auto cursor = KEEL_CO_TRY(co_await journal->read(after));
  std::uint64_t expected = after.value();
  while (auto record = KEEL_CO_TRY(co_await cursor->next())) {
    ++expected;
    EXPECT_EQ(record->envelope.sequence.value(), expected);
    EXPECT_TRUE(record->envelope.command == CommandId(expected));
    EXPECT_TRUE(std::ranges::equal(record->payload, payload_of(expected, record->payload.size())));
  }
  co_return expected;
}

}  // namespace keel::journal
