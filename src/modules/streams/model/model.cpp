#include "modules/streams/model/model.hpp"

#include <algorithm>

#include "base/hash/sha256.hpp"

namespace keel::streams {
namespace {

constexpr std::size_t kRow = 128;              // of a message, and of other content
constexpr std::uint64_t kSegmentRows = 4'096;  // are let go together
constexpr std::size_t kMessageHead = 40;
constexpr std::size_t kShortText = 64;  // a longer one is content
constexpr std::uint32_t kPiece = 64;    // of what goes of an ended session at once
constexpr std::size_t kLookedAt = 64;   // entries, to make room for one

ModelResult only(OpCode code) {
  return {.code = code, .numbers = {}};
}

std::string text_of(ByteView bytes) {
  return std::string(as_text(bytes));
}

Timestamp in(Timestamp now, Duration by) {
  return by.ns > INT64_MAX - now.ns ? Timestamp::never() : now + by;
}

std::uint64_t rows_of(std::size_t bytes) {
  return (bytes + kRow - 1) / kRow;
}
std::uint64_t rows_of_text(std::size_t bytes) {
  return bytes > kShortText ? rows_of(bytes) : 0;
}
std::size_t bytes_of(const Publish& publish) {
  return publish.topic.size() + publish.properties.size() + publish.payload.size();
}
std::size_t bytes_of(const Will& will) {
  return will.topic.size() + will.properties.size() + will.payload.size();
}

}  // namespace

std::size_t ModelSession::bytes() const {
  std::size_t sum = 0;
  for (const auto& [number, entry] : entries) sum += entry.message.bytes();
  return sum;
}

ModelSession* Model::find(SessionNumber session) {
  const auto found = sessions_.find(session.value());
  return found == sessions_.end() || found->second.tenant != tenant_ ? nullptr : &found->second;
}

ModelSession* Model::find_ended(SessionNumber session) {
  const auto found = ended_.find(session.value());
  return found == ended_.end() ? nullptr : &found->second;
}

SessionNumber Model::session_of(std::string_view client_id) const {
  for (const auto& [number, session] : sessions_) {
    if (session.tenant == tenant_ && session.client_id == client_id) return SessionNumber(number);
  }
  return {};
}

// Messages are let go by whole segments, from the oldest on.
std::uint64_t Model::first_row_kept() const {
  const std::uint64_t segment = segments_.empty() ? rows_ / kSegmentRows : segments_.begin()->first;
  return segment * kSegmentRows;
}

// A bound of all sessions together that the message would break.
OpCode Model::check_room(const Publish& publish) const {
  if (publish.packet_id != 0 && counted_.inbound >= options_.max_inbound) {
    return OpCode::inbound_full;
  }
  if (!publish.targets.empty()) {
    std::size_t bytes = kMessageHead + bytes_of(publish);
    for (const Target& target : publish.targets) bytes += target.identifiers.size() * 4;
    const std::uint64_t kept = rows_ - first_row_kept();
    if (kept + rows_of(bytes) > options_.max_message_bytes / kRow ||
        counted_.entries + publish.targets.size() > options_.max_entries) {
      return OpCode::messages_full;
    }
  }
  if (!publish.flags.has(PublishFlag::retain) || publish.payload.empty()) return OpCode::done;
  const auto old = retained_.find({tenant_, std::string(publish.topic)});
  const std::size_t given = old == retained_.end() ? 0 : old->second.bytes();
  const std::size_t topics = retained_.size() - (old == retained_.end() ? 0 : 1);
  if (topics >= options_.max_retained ||
      counted_.retained_bytes - given + bytes_of(publish) > options_.max_retained_bytes) {
    return OpCode::retained_full;
  }
  const bool fits = counted_.content_bytes / kRow - rows_of(given) + rows_of(bytes_of(publish)) <=
                    options_.max_content_rows;
  return fits ? OpCode::done : OpCode::contents_full;
}

// The entry's number, or what stands for a refusal.
std::uint64_t Model::enqueue(const Target& target, const ModelMessage& message, std::uint64_t row) {
  ModelSession* session = find(target.session);
  if (session == nullptr) return kTargetMissing.value();
  const auto is_full = [&] {
    return session->entries.size() >= options_.session_entries ||
           session->bytes() + message.bytes() > options_.session_bytes;
  };
  if (options_.when_full == WhenFull::drop_oldest && message.bytes() <= options_.session_bytes) {
    std::vector<std::uint64_t> oldest;
    for (const auto& [number, entry] : session->entries) {
      if (oldest.size() < kLookedAt) oldest.push_back(number);
    }
    for (const std::uint64_t number : oldest) {
      if (!is_full()) break;
      if (session->entries.at(number).stage == EntryStage::released) continue;
      dropped_.push_back({.session = target.session, .entry = EntryNumber(number)});
      ++session->dropped;
      ++counted_.dropped;
      erase_entry(*session, number);
    }
  }
  if (is_full()) {
    ++session->refused;
    ++counted_.refused;
    return kTargetFull.value();
  }
  session->entries[session->next_entry] = {
      .message = message,
      .expires_at = message.expires_at,
      .qos = target.qos,
      .stage = EntryStage::queued,
      .retain = target.flags.has(TargetFlag::retain),
      .identifiers = {target.identifiers.begin(), target.identifiers.end()}};
  session->entries[session->next_entry].message.qos = target.qos;  // as it is delivered
  session->first_rows[session->next_entry] = row;
  ++segments_[row / kSegmentRows];
  ++counted_.entries;
  return session->next_entry++;
}

void Model::erase_entry(ModelSession& session, std::uint64_t entry) {
  const auto segment = segments_.find(session.first_rows.at(entry) / kSegmentRows);
  if (--segment->second == 0) segments_.erase(segment);
  session.first_rows.erase(entry);
  session.entries.erase(entry);
  --counted_.entries;
}

ModelResult Model::publish(const Publish& publish, Timestamp now) {
  ModelSession* publisher = find(publish.publisher);
  if (publish.packet_id != 0) {
    if (publisher == nullptr) return only(OpCode::no_session);
    if (publisher->inbound.contains(publish.packet_id)) return only(OpCode::repeated);
  }
  const bool is_will = publish.flags.has(PublishFlag::will);
  if (is_will) {
    const std::uint64_t number = publish.publisher.value();
    const bool is_ours = find(publish.publisher) != nullptr ||
                         (ended_.contains(number) && ended_.at(number).tenant == tenant_);
    if (!is_ours || !wills_.contains(number)) return only(OpCode::no_will);
  }
  if (const OpCode full = check_room(publish); full != OpCode::done) return only(full);

  const ModelMessage message{.publisher = publish.publisher,
                             .published = now,
                             .expires_at = in(now, publish.expiry),
                             .topic = std::string(publish.topic),
                             .properties = text_of(publish.properties),
                             .payload = text_of(publish.payload),
                             .qos = publish.qos};
  ModelResult result;
  std::size_t bytes = kMessageHead + message.bytes();
  bool is_taken = false;
  for (const Target& target : publish.targets) {
    result.numbers.push_back(enqueue(target, message, rows_));
    if (result.numbers.back() >= kTargetFull.value()) continue;
    is_taken = true;
    bytes += target.identifiers.size() * 4;
  }
  if (is_taken) rows_ += rows_of(bytes);
  if (publish.packet_id != 0) {
    publisher->inbound.insert(publish.packet_id);
    ++counted_.inbound;
  }
  if (is_will) take_will(publish.publisher.value());
  if (publish.flags.has(PublishFlag::retain)) {
    const ModelTopic topic{tenant_, message.topic};
    erase_retained(topic);
    if (!message.payload.empty()) {
      retained_[topic] = message;
      counted_.retained_bytes += message.bytes();
      counted_.content_bytes += rows_of(message.bytes()) * kRow;
    }
  }
  return result;
}

void Model::erase_retained(const ModelTopic& topic) {
  const auto found = retained_.find(topic);
  if (found == retained_.end()) return;
  counted_.retained_bytes -= found->second.bytes();
  counted_.content_bytes -= rows_of(found->second.bytes()) * kRow;
  retained_.erase(found);
}

ModelResult Model::forget(SessionNumber number, std::uint16_t packet_id) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  if (session->inbound.erase(packet_id) == 0) return only(OpCode::no_packet);
  --counted_.inbound;
  return only(OpCode::done);
}

