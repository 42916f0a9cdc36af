// Random batches, expiries and restarts of clients go to the module and to the model: the same
// answers, and the same queues, QoS 2 state, wills, retained messages and subscriptions after each.
// The harness beneath decides everything with two hash keys, takes it back, replays it, loads
// snapshots of it, and has all messages on disk in one of its cells.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modules/streams/testing/streams_kit.hpp"

namespace keel::streams::testing {
namespace {

// Small numbers that stand for an operation, so that a failing case can be made smaller.
struct Plan {
  int kind = 0;
  int who = 0;    // a client
  int other = 0;  // another one, an entry, a topic
  int value = 0;
};

struct Step {
  int advance_s = 0;
  std::vector<Plan> plans;
};

void showValue(const Step& step, std::ostream& to) {
  to << "after " << step.advance_s << " s:";
  for (const Plan& plan : step.plans) {
    to << " {" << plan.kind << ',' << plan.who << ',' << plan.other << ',' << plan.value << '}';
  }
}

// The whole range, however small the case is.
rc::Gen<int> below(int end) {
  return rc::gen::resize(100, rc::gen::inRange(0, end));
}

rc::Gen<Plan> a_plan() {
  return rc::gen::build<Plan>(
      rc::gen::set(&Plan::kind, below(20)), rc::gen::set(&Plan::who, below(5)),
      rc::gen::set(&Plan::other, below(7)), rc::gen::set(&Plan::value, below(60)));
}

rc::Gen<Step> a_step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::advance_s, below(4)),
      rc::gen::set(&Step::plans,
                   rc::gen::resize(20, rc::gen::container<std::vector<Plan>>(a_plan()))));
}

// Bounds that are reached.
StreamsOptions tight(WhenFull when_full) {
  return {.session_entries = 6,
          .session_bytes = 900,
          .session_subscriptions = 3,
          .when_full = when_full};
}

class Player {
 public:
  explicit Player(WhenFull when_full)
      : options_(tight(when_full)), kit_(options_, 7), model_(options_) {}

  void play(const Step& step) {
    kit_.harness.advance(Duration::seconds(step.advance_s));
    kit_.expire();
    model_.expire(kit_.expired_at());
    const Timestamp now = kit_.harness.now();
    BatchWriter batch;
    std::vector<ModelResult> expected;
    for (const Plan& plan : step.plans) expected.push_back(apply(plan, now, batch));
    const Outcome outcome = kit_.run(batch);
    RC_ASSERT(outcome.results.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      RC_ASSERT(outcome.results[i] == expected[i]);
      ++codes_[expected[i].code];
    }
    const std::vector<Settle> dropped = model_.take_dropped();
    RC_ASSERT(std::ranges::equal(outcome.dropped, dropped, [](const Settle& a, const Settle& b) {
      return a.session == b.session && a.entry == b.entry;
    }));
    compare();
  }
  const std::map<OpCode, std::size_t>& codes() const { return codes_; }

 private:
  // The number of a client's session, whether it is there or not.
  SessionNumber session_of(int who) const {
    const auto found = numbers_.find(who);
    return found == numbers_.end() ? SessionNumber(99) : found->second;
  }
  // One of the session's entries, or one that is not there.
  EntryNumber entry_of(SessionNumber session, int which) const {
    const auto found = model_.sessions().find(session.value());
    if (found == model_.sessions().end() || found->second.entries.empty()) return EntryNumber(3);
    auto at = found->second.entries.begin();
    for (; which > 0 && std::next(at) != found->second.entries.end(); --which) ++at;
    return EntryNumber(at->first);
  }

