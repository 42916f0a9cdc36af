#include "sim/torture/streams/streams_oracle.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/hash/sha256.hpp"
#include "modules/streams/errors.hpp"
#include "modules/streams/events.hpp"

namespace keel::torture {

namespace {

using namespace streams;  // the whole file speaks of its records

constexpr std::array kKinds{
    std::pair{OpKind::publish, "publish"},     std::pair{OpKind::forget, "forget"},
    std::pair{OpKind::release, "release"},     std::pair{OpKind::finish, "finish"},
    std::pair{OpKind::open, "open"},           std::pair{OpKind::close, "close"},
    std::pair{OpKind::subscribe, "subscribe"}, std::pair{OpKind::unsubscribe, "unsubscribe"},
    std::pair{OpKind::drop_will, "drop will"},
};
constexpr std::array kCodes{
    std::pair{OpCode::done, "done"},
    std::pair{OpCode::no_session, "no_session"},
    std::pair{OpCode::stale, "stale"},
    std::pair{OpCode::repeated, "repeated"},
    std::pair{OpCode::no_will, "no_will"},
    std::pair{OpCode::no_entry, "no_entry"},
    std::pair{OpCode::no_packet, "no_packet"},
    std::pair{OpCode::no_subscription, "no_subscription"},
    std::pair{OpCode::replaced, "replaced"},
    std::pair{OpCode::sessions_full, "sessions_full"},
    std::pair{OpCode::subscriptions_full, "subscriptions_full"},
    std::pair{OpCode::messages_full, "messages_full"},
    std::pair{OpCode::inbound_full, "inbound_full"},
    std::pair{OpCode::retained_full, "retained_full"},
    std::pair{OpCode::contents_full, "contents_full"},
};

template <typename Value, std::size_t N>
std::string_view name_in(const std::array<std::pair<Value, const char*>, N>& names, Value value) {
  const auto found = std::ranges::find(names, value, &std::pair<Value, const char*>::first);
  return found == names.end() ? "?" : found->second;
}

std::string name_of(OpKind kind, OpCode code) {
  return fmt::format("streams {}: {}", name_in(kKinds, kind), name_in(kCodes, code));
}

Bytes bytes_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// An operation as the fact of traffic records it.
Bytes op_bytes(OpKind kind, std::initializer_list<ByteView> parts) {
  OpHead head{.bytes = sizeof(OpHead), .kind = kind};
  for (const ByteView part : parts) head.bytes += static_cast<std::uint32_t>(part.size());
  Bytes bytes = bytes_of(object_bytes(head));
  for (const ByteView part : parts) append(bytes, part);
  return bytes;
}

std::array<std::byte, 16> half_digest(std::string_view text) {
  const Digest whole = sha256(as_bytes(text));
  std::array<std::byte, 16> half{};
  std::ranges::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

}  // namespace

// --- what a batch must bring -------------------------------------------------------------------

ModelResult StreamsOracle::expect_publish(AskedOp& op, Timestamp now, Expected& expected) {
  for (std::size_t i = 0; i < op.targets.size(); ++i) op.targets[i].identifiers = op.identifiers[i];
  op.publish.targets = op.targets;
  ModelResult result = model_.publish(op.publish, now);
  const auto step = [&](OpKind kind, std::initializer_list<ByteView> parts) {
    expected.steps.push_back({kTrafficRecorded.value(), op_bytes(kind, parts)});
  };
  for (const Settle& dropped : model_.take_dropped()) {
    step(OpKind::drop, {object_bytes(dropped)});
    append(expected.dropped, object_bytes(dropped));
    counts_.add("streams made room");
  }
  if (result.code != OpCode::done) return result;
  PublishHead head = ByteReader(op.body).read_object<PublishHead>().value();
  head.expiry = head.expiry > INT64_MAX - now.ns ? INT64_MAX : now.ns + head.expiry;
  head.targets = 0;
  Bytes targets;
  for (std::size_t i = 0; i < op.targets.size(); ++i) {
    const std::uint64_t became = result.numbers[i];
    const bool missing = became == kTargetMissing.value();
    const bool full = became == kTargetFull.value();
    counts_.add(missing ? "streams target: missing"
                        : (full ? "streams target: full" : "streams target: taken"));
    if (missing || full) continue;
    ++head.targets;
    const Target& target = op.targets[i];
    append(targets, object_bytes(TargetHead{
                        .session = target.session,
                        .qos = target.qos,
                        .flags = target.flags,
                        .identifiers = static_cast<std::uint16_t>(target.identifiers.size())}));
    append(targets, std::as_bytes(target.identifiers));
  }
  step(OpKind::publish, {object_bytes(head), as_bytes(op.publish.topic), op.publish.properties,
                         op.publish.payload, targets});
  for (std::size_t i = 0; i < op.targets.size(); ++i) {
    if (result.numbers[i] != kTargetFull.value()) continue;
    step(OpKind::refuse, {object_bytes(Refused{.session = op.targets[i].session, .messages = 1})});
  }
  if (op.publish.flags.has(PublishFlag::will)) counts_.add("streams will published");
  if (op.publish.flags.has(PublishFlag::retain)) {
    counts_.add(op.publish.payload.empty() ? "streams retained message cleared"
                                           : "streams retained message set");
  }
  return result;
}

ModelResult StreamsOracle::expect_open(AskedOp& op, Timestamp now, Expected& expected) {
  if (op.will) op.open.will = &*op.will;
  const SessionNumber before = model_.session_of(op.open.client_id);
  ModelResult result = model_.open(op.open, now);
  if (result.code != OpCode::done) return result;
  if (!before.is_zero() && before.value() != result.numbers[0]) {
    expected.steps.push_back({SessionEnded::kEventType.value(),
                              bytes_of(object_bytes(SessionEnded{.session = before}))});
    counts_.add("streams session ended by its client's next one");
    if (result.numbers[3] != 0) counts_.add("streams session ended with a will to publish");
  }
  if (result.numbers[2] != 0) counts_.add("streams session taken over or resumed");
  Bytes opened = bytes_of(object_bytes(
      SessionOpened{.session = SessionNumber(result.numbers[0]), .present = result.numbers[2]}));
  append(opened, op.body);
  expected.steps.push_back({kSessionOpened.value(), std::move(opened)});
  return result;
}

ModelResult StreamsOracle::expect_close(const AskedOp& op, Timestamp now, Expected& expected) {
  const std::uint64_t number = op.close.session.value();
  std::optional<ModelWill> will;
  if (model_.wills().contains(number)) will = model_.wills().at(number);
  ModelResult result = model_.close(op.close, now);
  if (result.code != OpCode::done) return result;
  const auto open = model_.sessions().find(number);
  const bool ended = open == model_.sessions().end();
  SessionClosed closed{.session = op.close.session,
                       .expires_at = ended ? now : open->second.expires_at,
                       .will_due_at = Timestamp::never(),
                       .expiry_s = ended ? 0 : open->second.expiry_s,
                       .drops_will = op.close.flags.has(CloseFlag::drop_will) ? 1U : 0U};
  if (will) {
    const std::int64_t delay = Duration::seconds(will->delay_s).ns;
    const Timestamp due = delay > INT64_MAX - now.ns ? Timestamp::never() : now + Duration{delay};
    closed.will_due_at = std::min(due, closed.expires_at);
  }
  expected.steps.push_back({SessionClosed::kEventType.value(), bytes_of(object_bytes(closed))});
  if (ended) {
    expected.steps.push_back({SessionEnded::kEventType.value(),
                              bytes_of(object_bytes(SessionEnded{.session = op.close.session}))});
  }
  return result;
}

ModelResult StreamsOracle::expect_filter(const AskedOp& op, Expected& expected) {
  if (op.kind == OpKind::subscribe) {
    ModelResult result = model_.subscribe(op.subscribe);
    if (result.code == OpCode::done || result.code == OpCode::replaced) {
      expected.steps.push_back({kSubscribed.value(), bytes_of(op.body)});
    }
    return result;
  }
  ModelResult result = model_.unsubscribe(op.subscribe.session, std::string(op.subscribe.filter));
  if (result.code == OpCode::done) {
    const Unsubscribed gone{.subscription = {.session = op.subscribe.session,
                                             .filter_digest = half_digest(op.subscribe.filter)}};
    expected.steps.push_back({Unsubscribed::kEventType.value(), bytes_of(object_bytes(gone))});
  }
  return result;
}

ModelResult StreamsOracle::expect_small(const AskedOp& op, Expected& expected) {
  if (op.kind == OpKind::drop_will) {
    ModelResult result = model_.drop_will(op.settle.session);
    if (result.code == OpCode::done) {
      const WillDropped dropped{.session = op.settle.session};
      expected.steps.push_back({WillDropped::kEventType.value(), bytes_of(object_bytes(dropped))});
    }
    return result;
  }
  bool records = true;
  ModelResult result;
  if (op.kind == OpKind::forget) {
    result = model_.forget(op.forget.session, op.forget.packet_id);
  } else if (op.kind == OpKind::release) {
    // What is released already changes nothing.
    const auto session = model_.sessions().find(op.settle.session.value());
    if (session != model_.sessions().end()) {
      const auto entry = session->second.entries.find(op.settle.entry.value());
      records = entry == session->second.entries.end() || entry->second.stage == EntryStage::queued;
    }
    result = model_.release(op.settle.session, op.settle.entry);
  } else {
    result = model_.finish(op.settle.session, op.settle.entry);
  }
  if (result.code == OpCode::done && records) {
    expected.steps.push_back({kTrafficRecorded.value(), op_bytes(op.kind, {op.body})});
  }
  return result;
}

void StreamsOracle::expect(AskedOp& op, Timestamp now, Expected& expected) {
  ModelResult result;
  if (op.kind == OpKind::publish) {
    result = expect_publish(op, now, expected);
  } else if (op.kind == OpKind::open) {
    result = expect_open(op, now, expected);
  } else if (op.kind == OpKind::close) {
    result = expect_close(op, now, expected);
  } else if (op.kind == OpKind::subscribe || op.kind == OpKind::unsubscribe) {
    result = expect_filter(op, expected);
  } else {
    result = expect_small(op, expected);
  }
  counts_.add(name_of(op.kind, result.code));
  append(expected.results,
         object_bytes(ResultHead{.code = result.code,
                                 .numbers = static_cast<std::uint32_t>(result.numbers.size())}));
  append(expected.results, std::as_bytes(std::span(result.numbers)));
}

std::vector<StreamsOracle::Step> StreamsOracle::steps_of(const std::vector<Fact>& facts) {
  std::vector<Step> steps;
  for (const Fact& fact : facts) {
    if (fact.type != kTrafficRecorded.value()) {
      steps.push_back({fact.type, bytes_of(fact.row)});
      continue;
    }
    for (const ByteView op : split_ops(fact.row)) steps.push_back({fact.type, bytes_of(op)});
  }
  return steps;
}

Finding StreamsOracle::command(const Ask& ask, const Decided& decided) {
  if (decided.code != 0) return "an outcome that streams does not have";
  auto ops = read_batch(ask.payload);
  if (!ops || !fits_a_batch(ask.payload, *ops)) return "it is malformed and was decided";
  if (decided.last != decided.now) return "its last cell time";
  model_.act_for(ask.tenant);
  Expected expected;
  for (AskedOp& op : *ops) expect(op, decided.now, expected);
  Bytes reply = bytes_of(object_bytes(BatchReplyHead{
      .results = static_cast<std::uint32_t>(ops->size()),
      .dropped = static_cast<std::uint32_t>(expected.dropped.size() / sizeof(Settle))}));
  append(reply, expected.results);
  append(reply, expected.dropped);
  for (const Fact& fact : decided.facts) {
    if (fact.tenant != ask.tenant) return "an event of another tenant";
  }
  const std::vector<Step> steps = steps_of(decided.facts);
  for (std::size_t i = 0; i < std::max(steps.size(), expected.steps.size()); ++i) {
    if (i >= steps.size())
      return fmt::format("fact {} of {} is missing", i + 1, expected.steps.size());
    if (i >= expected.steps.size()) return fmt::format("fact {} is one too many", i + 1);
    if (steps[i] == expected.steps[i]) continue;
    return fmt::format("fact {} of {}, of type {}, is not what was decided, of type {}", i + 1,
                       expected.steps.size(), steps[i].type & 0xffff,
                       expected.steps[i].type & 0xffff);
  }
  if (std::ranges::equal(reply, decided.reply)) return std::nullopt;
  return fmt::format("a reply of {} bytes to {} operations is not the one of {} that follows",
                     decided.reply.size(), ops->size(), reply.size());
}

// --- time --------------------------------------------------------------------------------------

std::optional<Timestamp> StreamsOracle::pass(const Fact& fact, Timestamp now) {
  ByteReader row(fact.row);
  if (fact.type == SessionEnded::kEventType.value()) {
    counts_.add("streams session expired");
    return model_.end_session(row.read_object<SessionEnded>().value().session, now);
  }
  if (fact.type == SessionPurged::kEventType.value()) {
    const auto purged = row.read_object<SessionPurged>().value();
    ModelPiece piece;
    const auto due = model_.purge(purged.session, piece);
    counts_.add("streams session purged");
    if (model_.ended().contains(purged.session.value()))
      counts_.add("streams session purged in pieces");
    const ModelPiece said{.entries = purged.entries,
                          .subscriptions = purged.subscriptions,
                          .inbound = purged.inbound};
    return piece == said ? due : std::nullopt;
  }
  if (fact.type == EntryExpired::kEventType.value()) {
    counts_.add("streams entry expired");
    return model_.expire_entry(row.read_object<EntryExpired>().value().entry);
  }
  if (fact.type != RetainedExpired::kEventType.value()) return std::nullopt;
  counts_.add("streams retained message expired");
  const RetainedCursor cursor = row.read_object<RetainedExpired>().value().topic;
  for (const auto& [topic, message] : model_.retained()) {
    if (topic.first != fact.tenant || half_digest(topic.second) != cursor.topic_digest) continue;
    return model_.expire_retained(ModelTopic(topic));
  }
  return std::nullopt;
}

Finding StreamsOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    const Timestamp earliest = model_.next_due();
    const auto due = pass(fact, now);
    const std::uint32_t type = fact.type & 0xffff;
    if (!due) return fmt::format("a fact of type {} about what is not there, or is not so", type);
    if (*due > now) return fmt::format("a fact of type {} that is not due", type);
    if (*due > earliest)
      return fmt::format("a fact of type {} before one that was due earlier", type);
  }
  if (last != now) return "its last cell time";
  return std::nullopt;
}