ModelResult Model::release(SessionNumber number, EntryNumber entry) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  const auto found = session->entries.find(entry.value());
  if (found == session->entries.end() || found->second.qos != 2) return only(OpCode::no_entry);
  found->second.stage = EntryStage::released;
  found->second.expires_at = found->second.message.expires_at = Timestamp::never();
  return only(OpCode::done);
}

ModelResult Model::finish(SessionNumber number, EntryNumber entry) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  if (!session->entries.contains(entry.value())) return only(OpCode::no_entry);
  erase_entry(*session, entry.value());
  return only(OpCode::done);
}

ModelResult Model::open(const Open& open, Timestamp now) {
  const std::uint64_t content_rows = rows_of_text(open.client_id.size()) +
                                     (open.will == nullptr ? 0 : rows_of(bytes_of(*open.will)));
  if (counted_.content_bytes / kRow + content_rows > options_.max_content_rows) {
    return only(OpCode::contents_full);
  }
  std::uint64_t number = session_of(open.client_id).value();
  std::uint64_t will_of = 0;
  const bool ends = number != 0 && (open.clean_start || sessions_.at(number).expires_at <= now);
  if (number == 0 || ends) {
    // An ended one is still there until it is removed.
    const bool goes_at_once = ends && sessions_.at(number).is_empty() && !wills_.contains(number);
    const std::size_t kept = sessions_.size() + ended_.size() - (goes_at_once ? 1 : 0);
    if (kept >= options_.max_sessions) return only(OpCode::sessions_full);
  }
  if (ends) {
    if (wills_.contains(number)) will_of = number;
    end(number, now);
    number = 0;
  }
  const bool present = number != 0;
  if (!present) {
    number = next_session_++;
    sessions_[number].tenant = tenant_;
    sessions_[number].client_id = std::string(open.client_id);
    counted_.content_bytes += rows_of_text(open.client_id.size()) * kRow;
  } else {
    ++sessions_[number].epoch;
  }
  ModelSession& session = sessions_[number];
  session.connected = true;
  session.expiry_s = open.expiry_s;
  session.expires_at = Timestamp::never();
  take_will(number);
  if (open.will != nullptr) {
    wills_[number] = {.message = {.topic = std::string(open.will->topic),
                                  .properties = text_of(open.will->properties),
                                  .payload = text_of(open.will->payload),
                                  .qos = open.will->qos},
                      .retain = open.will->retain,
                      .delay_s = open.will->delay_s};
    counted_.content_bytes += rows_of(bytes_of(*open.will)) * kRow;
  }
  return {.code = OpCode::done, .numbers = {number, session.epoch, present ? 1U : 0U, will_of}};
}