  ModelResult apply(const Plan& plan, Timestamp now, BatchWriter& batch) {
    const SessionNumber session = session_of(plan.who);
    switch (plan.kind) {
      case 0:
      case 1:
        return open(plan, now, batch);
      case 2: {
        Close close{.session = session, .epoch = plan.value % 3 == 0 ? 1U : 0U};
        if (plan.value % 4 == 1) close.flags |= CloseFlag::drop_will;
        if (plan.value % 5 == 1) {
          close.flags |= CloseFlag::expiry;
          close.expiry_s = static_cast<std::uint32_t>(plan.other);
        }
        batch.close(close);
        return model_.close(close, now);
      }
      case 3: {
        const std::string text = filter(plan.other);
        const Subscribe subscribe{.session = session,
                                  .filter = text,
                                  .options = static_cast<std::uint8_t>(plan.value),
                                  .identifier = static_cast<std::uint32_t>(plan.value)};
        batch.subscribe(subscribe);
        return model_.subscribe(subscribe);
      }
      case 4:
        batch.unsubscribe(session, filter(plan.other));
        return model_.unsubscribe(session, filter(plan.other));
      case 5:
        batch.drop_will(session);
        return model_.drop_will(session);
      case 6:
      case 7:
        batch.forget(session, static_cast<std::uint16_t>(1 + plan.other % 3));
        return model_.forget(session, static_cast<std::uint16_t>(1 + plan.other % 3));
      case 8:
      case 9: {
        const EntryNumber entry = entry_of(session, plan.other);
        batch.release(session, entry);
        return model_.release(session, entry);
      }
      case 10:
      case 11:
      case 12: {
        const EntryNumber entry = entry_of(session, plan.other);
        batch.finish(session, entry);
        return model_.finish(session, entry);
      }
      default:
        return publish(plan, now, batch);
    }
  }

  ModelResult open(const Plan& plan, Timestamp now, BatchWriter& batch) {
    const std::string payload(static_cast<std::size_t>(plan.value * 5), 'w');
    const Will will{.topic = "will",
                    .properties = as_bytes("p"),
                    .payload = as_bytes(payload),
                    .qos = 1,
                    .retain = plan.other == 1,
                    .delay_s = static_cast<std::uint32_t>(plan.other)};
    const std::string id = client(plan.who);
    const Open open{.client_id = id,
                    .clean_start = plan.value % 5 == 0,
                    .expiry_s = plan.value % 7 == 0 ? kNeverExpires
                                                    : static_cast<std::uint32_t>(plan.value % 4),
                    .will = plan.other < 4 ? &will : nullptr};
    batch.open(open);
    ModelResult result = model_.open(open, now);
    numbers_[plan.who] = SessionNumber(result.numbers.at(0));
    return result;
  }

  ModelResult publish(const Plan& plan, Timestamp now, BatchWriter& batch) {
    const std::string payload(static_cast<std::size_t>(plan.value * plan.value / 10), 'm');
    const std::array<std::uint32_t, 3> identifiers{1, 2, 3};
    const auto some = std::span(identifiers).first(static_cast<std::size_t>(plan.other % 4));
    std::vector<Target> targets;
    for (int i = 0; i < plan.kind % 4; ++i) {
      targets.push_back({.session = session_of((plan.who + i) % 5),
                         .qos = static_cast<std::uint8_t>(1 + (plan.value + i) % 2),
                         .flags = plan.other == 2 ? TargetFlags(TargetFlag::retain) : TargetFlags{},
                         .identifiers = some});
    }
    Publish publish{
        .publisher = session_of(plan.who),
        .qos = 1,
        .expiry = plan.value % 6 == 0 ? Duration::seconds(plan.other) : Duration{INT64_MAX},
        .topic = kTopics[static_cast<std::size_t>(plan.other)],
        .properties = as_bytes("props"),
        .payload = as_bytes(payload),
        .targets = targets};
    if (plan.value % 3 == 1) {
      publish.qos = 2;
      publish.packet_id = static_cast<std::uint16_t>(1 + plan.other % 3);
    } else if (plan.value % 8 == 2) {
      publish.flags |= PublishFlag::will;
    }
    if (plan.value % 4 == 0) publish.flags |= PublishFlag::retain;
    batch.publish(publish);
    return model_.publish(publish, now);
  }

