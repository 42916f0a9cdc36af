#include "modules/streams/model/log_model.hpp"

#include <algorithm>
#include <set>

namespace keel::streams {
namespace {

std::vector<std::string> levels_of(const std::string& text) {
  std::vector<std::string> levels{""};
  for (const char c : text) {
    if (c == '/') {
      levels.emplace_back();
    } else {
      levels.back() += c;
    }
  }
  return levels;
}

// To the millisecond.
std::int64_t ms(Timestamp time) {
  return time.ns / 1'000'000;
}

}  // namespace

std::uint64_t ModelStream::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [sequence, message] : messages) sum += message.bytes();
  return sum;
}

bool LogModel::fits(const std::string& filter, const std::string& topic) {
  const auto wanted = levels_of(filter);
  const auto given = levels_of(topic);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "#") return true;
    if (i == given.size()) return false;
    if (wanted[i] != "+" && wanted[i] != given[i]) return false;
    const bool is_above = i + 1 == given.size() && i + 2 == wanted.size() && wanted[i + 1] == "#";
    if (is_above) return true;
  }
  return wanted.size() == given.size();
}

void LogModel::keep_limits(ModelStream& stream) {
  const StreamTerms& terms = stream.terms;
  const auto is_over = [&] {
    return (terms.max_messages != 0 && stream.messages.size() > terms.max_messages) ||
           (terms.max_bytes != 0 && stream.bytes() > terms.max_bytes);
  };
  while (is_over()) stream.messages.erase(stream.messages.begin());
}

LogCode LogModel::put(const PutStream& asked) {
  streams_[asked.name].terms = asked.terms;
  keep_limits(streams_[asked.name]);
  return LogCode::done;
}

LogCode LogModel::remove(const std::string& name) {
  return streams_.erase(name) == 0 ? LogCode::stream_unknown : LogCode::done;
}

std::uint64_t LogModel::purge(const PurgeStream& asked) {
  const auto found = streams_.find(asked.name);
  if (found == streams_.end()) return 0;
  ModelStream& stream = found->second;
  std::uint64_t purged = 0;
  while (!stream.messages.empty() && stream.messages.size() > asked.keep &&
         (asked.before == 0 || stream.messages.begin()->first < asked.before)) {
    stream.messages.erase(stream.messages.begin());
    ++purged;
  }
  return purged;
}

LogModel::Appended LogModel::publish(const std::string& topic, const std::string& payload,
                                     Timestamp now) {
  for (auto& [name, stream] : streams_) {
    const StreamTerms& terms = stream.terms;
    if (std::ranges::none_of(terms.filters, [&](const auto& f) { return fits(f, topic); })) {
      continue;
    }
    const ModelStored message{.topic = topic, .payload = payload, .published = now};
    const std::size_t plain = topic.size() + payload.size();
    if ((terms.max_message_bytes != 0 && plain > terms.max_message_bytes) ||
        (terms.max_bytes != 0 && message.bytes() > terms.max_bytes)) {
      return {.code = OpCode::too_large};
    }
    const bool is_full =
        (terms.max_messages != 0 && stream.messages.size() >= terms.max_messages) ||
        (terms.max_bytes != 0 && stream.bytes() + message.bytes() > terms.max_bytes);
    if (terms.discard == Discard::newest && is_full) return {.code = OpCode::stream_full};
    stream.messages[++stream.last] = message;
    keep_limits(stream);
    return {.sequence = stream.last};
  }
  return {};
}

LogCode LogModel::put(const PutConsumer& asked) {
  const auto found = streams_.find(asked.stream);
  if (found == streams_.end()) return LogCode::stream_unknown;
  ModelStream& stream = found->second;
  ConsumerTerms terms = asked.terms;
  if (terms.ack_wait_ms == 0) terms.ack_wait_ms = 30'000;
  if (terms.max_ack_pending == 0) terms.max_ack_pending = 1'000;
  const auto known = stream.consumers.find(asked.name);
  if (known != stream.consumers.end()) {
    ConsumerTerms before = known->second.terms;
    before.ack_wait_ms = terms.ack_wait_ms;
    before.max_deliveries = terms.max_deliveries;
    before.max_ack_pending = terms.max_ack_pending;
    if (!(before == terms)) return LogCode::consumer_differs;
    known->second.terms = terms;
    return LogCode::done;
  }
  ModelConsumer consumer{.terms = terms, .next = stream.first()};
  if (terms.start == StartAt::end) consumer.next = stream.last + 1;
  if (terms.start == StartAt::sequence) {
    consumer.next = std::max(stream.first(), terms.start_sequence);
  }
  if (terms.start == StartAt::time) {
    consumer.next = stream.last + 1;
    for (const auto& [sequence, message] : stream.messages) {
      if (ms(message.published) < ms(terms.start_time)) continue;
      consumer.next = sequence;
      break;
    }
  }
  stream.consumers[asked.name] = consumer;
  return LogCode::done;
}

