#include <gtest/gtest.h>

#include <random>

#include "base/hash/crc32c.hpp"
#include "journal/chain.hpp"
#include "journal/group_buffer.hpp"
#include "journal/merkle.hpp"

namespace keel::journal {
namespace {

// RFC 6962, section 2.1, as it is written there.
Digest merkle_as_defined(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256(ByteView());
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return merkle_node(merkle_as_defined(leaves.first(left)),
                     merkle_as_defined(leaves.subspan(left)));
}

TEST(Merkle, both_ways_give_the_tree_of_the_rfc) {
  std::vector<Digest> leaves;
  for (int count = 0; count <= 70; ++count) {
    MerkleStack stack;
    for (const Digest& leaf : leaves) stack.add(leaf);
    const Digest defined = merkle_as_defined(leaves);
    EXPECT_EQ(stack.finish(), defined) << count;
    std::vector<Digest> copy = leaves;
    EXPECT_EQ(merkle_root_in_place(copy), defined) << count;
    leaves.push_back(sha256(as_bytes(std::to_string(count))));
  }
}

TEST(Merkle, known_value_of_the_empty_tree) {
  EXPECT_EQ(to_hex(merkle_root_in_place({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// A seeded source of numbers.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  unsigned operator()() { return static_cast<unsigned>(engine_()); }

 private:
  std::mt19937 engine_;
};

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  Random random(seed);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

Envelope envelope_at(std::int64_t time, std::uint32_t type = 7) {
  return {.sequence = {},
          .time = {time},
          .tenant = TenantId(3),
          .principal = PrincipalId(4),
          .command = CommandId((uint128{1} << 100) + 5),
          .correlation = CorrelationId(6),
          .causation = CausationId(8),
          .type = type,
          .schema_version = 2,
          .row_bytes = 128};
}

const GroupPlace kPlace{.flags = kFlagFirstOfSegment,
                        .identity = {.journal_id = {std::byte{9}}, .cell = CellId(1)},
                        .segment_index = 1,
                        .group_number = 5,
                        .epoch = 2,
                        .file_offset = kBlockBytes,
                        .previous = {std::byte{1}}};
const Place kWhere{
    .segment_index = 1, .offset = kBlockBytes, .segment_bytes = std::uint64_t{64} << 20};

struct ModelRecord {
  std::int64_t time;
  Bytes payload;
};

// Reads the finished group back by the rules of the format and compares it with the model.
void expect_group_holds(GroupBuffer& group, const std::vector<ModelRecord>& model,
                        Timestamp time_before) {
  group.finish(kPlace);
  const auto header = group_header_at(group.group_bytes(), kWhere, ChainState());
  ASSERT_TRUE(header.has_value());
  ASSERT_EQ(header->record_count, model.size());
  const auto problem = check_body(*header, group.group_bytes(), time_before, BodyCheck::merkle);
  ASSERT_FALSE(problem.has_value()) << problem->name << ": " << problem->expected;
  GroupRecords records(*header, group.group_bytes());
  std::uint64_t sequence = header->first_sequence.value();
  for (const ModelRecord& expected : model) {
    const auto record = records.next();
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->envelope.sequence.value(), sequence++);
    EXPECT_EQ(record->envelope.time.ns, expected.time);
    EXPECT_TRUE(record->envelope.command == CommandId((uint128{1} << 100) + 5));
    EXPECT_TRUE(std::ranges::equal(record->payload, expected.payload));
  }
  EXPECT_FALSE(records.next().has_value());
}

TEST(GroupBuffer, gives_back_what_was_put_in) {
  GroupBuffer group({.bytes = 64 << 10, .records = 100});
  group.begin(Position(41), {10});
  EXPECT_EQ(group.append(envelope_at(10), as_bytes("hello")).value().value(), 42u);
  EXPECT_EQ(group.append(envelope_at(12), {}).value().value(), 43u);
  EXPECT_EQ(group.last(), Position(43));
  expect_group_holds(
      group, {{10, Bytes(as_bytes("hello").begin(), as_bytes("hello").end())}, {12, {}}}, {10});
}

TEST(GroupBuffer, refuses_what_does_not_fit_and_keeps_what_it_has) {
  GroupBuffer group({.bytes = 8192, .records = 3});
  group.begin(Position(0), {});
  const std::size_t room = group.remaining_bytes();
  EXPECT_FALSE(group.append(envelope_at(1), Bytes(room + 1)).has_value());
  EXPECT_TRUE(group.append(envelope_at(1), Bytes(room - 1)).has_value());
  EXPECT_TRUE(group.extend_last(Bytes(1)));
  EXPECT_FALSE(group.extend_last(Bytes(1)));
  EXPECT_EQ(group.remaining_bytes(), 0u);
  EXPECT_FALSE(group.append(envelope_at(1), {}).has_value());
  EXPECT_EQ(group.extent_bytes(), 8192u);
  expect_group_holds(group, {{1, Bytes(room)}}, {});

  group.begin(Position(0), {});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(group.append(envelope_at(1), {}).has_value());
  EXPECT_FALSE(group.append(envelope_at(1), {}).has_value());  // as many records as it may hold
}

TEST(GroupBuffer, an_empty_group_is_a_seal) {
  GroupBuffer group({.bytes = 4096, .records = 1});
  group.begin(Position(9), {77});
  const GroupHeader header = group.finish(kPlace);
  EXPECT_TRUE(header.is_seal());
  EXPECT_EQ(header.last_time.ns, 77);
  EXPECT_EQ(header.last_sequence(), Position(9));
  EXPECT_EQ(group.group_bytes().size(), 4096u);
  expect_group_holds(group, {}, {77});
}

TEST(GroupBufferDeathTest, time_never_runs_backwards) {
  GroupBuffer group({.bytes = 4096, .records = 8});
  group.begin(Position(0), {5});
  EXPECT_DEATH(static_cast<void>(group.append(envelope_at(4), {})), "assertion failed");
}

// Random appends, growing records, marks and truncations against a plain list.
TEST(GroupBuffer, agrees_with_a_model_whatever_is_taken_back) {
  struct Marked {
    GroupBuilder::Mark mark;
    std::vector<ModelRecord> model;
  };
  GroupBuffer group({.bytes = 512 << 10, .records = 400});
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    std::vector<ModelRecord> model;
    std::vector<Marked> marks;
    std::int64_t time = 100;
    group.begin(Position(seed), {time});
    const unsigned steps = random() % 150;
    for (unsigned step = 0; step < steps; ++step) {
      switch (random() % 9) {
        case 0:
        case 1:
        case 2: {
          time += random() % 3;
          Bytes payload = pattern(random() % 8 == 0 ? random() % 50'000 : random() % 200, random());
          const bool fits = payload.size() <= group.remaining_bytes() && group.record_count() < 400;
          EXPECT_EQ(group.append(envelope_at(time), payload).has_value(), fits);
          if (fits) model.push_back({time, std::move(payload)});
          break;
        }
        case 3:
        case 4:
        case 5: {
          if (model.empty()) break;
          for (unsigned rows = random() % 200; rows > 0; --rows) {
            const Bytes row = pattern(128, random());
            if (!group.extend_last(row)) break;
            append(model.back().payload, row);
          }
          break;
        }
        case 6:
          marks.push_back({group.mark(), model});
          break;
        case 7:
          group.close_last();
          break;
        default:
          if (marks.empty()) break;
          group.truncate(marks.back().mark);
          model = marks.back().model;
          time = std::max<std::int64_t>(100, model.empty() ? 0 : model.back().time);
          marks.pop_back();
          break;
      }
      EXPECT_EQ(group.last().value(), seed + model.size());
    }
    expect_group_holds(group, model, {100});
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Headers, every_flipped_bit_is_seen) {
  std::array<std::byte, kGroupHeaderBytes> group;
  encode(GroupHeader{.flags = kFlagSeal,
                     .group_number = 2,
                     .first_sequence = Position(1),
                     .epoch = 1,
                     .file_offset = 8192},
         group);
  ASSERT_TRUE(decode_group_header(group).has_value());
  std::array<std::byte, kSegmentHeaderBytes> segment;
  encode(SegmentHeader{.segment_index = 1, .segment_bytes = 65536}, segment);
  ASSERT_TRUE(decode_segment_header(segment).has_value());
  std::array<std::byte, kHeadEntryBytes> head;
  encode(HeadEntry{.group_number = 4}, head);
  ASSERT_TRUE(decode_head_entry(head).has_value());

  const auto flipped = [](auto bytes, std::size_t bit) {
    bytes.at(bit / 8) ^= std::byte{1} << (bit % 8);
    return bytes;
  };
  for (std::size_t bit = 0; bit < 8 * kGroupHeaderBytes; ++bit) {
    EXPECT_FALSE(decode_group_header(flipped(group, bit)).has_value()) << bit;
    EXPECT_FALSE(decode_segment_header(flipped(segment, bit)).has_value()) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * kHeadEntryBytes; ++bit) {
    EXPECT_FALSE(decode_head_entry(flipped(head, bit)).has_value()) << bit;
  }
}

TEST(Names, segments_are_named_by_class_and_index) {
  EXPECT_EQ(segment_name(1, SegmentClass::main), "00000000000000000001.main.segment");
  EXPECT_EQ(segment_index("00000000000000000017.stream.segment", SegmentClass::stream), 17u);
  EXPECT_FALSE(segment_index("00000000000000000017.stream.segment", SegmentClass::main));
  EXPECT_FALSE(segment_index("00000000000000000001.main.segment.new", SegmentClass::main));
  EXPECT_FALSE(segment_index("0000000000000000001x.main.segment", SegmentClass::main));
  EXPECT_FALSE(segment_index("", SegmentClass::main));
}

}  // namespace
}  // namespace keel::journal