Finding StreamsOracle::at_rest(const Rest& rest) {
  const Timestamp due = model_.next_due();
  if (due < rest.now && due + Duration::seconds(1) < rest.now) {
    return fmt::format("streams: what was due at {} has not happened by {}", due.ns, rest.now.ns);
  }
  if (!rest.duties_done) return std::nullopt;
  for (const auto& [session, will] : model_.wills()) {
    if (will.due_at < rest.now && will.due_at + Duration::seconds(1) < rest.now) {
      return fmt::format("streams: the will of session {} was due at {} and is not published",
                         session, will.due_at.ns);
    }
  }
  return std::nullopt;
}

// --- queries and errors ------------------------------------------------------------------------

Finding StreamsOracle::query(const Ask& ask, ByteView reply) {
  const std::optional<Finding> compared = compare_streams_query(model_, ask, reply);
  if (!compared) return "it is malformed and was answered";
  counts_.add(fmt::format("streams query {} compared", ask.type & 0xffff));
  return *compared;
}

Finding StreamsOracle::refused(const Ask& ask, const Error& error) {
  if (ask.is_query) {
    if (!error.is(kBadQuery)) return std::nullopt;
    counts_.add("streams malformed query refused");
    if (!compare_streams_query(model_, ask, {})) return std::nullopt;
    return "a query that is well-formed was refused: " + error.to_string();
  }
  if (!error.is(kBadBatch) && !error.is(kBatchTooLarge)) return std::nullopt;
  const auto ops = read_batch(ask.payload);
  if (error.is(kBadBatch)) {
    counts_.add("streams malformed batch refused");
    if (ops) return "a batch that is well-formed was refused: " + error.to_string();
  } else {
    counts_.add("streams batch that is too large refused");
    if (ops && fits_a_batch(ask.payload, *ops)) return "a batch that fits was refused";
  }
  return std::nullopt;
}

