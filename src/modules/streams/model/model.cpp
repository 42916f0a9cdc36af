#include "modules/streams/model/model.hpp"

#include <algorithm>

namespace keel::streams {
namespace {

ModelResult only(OpCode code) {
  return {.code = code, .numbers = {}};
}

std::string text_of(ByteView bytes) {
  return std::string(as_text(bytes));
}

Timestamp in(Timestamp now, Duration by) {
  return by.ns > INT64_MAX - now.ns ? Timestamp::never() : now + by;
}

}  // namespace

std::size_t ModelSession::bytes() const {
  std::size_t sum = 0;
  for (const auto& [number, entry] : entries) sum += entry.message.bytes();
  return sum;
}

ModelSession* Model::find(SessionNumber session) {
  const auto found = sessions_.find(session.value());
  return found == sessions_.end() ? nullptr : &found->second;
}

// The entry's number, or what stands for a refusal.
std::uint64_t Model::enqueue(const Target& target, const ModelMessage& message) {
  ModelSession* session = find(target.session);
  if (session == nullptr) return kTargetMissing.value();
  const auto is_full = [&] {
    return session->entries.size() >= options_.session_entries ||
           session->bytes() + message.bytes() > options_.session_bytes;
  };
  if (options_.when_full == WhenFull::drop_oldest && message.bytes() <= options_.session_bytes) {
    for (auto at = session->entries.begin(); at != session->entries.end() && is_full();) {
      if (at->second.stage == EntryStage::released) {
        ++at;
        continue;
      }
      dropped_.push_back({.session = target.session, .entry = EntryNumber(at->first)});
      ++session->dropped;
      at = session->entries.erase(at);
    }
  }
  if (is_full()) {
    ++session->refused;
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
  return session->next_entry++;
}

ModelResult Model::publish(const Publish& publish, Timestamp now) {
  ModelSession* publisher = find(publish.publisher);
  if (publish.packet_id != 0) {
    if (publisher == nullptr) return only(OpCode::no_session);
    if (publisher->inbound.contains(publish.packet_id)) return only(OpCode::repeated);
  }
  const bool is_will = publish.flags.has(PublishFlag::will);
  if (is_will && !wills_.contains(publish.publisher.value())) return only(OpCode::no_will);

  const ModelMessage message{.publisher = publish.publisher,
                             .published = now,
                             .expires_at = in(now, publish.expiry),
                             .topic = std::string(publish.topic),
                             .properties = text_of(publish.properties),
                             .payload = text_of(publish.payload),
                             .qos = publish.qos};
  ModelResult result;
  for (const Target& target : publish.targets) {
    result.numbers.push_back(enqueue(target, message));
  }
  if (publish.packet_id != 0) publisher->inbound.insert(publish.packet_id);
  if (is_will) wills_.erase(publish.publisher.value());
  if (publish.flags.has(PublishFlag::retain)) {
    retained_.erase(message.topic);
    if (!message.payload.empty()) retained_[message.topic] = message;
  }
  return result;
}

ModelResult Model::forget(SessionNumber number, std::uint16_t packet_id) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  return only(session->inbound.erase(packet_id) == 1 ? OpCode::done : OpCode::no_packet);
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
  return only(session->entries.erase(entry.value()) == 1 ? OpCode::done : OpCode::no_entry);
}

ModelResult Model::open(const Open& open, Timestamp now) {
  std::uint64_t number = 0;
  std::uint64_t will_of = 0;
  for (const auto& [candidate, session] : sessions_) {
    if (session.client_id == open.client_id) number = candidate;
  }
  if (number != 0 && (open.clean_start || sessions_.at(number).expires_at <= now)) {
    if (wills_.contains(number)) will_of = number;
    end(number, now);
    number = 0;
  }
  const bool present = number != 0;
  if (!present) {
    number = next_session_++;
    sessions_[number].client_id = std::string(open.client_id);
  } else {
    ++sessions_[number].epoch;
  }
  ModelSession& session = sessions_[number];
  session.connected = true;
  session.expiry_s = open.expiry_s;
  session.expires_at = Timestamp::never();
  wills_.erase(number);
  if (open.will != nullptr) {
    wills_[number] = {.message = {.topic = std::string(open.will->topic),
                                  .properties = text_of(open.will->properties),
                                  .payload = text_of(open.will->payload),
                                  .qos = open.will->qos},
                      .retain = open.will->retain,
                      .delay_s = open.will->delay_s};
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
                            : now + Duration::seconds(session->expiry_s);
  if (close.flags.has(CloseFlag::drop_will)) {
    wills_.erase(close.session.value());
  } else if (const auto will = wills_.find(close.session.value()); will != wills_.end()) {
    will->second.due_at =
        std::min(now + Duration::seconds(will->second.delay_s), session->expires_at);
  }
  if (session->expiry_s == 0) end(close.session.value(), now);
  return only(OpCode::done);
}

ModelResult Model::subscribe(const Subscribe& subscribe) {
  ModelSession* session = find(subscribe.session);
  if (session == nullptr) return only(OpCode::no_session);
  const std::string filter(subscribe.filter);
  const bool replaces = session->subscriptions.contains(filter);
  if (!replaces && session->subscriptions.size() >= options_.session_subscriptions) {
    return only(OpCode::subscriptions_full);
  }
  session->subscriptions[filter] = {.options = subscribe.options,
                                    .identifier = subscribe.identifier};
  return only(replaces ? OpCode::replaced : OpCode::done);
}

ModelResult Model::unsubscribe(SessionNumber number, const std::string& filter) {
  ModelSession* session = find(number);
  if (session == nullptr) return only(OpCode::no_session);
  return only(session->subscriptions.erase(filter) == 1 ? OpCode::done : OpCode::no_subscription);
}

ModelResult Model::drop_will(SessionNumber session) {
  return only(wills_.erase(session.value()) == 1 ? OpCode::done : OpCode::no_will);
}

void Model::end(std::uint64_t number, Timestamp now) {
  if (const auto will = wills_.find(number); will != wills_.end()) {
    will->second.due_at = std::min(will->second.due_at, now);
  }
  sessions_.erase(number);
}

void Model::expire(Timestamp now) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto [number, session] = *at++;
    if (session.expires_at <= now) end(number, now);
  }
  for (auto& [number, session] : sessions_) {
    std::erase_if(session.entries,
                  [&](const auto& entry) { return entry.second.expires_at <= now; });
  }
  std::erase_if(retained_, [&](const auto& message) { return message.second.expires_at <= now; });
}

}  // namespace keel::streams
