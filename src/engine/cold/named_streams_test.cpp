// A named stream of large messages, nearly all of them on disk, and a cache that holds few of them:
// whoever wants messages of one topic only gets past all others, a piece at a time.
#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "engine/testing/test_cell.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/streams.hpp"

namespace keel::engine::test {
namespace {

using namespace keel::streams;  // the whole file is about it

constexpr std::uint64_t kMessages = 700;
constexpr std::size_t kMessageBytes = std::size_t{64} << 10;
constexpr std::size_t kCacheBytes = std::size_t{4} << 20;
constexpr std::uint64_t kRowBytes = 128;  // docs/streams.md

Modules make_streams(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Streams>(undo, seed, StreamsOptions{}));
  return modules;
}

// Sequences 1 to kMessages; the last one has the topic "rare".
class ColdStreamTest : public CellTest {
 protected:
  ColdStreamTest() {
    modules_ = make_streams;
    CellOptions options;
    options.cold = {.directory = "keel_data/archive",
                    .hot_bytes = std::size_t{1} << 20,
                    .store = {.block_bytes = 4096, .cache_bytes = kCacheBytes}};
    open(options);
    say(PutStream{.name = "s", .terms = {.filters = {"#"}}});
    const std::string payload(kMessageBytes, 'm');
    for (std::uint64_t sequence = 1; sequence <= kMessages; ++sequence) {
      BatchWriter batch;
      batch.publish({.qos = 1,
                     .topic = sequence == kMessages ? "rare" : "usual",
                     .payload = as_bytes(payload)});
      EXPECT_EQ(command(kBatch, batch.bytes()).code(), 0);
    }
    EXPECT_GT(cell_->statistics().cold_rows, kMessages * kMessageBytes / kRowBytes / 2);
  }

  Asked& command(kernel::CommandType type, ByteView payload) {
    Asked& asked = submit(kernel::Command{.tenant = TenantId(1),
                                          .principal = PrincipalId(5),
                                          .id = CommandId(next_command_++),
                                          .type = type,
                                          .schema_version = kernel::SchemaVersion(1),
                                          .payload = payload});
    run();
    return asked;
  }
  template <typename What>
  Asked& say(const What& what) {
    Bytes payload;
    encode(what, payload);
    Asked& asked = command(What::kType, payload);
    EXPECT_FALSE(asked.error.has_value()) << asked.error->to_string();
    return asked;
  }
  template <typename Query>
  typename Query::Answer look(const Query& query) {
    Bytes payload;
    encode(query, payload);
    Asked& asked = submit(kernel::Query{.tenant = TenantId(1),
                                        .principal = PrincipalId(5),
                                        .type = Query::kType,
                                        .payload = payload});
    run();
    EXPECT_FALSE(asked.error.has_value()) << asked.error->to_string();
    return decode<typename Query::Answer>(asked.answer.payload).value();
  }

 private:
  std::uint64_t next_command_ = 1;
};

TEST_F(ColdStreamTest, a_reader_gets_past_what_its_filter_does_not_want) {
  ReadMessages query{.stream = "s", .filter = "rare"};
  for (std::uint64_t pages = 1;; ++pages) {
    ASSERT_LT(pages, kMessages / 50);
    const auto page = look(query);
    ASSERT_GT(page.next, query.from);
    query.from = page.next;
    if (page.next <= page.last) {
      EXPECT_TRUE(page.messages.empty());
      continue;
    }
    ASSERT_EQ(page.messages.size(), 1u);
    EXPECT_EQ(page.messages[0].sequence, kMessages);
    EXPECT_EQ(page.messages[0].payload.size(), kMessageBytes);
    break;
  }
}

TEST_F(ColdStreamTest, a_consumer_gets_past_what_its_filter_does_not_want) {
  say(PutConsumer{.stream = "s", .name = "c", .terms = {.filter = "rare"}});
  for (std::uint64_t fetches = 1;; ++fetches) {
    ASSERT_LT(fetches, kMessages / 50);
    const std::uint64_t before = cell_->statistics().fetches;
    const Asked& asked = say(Fetch{.stream = "s", .consumer = "c"});
    EXPECT_LE(cell_->statistics().fetches, before + 2) << "all topics are asked for together";
    const auto answer = decode<Fetch::Answer>(asked.answer.payload).value();
    EXPECT_EQ(answer.more, answer.messages.empty());
    if (answer.messages.empty()) continue;
    EXPECT_EQ(answer.messages[0].sequence, kMessages);
    break;
  }
}

TEST_F(ColdStreamTest, is_read_whole_without_a_filter) {
  ReadMessages query{.stream = "s"};
  std::uint64_t read = 0;
  for (;;) {
    const auto page = look(query);
    ASSERT_GT(page.next, query.from);
    for (const StoredMessageView& message : page.messages) {
      EXPECT_EQ(message.sequence, ++read);
      EXPECT_EQ(message.payload.size(), kMessageBytes);
    }
    query.from = page.next;
    if (page.next > page.last) break;
  }
  EXPECT_EQ(read, kMessages);
}

}  // namespace
}  // namespace keel::engine::test
