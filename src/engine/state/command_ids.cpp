#include "engine/state/command_ids.hpp"

#include "base/assert.hpp"
#include "engine/state/outcome_record.hpp"

namespace keel::engine {

namespace {

constexpr std::int64_t kMinuteNs = Duration::seconds(60).ns;
// Those of a day, the one that begins and the one that ends.
constexpr std::uint64_t kMostMinutes = 1'500;

std::int64_t minute_of(Timestamp time) {
  return time.ns / kMinuteNs;
}
// Whether all of a minute is a day old by then.
bool is_forgotten(std::int64_t minute, Timestamp now) {
  return (minute + 1) * kMinuteNs <= (now - kCommandIdAge).ns;
}

void by_id(ByteView record, std::uint64_t number, Bytes& entries) {
  const auto row = ByteReader(record).read_object<AnsweredCommand>().value();
  append(entries, kernel::big_endian(row.tenant.value(), row.id.value(), number));
}

}  // namespace

constinit const std::array<kernel::ColdIndexSchema, 1> AnsweredHistory::kIndexes{
    kernel::ColdIndexSchema{.key_bytes = 20, .unique = true, .entries_of = by_id},
};

void AnsweredCommand::keep_reply(ByteView bytes) {
  reply_bytes = static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() <= reply.size()) std::ranges::copy(bytes, reply.begin());
}

CommandIds::CommandIds(kernel::UndoLog& undo, kernel::HashSeed seed, std::uint64_t limit)
    : limit_(limit),
      minutes_({kEngineModule, 2}, "engine.command_minutes", undo, {.max_rows = kMostMinutes}),
      answered_({kEngineModule, 3}, "engine.command_ids", undo, seed, {.max_rows = UINT64_MAX}) {}

void CommandIds::prefetch(TenantId tenant, CommandId id) const {
  answered_.prefetch(object_bytes(key_of(tenant, id)));
}

std::uint64_t CommandIds::first_kept() const {
  const auto first = minutes_.first();
  return first ? first.row() : 0;
}

bool CommandIds::full(Timestamp now) const {
  if (size() < limit_) return false;
  std::uint64_t kept = answered_.rows();
  for (auto at = minutes_.first(); at; at.next()) {
    if (is_forgotten(at.key(), now)) continue;
    kept -= at.row();
    return kept >= limit_;
  }
  return limit_ == 0;
}

void CommandIds::insert(const Entry& entry) {
  const std::int64_t minute = minute_of(entry.time);
  if (const auto last = minutes_.last(); !last || last.key() < minute) {
    minutes_.insert(minute, answered_.rows());
    while (is_forgotten(minutes_.first().key(), entry.time)) {
      minutes_.erase(minutes_.first().key());
    }
  }
  answered_.insert(entry);
}

void CommandIds::let_go_before(std::uint64_t number, std::uint64_t limit) {
  answered_.forget_before(number);
  static_cast<void>(answered_.extend_chain(number, limit));
  static_cast<void>(answered_.drop_hot(number, limit));
}

}  // namespace keel::engine