ModelResult Model::close(const Close& close, Timestamp now) {
  ModelSession* session = find(close.session);
  if (session == nullptr) return only(OpCode::no_session);
  if (close.epoch != 0 && (close.epoch != session->epoch || !session->connected)) {
    return only(OpCode::stale);
  }
  if (close.flags.has(CloseFlag::expiry)) session->expiry_s = close.expiry_s;
  session->connected = false;
  session->expires_at = session->expiry_s == kNeverExpires
                            ? Timestamp::never()
                            : in(now, Duration::seconds(session->expiry_s));
  if (close.flags.has(CloseFlag::drop_will)) {
    take_will(close.session.value());
  } else if (const auto will = wills_.find(close.session.value()); will != wills_.end()) {
    will->second.due_at =
        std::min(in(now, Duration::seconds(will->second.delay_s)), session->expires_at);
  }
  if (session->expiry_s == 0) end(close.session.value(), now);
  return only(OpCode::done);
}

ModelResult Model::subscribe(const Subscribe& subscribe) {
  ModelSession* session = find(subscribe.session);
  if (session == nullptr) return only(OpCode::no_session);
  const std::string filter(subscribe.filter);
  const bool replaces = session->subscriptions.contains(filter);
  if (!replaces && (session->subscriptions.size() >= options_.session_subscriptions ||
                    counted_.subscriptions >= options_.max_subscriptions)) {
    return only(OpCode::subscriptions_full);
  }
  const std::uint64_t rows = replaces ? 0 : rows_of_text(filter.size());
  if (!replaces && counted_.content_bytes / kRow + rows > options_.max_content_rows) {
    return only(OpCode::contents_full);
  }
  if (!replaces) ++counted_.subscriptions;
  counted_.content_bytes += rows * kRow;
  session->subscriptions[filter] = {.options = subscribe.options,
                                    .identifier = subscribe.identifier};
  return only(replaces ? OpCode::replaced : OpCode::done);
}

