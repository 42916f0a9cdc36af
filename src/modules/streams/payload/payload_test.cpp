// What BatchWriter writes BatchReader reads; what is malformed is refused.
#include <gtest/gtest.h>

#include "modules/streams/errors.hpp"
#include "modules/streams/payload/batch_reader.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"

namespace keel::streams {
namespace {

constexpr SessionNumber kOne{1};
constexpr SessionNumber kTwo{2};

OpView only(const BatchWriter& writer) {
  BatchReader reader(writer.bytes());
  const OpView op = reader.next().value();
  EXPECT_TRUE(reader.done());
  return op;
}

TEST(StreamsPayload, a_message_comes_back_as_it_was_written) {
  const std::array<std::uint32_t, 2> identifiers{7, 9};
  const std::array targets{
      Target{.session = kOne, .qos = 1},
      Target{.session = kTwo, .qos = 2, .flags = TargetFlag::retain, .identifiers = identifiers}};
  BatchWriter writer;
  ASSERT_TRUE(writer.publish({.publisher = kTwo,
                              .qos = 2,
                              .packet_id = 77,
                              .expiry = Duration::seconds(3),
                              .topic = "a/b",
                              .properties = as_bytes("pp"),
                              .payload = as_bytes("hello"),
                              .targets = targets}));
  const PublishView view = read_publish(only(writer)).value();
  EXPECT_EQ(view.head.publisher, kTwo);
  EXPECT_EQ(view.head.packet_id, 77);
  EXPECT_EQ(view.head.expiry, Duration::seconds(3).ns);
  EXPECT_EQ(view.topic, "a/b");
  EXPECT_EQ(as_text(view.properties), "pp");
  EXPECT_EQ(as_text(view.payload), "hello");
  Targets read(view.targets);
  EXPECT_EQ(read.next().head.session, kOne);
  const TargetView second = read.next();
  EXPECT_EQ(second.head.qos, 2);
  EXPECT_TRUE(second.head.flags.has(TargetFlag::retain));
  EXPECT_EQ(ByteReader(second.identifiers.subspan(4)).read<std::uint32_t>().value(), 9u);
  EXPECT_TRUE(read.done());
}

TEST(StreamsPayload, an_open_comes_back_with_its_will) {
  const Will will{
      .topic = "gone", .payload = as_bytes("x"), .qos = 1, .retain = true, .delay_s = 5};
  BatchWriter writer;
  ASSERT_TRUE(
      writer.open({.client_id = "meter", .clean_start = true, .expiry_s = 60, .will = &will}));
  const OpenView view = read_open(only(writer)).value();
  EXPECT_EQ(view.client_id, "meter");
  EXPECT_TRUE(view.head.flags.has(OpenFlag::clean_start));
  EXPECT_TRUE(view.head.flags.has(OpenFlag::will_retain));
  EXPECT_EQ(view.head.expiry_s, 60u);
  EXPECT_EQ(view.head.will_delay_s, 5u);
  EXPECT_EQ(view.will_topic, "gone");
  EXPECT_EQ(as_text(view.will_payload), "x");
}

TEST(StreamsPayload, small_operations_come_back) {
  BatchWriter writer;
  ASSERT_TRUE(writer.forget(kOne, 4) && writer.release(kOne, EntryNumber(5)) &&
              writer.finish(kTwo, EntryNumber(6)) &&
              writer.close({.session = kOne, .epoch = 2, .flags = CloseFlag::drop_will}) &&
              writer.subscribe({.session = kOne, .filter = "a/+", .options = 0x2d}) &&
              writer.unsubscribe(kOne, "a/#") && writer.drop_will(kTwo));
  EXPECT_EQ(writer.ops(), 7u);
  BatchReader reader(writer.bytes());
  EXPECT_EQ(read_forget(reader.next().value())->packet_id, 4);
  EXPECT_EQ(read_settle(reader.next().value())->entry, EntryNumber(5));
  EXPECT_EQ(read_settle(reader.next().value())->session, kTwo);
  EXPECT_EQ(read_close(reader.next().value())->epoch, 2u);
  EXPECT_EQ(read_subscribe(reader.next().value())->filter, "a/+");
  EXPECT_EQ(read_unsubscribe(reader.next().value())->filter, "a/#");
  EXPECT_EQ(read_drop_will(reader.next().value())->session, kTwo);
  EXPECT_TRUE(reader.done());
}

TEST(StreamsPayload, a_full_batch_takes_no_more) {
  BatchWriter writer;
  for (std::size_t i = 0; i < kMaxBatchOps; ++i) ASSERT_TRUE(writer.forget(kOne, 1));
  const std::size_t bytes = writer.bytes().size();
  EXPECT_FALSE(writer.forget(kOne, 1));
  EXPECT_EQ(writer.bytes().size(), bytes);
  writer.clear();
  EXPECT_TRUE(writer.empty());
  EXPECT_TRUE(writer.forget(kOne, 1));
}

// Every cut of a batch is refused or reads as fewer operations, and nothing else.
TEST(StreamsPayload, what_is_cut_is_refused) {
  const std::array targets{Target{.session = kOne, .qos = 1}};
  BatchWriter writer;
  ASSERT_TRUE(
      writer.publish({.qos = 1, .topic = "t", .payload = as_bytes("payload"), .targets = targets}));
  for (std::size_t size = 1; size < writer.bytes().size(); ++size) {
    EXPECT_FALSE(BatchReader(writer.bytes().first(size)).next().ok()) << size;
  }
}

TEST(StreamsPayload, messages_that_make_no_sense_are_refused) {
  const std::array targets{Target{.session = kOne, .qos = 1}};
  const auto refused = [](const Publish& publish) {
    BatchWriter writer;
    EXPECT_TRUE(writer.publish(publish));
    return !read_publish(only(writer)).ok();
  };
  EXPECT_TRUE(refused({.qos = 0, .topic = "t", .targets = targets}));
  EXPECT_TRUE(refused({.qos = 0, .topic = "t"}));
  EXPECT_TRUE(refused({.qos = 3, .topic = "t"}));
  EXPECT_TRUE(refused({.qos = 1, .topic = ""}));
  EXPECT_TRUE(refused({.publisher = kOne, .qos = 1, .packet_id = 1, .topic = "t"}));
  EXPECT_TRUE(refused({.qos = 2, .packet_id = 1, .topic = "t"}));
  EXPECT_TRUE(refused({.qos = 1, .flags = PublishFlag::will, .topic = "t"}));
  EXPECT_TRUE(refused({.qos = 1, .expiry = Duration::nanoseconds(-1), .topic = "t"}));
  const std::array zero{Target{.session = SessionNumber(0), .qos = 1}};
  EXPECT_TRUE(refused({.qos = 1, .topic = "t", .targets = zero}));
  EXPECT_FALSE(refused({.qos = 1, .topic = "t", .targets = targets}));
}

TEST(StreamsPayload, packet_ids_are_never_zero) {
  EXPECT_EQ(packet_id_of(EntryNumber(65'534)), 65'535);
  EXPECT_EQ(packet_id_of(EntryNumber(65'535)), 1);
  EXPECT_EQ(packet_id_of(EntryNumber(65'536)), 2);
}

TEST(StreamsPayload, a_reply_that_is_cut_is_refused) {
  Bytes reply;
  append(reply, object_bytes(BatchReplyHead{.results = 1, .dropped = 0}));
  append(reply, object_bytes(ResultHead{.code = OpCode::done, .reserved = 0, .numbers = 1}));
  BatchReply cut = BatchReply::read(reply).value();
  EXPECT_TRUE(cut.next_result().error().is(kBadReply));
  append(reply, object_bytes(std::uint64_t{3}));
  EXPECT_EQ(BatchReply::read(reply)->next_result()->entry(0), EntryNumber(3));
}

}  // namespace
}  // namespace keel::streams
