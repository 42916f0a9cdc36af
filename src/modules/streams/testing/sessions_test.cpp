// Clients come and go: sessions, their expiry, wills and subscriptions.
#include "modules/streams/errors.hpp"
#include "modules/streams/events.hpp"
#include "modules/streams/testing/streams_kit.hpp"

namespace keel::streams::testing {
namespace {

constexpr Will kWill{.topic = "gone", .qos = 1, .delay_s = 5};

TEST(StreamsSession, is_found_again_by_its_client) {
  StreamsKit kit;
  const Opened first = kit.open("meter", 60);
  EXPECT_FALSE(first.present);
  EXPECT_EQ(kit.close(first.session), OpCode::done);
  const Opened again = kit.open("meter", 60);
  EXPECT_TRUE(again.present);
  EXPECT_EQ(again.session, first.session);
  EXPECT_EQ(again.epoch, first.epoch + 1);
}

TEST(StreamsSession, of_another_tenant_is_another_one) {
  StreamsKit kit;
  const Opened mine = kit.open("meter");
  kit.subscribe(mine.session, "a/#");
  kit.harness.set_tenant(TenantId(2));
  const Opened theirs = kit.open("meter");
  EXPECT_FALSE(theirs.present);
  EXPECT_NE(theirs.session, mine.session);
  EXPECT_TRUE(kit.subscriptions(mine.session).empty());
  EXPECT_EQ(kit.publish(mine.session, "a/b", "x"), kTargetMissing);
  EXPECT_EQ(kit.close(mine.session), OpCode::no_session);
  EXPECT_EQ(kit.sessions().size(), 1u);
}

TEST(StreamsSession, ends_when_its_time_is_over) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 60);
  kit.publish(opened.session, "a", "x");
  kit.close(opened.session);
  kit.harness.advance(Duration::seconds(59));
  EXPECT_EQ(kit.expire(), 0u);
  EXPECT_EQ(kit.sessions().size(), 1u);
  kit.harness.advance(Duration::seconds(2));
  EXPECT_EQ(kit.expire(), 2u);  // it ends, and what it had is removed
  EXPECT_TRUE(kit.sessions().empty());
  EXPECT_EQ(kit.statistics().entries, 0u);
  EXPECT_FALSE(kit.harness.next_due().has_value());
}

TEST(StreamsSession, that_is_overdue_is_not_found_again) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 10);
  kit.close(opened.session);
  kit.harness.advance(Duration::seconds(11));
  const Opened again = kit.open("meter", 10);
  EXPECT_FALSE(again.present);
  EXPECT_NE(again.session, opened.session);
}

TEST(StreamsSession, that_is_connected_does_not_expire) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 1);
  kit.close(opened.session);
  kit.open("meter", 1);
  kit.harness.advance(Duration::seconds(1'000));
  EXPECT_EQ(kit.expire(), 0u);
  EXPECT_EQ(kit.sessions().at(0).head.state, SessionState::connected);
}

TEST(StreamsSession, may_say_at_its_close_how_long_it_is_kept) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", kNeverExpires);
  EXPECT_EQ(kit.close(opened.session, CloseFlag::expiry, 0), OpCode::done);
  EXPECT_TRUE(kit.sessions().empty());
  EXPECT_FALSE(kit.open("meter").present);
}

TEST(StreamsSession, is_not_closed_by_a_connection_that_was_taken_over) {
  StreamsKit kit;
  const Opened first = kit.open("meter");
  const Opened second = kit.open("meter");
  BatchWriter batch;
  batch.close({.session = first.session, .epoch = first.epoch});
  EXPECT_EQ(kit.one(batch).code, OpCode::stale);
  batch.close({.session = second.session, .epoch = second.epoch});
  EXPECT_EQ(kit.one(batch).code, OpCode::done);
}