ModelResult Model::unsubscribe(SessionNumber number, const std::string& filter) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  if (session->subscriptions.erase(filter) == 0) return only(OpCode::no_subscription);
  --counted_.subscriptions;
  counted_.content_bytes -= rows_of_text(filter.size()) * kRow;
  return only(OpCode::done);
}

ModelResult Model::drop_will(SessionNumber session) {
  const ModelSession* ended = find_ended(session);
  const bool is_ours = find(session) != nullptr || (ended != nullptr && ended->tenant == tenant_);
  if (!is_ours || !wills_.contains(session.value())) return only(OpCode::no_will);
  take_will(session.value());
  return only(OpCode::done);
}

void Model::take_will(std::uint64_t number) {
  const auto will = wills_.find(number);
  if (will == wills_.end()) return;
  counted_.content_bytes -= rows_of(will->second.message.bytes()) * kRow;
  wills_.erase(will);
  remove_if_empty(number);
}

void Model::end(std::uint64_t number, Timestamp now) {
  if (const auto will = wills_.find(number); will != wills_.end()) {
    will->second.due_at = std::min(will->second.due_at, now);
  }
  ModelSession& session = ended_[number] = std::move(sessions_.at(number));
  sessions_.erase(number);
  counted_.content_bytes -= rows_of_text(session.client_id.size()) * kRow;
  session.client_id.resize(std::min(session.client_id.size(), kShortText));
  session.connected = false;
  session.is_purged = true;
  session.expires_at = now;
  remove_if_empty(number);
}

void Model::remove_if_empty(std::uint64_t number) {
  const auto ended = ended_.find(number);
  if (ended == ended_.end() || !ended->second.is_empty()) return;
  ended->second.is_purged = false;
  if (!wills_.contains(number)) ended_.erase(ended);
}

// --- time ---

std::optional<Timestamp> Model::end_session(SessionNumber session, Timestamp now) {
  const auto found = sessions_.find(session.value());
  if (found == sessions_.end() || found->second.expires_at.is_never()) return std::nullopt;
  const Timestamp due = found->second.expires_at;
  end(session.value(), now);
  return due;
}