void StreamsOracle::declare(Counts& counts) {
  using enum OpCode;
  const auto codes = [&counts](OpKind kind, std::initializer_list<OpCode> all) {
    for (const OpCode code : all) counts.declare(name_of(kind, code));
  };
  codes(OpKind::publish, {done, no_session, repeated, no_will, messages_full, inbound_full,
                          retained_full, contents_full});
  codes(OpKind::forget, {done, no_session, no_packet});
  codes(OpKind::release, {done, no_session, no_entry});
  codes(OpKind::finish, {done, no_session, no_entry});
  codes(OpKind::open, {done, sessions_full, contents_full});
  codes(OpKind::close, {done, no_session, stale});
  codes(OpKind::subscribe, {done, no_session, replaced, subscriptions_full, contents_full});
  codes(OpKind::unsubscribe, {done, no_session, no_subscription});
  codes(OpKind::drop_will, {done, no_will});
  for (int query = 1; query <= 7; ++query) {
    counts.declare(fmt::format("streams query {} compared", query));
  }
  for (const std::string_view name :
       {"streams target: taken", "streams target: missing", "streams target: full",
        "streams made room", "streams will published", "streams retained message set",
        "streams retained message cleared", "streams retained message expired",
        "streams entry expired", "streams session expired", "streams session purged",
        "streams session purged in pieces", "streams session ended by its client's next one",
        "streams session ended with a will to publish", "streams session taken over or resumed",
        "streams malformed batch refused", "streams malformed query refused",
        "streams batch that is too large refused"}) {
    counts.declare(name);
  }
}

}  // namespace keel::torture