// A thousand entries do not go at once.
TEST(StreamsSession, is_removed_in_pieces) {
  StreamsKit kit({.session_entries = 1'000}, 100);
  const Opened opened = kit.open("meter");
  const std::array targets{Target{.session = opened.session, .qos = 1}};
  BatchWriter batch;
  for (int i = 0; i < 1'000; ++i) batch.publish({.qos = 1, .topic = "t", .targets = targets});
  kit.run(batch);
  kit.subscribe(opened.session, "a");
  kit.open("meter", 60, true);  // a clean start
  EXPECT_EQ(kit.statistics().entries, 1'000u);
  const auto piece = kit.harness.when_due(1);
  ASSERT_EQ(piece.events.size(), 1u);
  EXPECT_EQ(piece.only<SessionPurged>().entries, 64u);
  EXPECT_EQ(kit.statistics().entries, 936u);
  EXPECT_EQ(kit.publish(opened.session, "t", ""), kTargetMissing) << "it has ended";
  kit.expire(3);
  EXPECT_EQ(kit.sessions().size(), 1u);
  EXPECT_EQ(kit.statistics().entries, 0u);
  EXPECT_EQ(kit.statistics().subscriptions, 0u);
}

TEST(StreamsSession, counts_what_is_connected) {
  StreamsKit kit;
  const Opened one = kit.open("one", 60);
  kit.open("two", 60);
  kit.open("one", 60);
  EXPECT_EQ(kit.statistics().connected, 2u);
  kit.close(one.session);
  kit.close(one.session);
  EXPECT_EQ(kit.statistics().connected, 1u);
  kit.open("two", 60, true);
  EXPECT_EQ(kit.statistics().connected, 1u);
}

TEST(StreamsSession, is_refused_when_there_are_too_many) {
  StreamsKit kit({.max_sessions = 2});
  const Opened one = kit.open("one");
  kit.subscribe(one.session, "a");
  kit.open("two");
  BatchWriter batch;
  batch.open({.client_id = "three"});
  EXPECT_EQ(kit.one(batch).code, OpCode::sessions_full);
  // A clean start needs a second place until the first is removed: it is refused, and has done
  // nothing.
  batch.open({.client_id = "one", .clean_start = true});
  EXPECT_EQ(kit.one(batch).code, OpCode::sessions_full);
  EXPECT_EQ(kit.subscriptions(one.session).size(), 1u);
  // One that has nothing goes at once.
  batch.open({.client_id = "two", .clean_start = true});
  EXPECT_EQ(kit.one(batch).code, OpCode::done);
}

TEST(StreamsWill, is_due_after_its_delay_and_published_once) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 60, false, &kWill);
  EXPECT_TRUE(kit.wills().at(opened.session.value()).due_at.is_never());
  const Timestamp closed_at = kit.harness.now();
  kit.close(opened.session);
  EXPECT_EQ(kit.wills().at(opened.session.value()).due_at, closed_at + Duration::seconds(5));
  EXPECT_EQ(kit.wills().at(opened.session.value()).message.topic, "gone");

  BatchWriter batch;
  const Publish publish{
      .publisher = opened.session, .qos = 1, .flags = PublishFlag::will, .topic = "gone"};
  batch.publish(publish);
  batch.publish(publish);
  const Outcome outcome = kit.run(batch);
  EXPECT_EQ(outcome.results[0].code, OpCode::done);
  EXPECT_EQ(outcome.results[1].code, OpCode::no_will);
  EXPECT_TRUE(kit.wills().empty());
}

TEST(StreamsWill, is_due_no_later_than_its_session_ends) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 2, false, &kWill);
  const Timestamp closed_at = kit.harness.now();
  kit.close(opened.session);
  EXPECT_EQ(kit.wills().at(opened.session.value()).due_at, closed_at + Duration::seconds(2));
  kit.harness.advance(Duration::seconds(3));
  kit.expire();
  // The session is kept for it, and goes with it.
  EXPECT_EQ(kit.sessions().at(0).head.state, SessionState::ended);
  BatchWriter batch;
  batch.publish(
      {.publisher = opened.session, .qos = 1, .flags = PublishFlag::will, .topic = "gone"});
  EXPECT_EQ(kit.one(batch).code, OpCode::done);
  EXPECT_TRUE(kit.sessions().empty());
}

TEST(StreamsWill, is_dropped_when_the_client_says_goodbye_or_comes_back) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 60, false, &kWill);
  kit.close(opened.session, CloseFlag::drop_will);
  EXPECT_TRUE(kit.wills().empty());
  kit.open("meter", 60, false, &kWill);
  kit.close(opened.session);
  kit.open("meter", 60);
  EXPECT_TRUE(kit.wills().empty());
  EXPECT_EQ(kit.statistics().content_bytes, 0u);
}