// The first ones: entries by their numbers, subscriptions by the digests of their filters, packet
// ids.
std::optional<Timestamp> Model::purge(SessionNumber number, ModelPiece& gone) {
  ModelSession* session = find_ended(number);
  if (session == nullptr || !session->is_purged) return std::nullopt;
  const Timestamp due = session->expires_at;
  std::uint32_t left = kPiece;
  for (; left > 0 && !session->entries.empty(); --left, ++gone.entries) {
    erase_entry(*session, session->entries.begin()->first);
  }
  std::map<Digest, std::string> filters;
  for (const auto& [filter, terms] : session->subscriptions) {
    filters[sha256(as_bytes(filter))] = filter;
  }
  for (const auto& [digest, filter] : filters) {
    if (left == 0) break;
    session->subscriptions.erase(filter);
    --counted_.subscriptions;
    counted_.content_bytes -= rows_of_text(filter.size()) * kRow;
    --left;
    ++gone.subscriptions;
  }
  for (; left > 0 && !session->inbound.empty(); --left, ++gone.inbound) {
    session->inbound.erase(session->inbound.begin());
    --counted_.inbound;
  }
  remove_if_empty(number.value());
  return due;
}

std::optional<Timestamp> Model::expire_entry(const Settle& settle) {
  const auto open = sessions_.find(settle.session.value());
  ModelSession* session = open == sessions_.end() ? find_ended(settle.session) : &open->second;
  if (session == nullptr) return std::nullopt;
  const auto entry = session->entries.find(settle.entry.value());
  if (entry == session->entries.end() || entry->second.expires_at.is_never()) return std::nullopt;
  const Timestamp due = entry->second.expires_at;
  erase_entry(*session, settle.entry.value());
  ++counted_.expired;
  return due;
}

std::optional<Timestamp> Model::expire_retained(const ModelTopic& topic) {
  const auto found = retained_.find(topic);
  if (found == retained_.end() || found->second.expires_at.is_never()) return std::nullopt;
  const Timestamp due = found->second.expires_at;
  erase_retained(topic);
  return due;
}

Timestamp Model::next_due() const {
  Timestamp first = Timestamp::never();
  const auto look_at = [&first](const std::map<std::uint64_t, ModelEntry>& entries) {
    for (const auto& [number, entry] : entries) first = std::min(first, entry.expires_at);
  };
  for (const auto& [number, session] : sessions_) {
    first = std::min(first, session.expires_at);
    look_at(session.entries);
  }
  for (const auto& [number, session] : ended_) {
    if (session.is_purged) first = std::min(first, session.expires_at);
    look_at(session.entries);
  }
  for (const auto& [topic, message] : retained_) first = std::min(first, message.expires_at);
  return first;
}

void Model::expire(Timestamp now) {
  const auto numbers_of = [](const std::map<std::uint64_t, ModelSession>& sessions) {
    std::vector<SessionNumber> numbers;
    numbers.reserve(sessions.size());
    for (const auto& [number, session] : sessions) numbers.emplace_back(number);
    return numbers;
  };
  for (const SessionNumber number : numbers_of(sessions_)) {
    ModelSession& session = sessions_.at(number.value());
    std::vector<Settle> due;
    for (const auto& [entry, row] : session.entries) {
      if (row.expires_at <= now) due.push_back({.session = number, .entry = EntryNumber(entry)});
    }
    for (const Settle& entry : due) expire_entry(entry);
    if (session.expires_at <= now) end_session(number, now);
  }
  for (const SessionNumber number : numbers_of(ended_)) {
    for (ModelPiece gone; purge(number, gone);) gone = {};
  }
  std::vector<ModelTopic> topics;
  for (const auto& [topic, message] : retained_) {
    if (message.expires_at <= now) topics.push_back(topic);
  }
  for (const ModelTopic& topic : topics) expire_retained(topic);
}

Statistics Model::statistics() const {
  Statistics all = counted_;
  all.sessions = sessions_.size() + ended_.size();
  for (const auto& [number, session] : sessions_) all.connected += session.connected ? 1 : 0;
  all.wills = wills_.size();
  all.retained = retained_.size();
  all.message_bytes = (rows_ - first_row_kept()) * kRow;
  return all;
}

}  // namespace keel::streams