  static std::string client(int who) {
    return who == 0 ? std::string(200, 'c') : "client-" + std::to_string(who);
  }
  static std::string filter(int which) {
    return which == 0 ? std::string(100, 'f') + "/#" : "a/" + std::to_string(which) + "/+";
  }

  void compare() const {
    std::map<std::uint64_t, HeldSession> held;
    for (const HeldSession& session : kit_.sessions(150)) {
      if (session.head.state != SessionState::ended) {
        held[session.head.number.value()] = session;
      }
    }
    RC_ASSERT(held.size() == model_.sessions().size());
    for (const auto& [number, session] : model_.sessions()) {
      RC_ASSERT(held.contains(number));
      compare(held.at(number), session);
    }
    RC_ASSERT(kit_.wills(100) == model_.wills());
    std::map<std::string, ModelMessage> retained;
    std::map<std::string, ModelMessage> matching;
    for (const auto& [topic, message] : model_.retained()) {
      retained[topic.second] = message;
      if (topic.second.starts_with("a/b")) matching[topic.second] = message;
    }
    RC_ASSERT(kit_.retained("#", 200) == retained);
    compare_totals();
    RC_ASSERT(kit_.retained("a/b/#") == matching);
  }
  // But for `expired`: of an ended session both time and its removal may take what is overdue.
  void compare_totals() const {
    Statistics held = kit_.statistics();
    Statistics expected = model_.statistics();
    held.expired = expected.expired = 0;
    RC_ASSERT(held == expected);
  }
  void compare(const HeldSession& held, const ModelSession& session) const {
    const SessionRowHead& head = held.head;
    RC_ASSERT(held.client_id == session.client_id);
    RC_ASSERT(head.epoch == session.epoch);
    RC_ASSERT((head.state == SessionState::connected) == session.connected);
    RC_ASSERT(head.expires_at == session.expires_at);
    RC_ASSERT(head.expiry_s == session.expiry_s);
    RC_ASSERT(head.next_entry == EntryNumber(session.next_entry));
    RC_ASSERT(head.entries == session.entries.size());
    RC_ASSERT(head.queue_bytes == session.bytes());
    RC_ASSERT(head.dropped == session.dropped);
    RC_ASSERT(head.refused == session.refused);
    RC_ASSERT(kit_.entries(head.number, 300) == session.entries);
    RC_ASSERT(kit_.inbound(head.number) == session.inbound);
    RC_ASSERT(kit_.subscriptions(head.number, 60) == session.subscriptions);
  }

  static inline const std::array<std::string, 7> kTopics{"a/b",
                                                         "a/b/c",
                                                         "a/x",
                                                         "b",
                                                         "a/b/" + std::string(90, 'd'),
                                                         "a/b/" + std::string(90, 'd') + "e",
                                                         "/"};

  StreamsOptions options_;
  StreamsKit kit_;
  Model model_;
  std::map<int, SessionNumber> numbers_;
  std::map<OpCode, std::size_t> codes_;
};

void play_beside(WhenFull when_full) {
  std::map<OpCode, std::size_t> met;
  EXPECT_TRUE(rc::check([&] {
    const auto steps = *rc::gen::resize(60, rc::gen::container<std::vector<Step>>(a_step()));
    Player player(when_full);
    for (const Step& step : steps) player.play(step);
    for (const auto& [code, count] : player.codes()) met[code] += count;
  }));
  // Plays that met with nothing prove nothing.
  for (const OpCode code :
       {OpCode::done, OpCode::no_session, OpCode::stale, OpCode::repeated, OpCode::no_will,
        OpCode::no_entry, OpCode::no_packet, OpCode::no_subscription, OpCode::replaced,
        OpCode::subscriptions_full}) {
    EXPECT_GT(met[code], 0u) << static_cast<int>(code);
  }
}

TEST(StreamsModel, holds_what_the_model_holds) {
  play_beside(WhenFull::refuse_newest);
}
TEST(StreamsModel, holds_what_the_model_holds_when_the_oldest_gives_way) {
  play_beside(WhenFull::drop_oldest);
}

}  // namespace
}  // namespace keel::streams::testing