TEST(StreamsWill, of_a_session_that_a_clean_start_ends_is_named) {
  StreamsKit kit;
  const Opened opened = kit.open("meter", 60, false, &kWill);
  kit.close(opened.session);
  const Opened clean = kit.open("meter", 60, true);
  EXPECT_EQ(clean.will_of, opened.session);
  EXPECT_LE(kit.wills().at(opened.session.value()).due_at, kit.harness.now());
  BatchWriter batch;
  batch.drop_will(opened.session);
  EXPECT_EQ(kit.one(batch).code, OpCode::done);
  EXPECT_EQ(kit.sessions().size(), 1u);
}

TEST(StreamsSubscription, is_kept_replaced_and_removed) {
  StreamsKit kit;
  const Opened opened = kit.open("meter");
  const std::string longer = std::string(70, 'x') + "/#";
  EXPECT_EQ(kit.subscribe(opened.session, longer, 2), OpCode::done);
  EXPECT_EQ(kit.subscribe(opened.session, "a/+", 1), OpCode::done);
  EXPECT_EQ(kit.subscribe(opened.session, longer, 1), OpCode::replaced);
  EXPECT_EQ(kit.subscriptions({}).at(longer).options, 1);
  EXPECT_EQ(kit.subscriptions(opened.session, 1).size(), 2u);  // a row a page
  BatchWriter batch;
  batch.unsubscribe(opened.session, longer);
  EXPECT_EQ(kit.one(batch).code, OpCode::done);
  batch.unsubscribe(opened.session, longer);
  EXPECT_EQ(kit.one(batch).code, OpCode::no_subscription);
  EXPECT_EQ(kit.statistics().content_bytes, 0u);
}

TEST(StreamsSubscription, is_bounded_for_each_session_and_for_all) {
  StreamsKit kit({.max_subscriptions = 3, .session_subscriptions = 2});
  const Opened one = kit.open("one");
  const Opened two = kit.open("two");
  kit.subscribe(one.session, "a");
  kit.subscribe(one.session, "b");
  EXPECT_EQ(kit.subscribe(one.session, "c"), OpCode::subscriptions_full);
  EXPECT_EQ(kit.subscribe(one.session, "b"), OpCode::replaced);
  EXPECT_EQ(kit.subscribe(two.session, "a"), OpCode::done);
  EXPECT_EQ(kit.subscribe(two.session, "b"), OpCode::subscriptions_full);
}

TEST(StreamsBatch, that_is_malformed_writes_nothing) {
  StreamsKit kit;
  const auto decide = [&](ByteView payload) { return kit.harness.when(kBatch, payload); };
  EXPECT_TRUE(decide(as_bytes("?")).is(kBadBatch));
  EXPECT_TRUE(decide(object_bytes(OpHead{.bytes = 8, .kind = OpKind{99}})).is(kBadBatch));
  EXPECT_TRUE(decide(object_bytes(OpHead{.bytes = 8, .kind = OpKind::drop})).is(kBadBatch));
  BatchWriter batch;
  batch.open({.client_id = "meter"});
  Bytes bytes(batch.bytes().begin(), batch.bytes().end());
  bytes.push_back(std::byte{1});
  EXPECT_TRUE(decide(bytes).is(kBadBatch));
  EXPECT_TRUE(kit.sessions().empty());
  const Bytes long_batch(kMaxBatchBytes + 1);
  EXPECT_TRUE(decide(long_batch).is(kBatchTooLarge));
  EXPECT_TRUE(decide({}).ok());
}

TEST(StreamsQuery, of_another_size_or_type_is_refused) {
  StreamsKit kit;
  EXPECT_TRUE(kit.harness.query(kListSessions, as_bytes("x")).error().is(kBadQuery));
  EXPECT_TRUE(kit.harness.query(kFindRetained, object_bytes(FindRetained{})).error().is(kBadQuery));
  EXPECT_TRUE(kit.harness.query(kStatistics, as_bytes("x")).error().is(kBadQuery));
  EXPECT_TRUE(kit.harness.query(kernel::QueryType(kModule, 99), {}).error().is(kUnknownType));
}

}  // namespace
}  // namespace keel::streams::testing