LogCode LogModel::remove(const std::string& stream, const std::string& consumer) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return LogCode::stream_unknown;
  return found->second.consumers.erase(consumer) == 0 ? LogCode::consumer_unknown : LogCode::done;
}

std::vector<Delivery> LogModel::fetch(const std::string& stream_name, const std::string& name,
                                      std::uint32_t most, Timestamp now) {
  ModelStream& stream = streams_.at(stream_name);
  ModelConsumer& consumer = stream.consumers.at(name);
  const Timestamp due =
      now + Duration::milliseconds(static_cast<std::int64_t>(consumer.terms.ack_wait_ms));
  std::vector<Delivery> deliveries;
  const auto deliver = [&](Sequence sequence, std::uint32_t times) {
    deliveries.push_back(
        {.sequence = sequence, .consumer_sequence = ++consumer.delivered, .deliveries = times});
  };

  std::set<std::pair<Timestamp, Sequence>> overdue;
  for (const auto& [sequence, pending] : consumer.pending) {
    if (pending.due <= now) overdue.insert({pending.due, sequence});
  }
  for (const auto& [when, sequence] : overdue) {
    if (deliveries.size() == most) break;
    ModelPending& pending = consumer.pending.at(sequence);
    const bool is_over =
        consumer.terms.max_deliveries != 0 && pending.deliveries >= consumer.terms.max_deliveries;
    if (is_over || !stream.messages.contains(sequence)) {
      consumer.pending.erase(sequence);
      ++consumer.given_up;
      continue;
    }
    pending.due = due;
    deliver(sequence, ++pending.deliveries);
    ++consumer.redelivered;
  }
  consumer.next = std::max(consumer.next, stream.first());
  const bool is_kept = consumer.terms.ack != AckPolicy::none;
  for (; consumer.next <= stream.last && deliveries.size() < most; ++consumer.next) {
    if (is_kept && consumer.pending.size() >= consumer.terms.max_ack_pending) break;
    const ModelStored& message = stream.messages.at(consumer.next);
    if (!consumer.terms.filter.empty() && !fits(consumer.terms.filter, message.topic)) continue;
    deliver(consumer.next, 1);
    if (is_kept) {
      consumer.pending[consumer.next] = {
          .consumer_sequence = consumer.delivered, .due = due, .deliveries = 1};
    }
  }
  return deliveries;
}

std::uint64_t LogModel::acknowledge(const Acknowledge& asked, Timestamp now) {
  ModelConsumer& consumer = streams_.at(asked.stream).consumers.at(asked.consumer);
  std::uint64_t taken = 0;
  for (const Ack& ack : asked.acks) taken += consumer.pending.contains(ack.sequence) ? 1 : 0;
  Sequence up_to = 0;
  for (const Ack& ack : asked.acks) {
    const bool is_all = consumer.terms.ack == AckPolicy::up_to && ack.kind == AckKind::done;
    if (is_all) up_to = std::max(up_to, ack.sequence);
  }
  std::map<Sequence, Ack> last_words;
  for (const Ack& ack : asked.acks) last_words[ack.sequence] = ack;
  std::erase_if(consumer.pending, [&](const auto& one) { return one.first <= up_to; });
  for (const auto& [sequence, ack] : last_words) {
    const auto found = consumer.pending.find(sequence);
    if (found == consumer.pending.end()) continue;
    if (ack.kind == AckKind::progress) {
      found->second.due =
          now + Duration::milliseconds(static_cast<std::int64_t>(consumer.terms.ack_wait_ms));
    } else if (ack.kind == AckKind::again) {
      found->second.due = now + Duration::milliseconds(static_cast<std::int64_t>(ack.delay_ms));
    } else {
      if (ack.kind == AckKind::give_up) ++consumer.given_up;
      consumer.pending.erase(found);
    }
  }
  return taken;
}

void LogModel::expire(Timestamp now) {
  for (auto& [name, stream] : streams_) {
    if (stream.terms.max_age_s == 0) continue;
    const auto age_ms = static_cast<std::int64_t>(stream.terms.max_age_s) * 1'000;
    while (!stream.messages.empty() &&
           ms(stream.messages.begin()->second.published) < ms(now) - age_ms) {
      stream.messages.erase(stream.messages.begin());
    }
  }
}

}  // namespace keel::streams
