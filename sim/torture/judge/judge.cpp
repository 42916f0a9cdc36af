#include "sim/torture/judge/judge.hpp"

#include <fmt/core.h>

#include <set>

namespace keel::torture {

namespace {

// docs/journal-format.md and src/engine/state/outcome_record.hpp: the engine's own records.
constexpr std::uint32_t kOutcome = 1;
constexpr std::uint32_t kTimePassed = 2;
constexpr std::size_t kOutcomeHead = 48;
constexpr std::uint16_t kChanged = 1;
constexpr std::size_t kEnough = 5;  // findings

std::string name_of(TenantId tenant, CommandId id) {
  return fmt::format("command {} of tenant {}", to_decimal(id.value()), tenant.value());
}

class Judge {
 public:
  Judge(const History& history, const Told& told, Oracle& oracle, const JudgeOptions& options,
        std::vector<std::string>& findings)
      : history_(history), told_(told), oracle_(oracle), options_(options), findings_(findings) {
    for (const QueryTold& query : told.queries) {
      queries_[query.told.answer.position].push_back(&query);
    }
  }

  void run() {
    for (const std::string& problem : history_.problems) {
      if (options_.complete) find("history", problem);
    }
    answer_queries(Position(0));
    std::size_t begin = 0;
    for (std::size_t i = 0; i < history_.entries.size() && findings_.size() < kEnough; ++i) {
      const Entry& entry = history_.entries[i];
      if (entry.type != kOutcome && entry.type != kTimePassed) continue;
      const std::span<const Entry> events = std::span(history_.entries).subspan(begin, i - begin);
      entry.type == kOutcome ? outcome(entry, events) : time_passed(entry, events);
      answer_queries(entry.position);
      begin = i + 1;
    }
    if (begin != history_.entries.size() && options_.complete) {
      find("history", "it ends within a batch");
    }
    for (const auto& [key, command] : told_.commands) judge_absent(command);
    for (const auto& [position, queries] : queries_) {
      if (position > history_.last() && !options_.complete) continue;
      find("one history",
           fmt::format("a query was answered at position {}, where {}", position.value(),
                       position > history_.last() ? "nothing is" : "no batch ends"));
    }
    for (const SubscriptionTold& subscription : told_.subscriptions) {
      judge_subscription(subscription);
    }
    for (const auto& revision : told_revisions_) {
      if (all_revisions_.contains(revision) || revision.second > history_.last()) continue;
      find("one history", fmt::format("tenant {} was told revision {}, which it never had",
                                      revision.first.value(), revision.second.value()));
    }
    if (!options_.at_rest || !findings_.empty()) return;
    if (const Finding wrong = oracle_.at_rest({options_.now, options_.duties_done})) {
      find("at rest", *wrong);
    }
  }

 private:
  void find(std::string_view oracle, const std::string& what) {
    if (findings_.size() < kEnough) findings_.push_back(fmt::format("[{}] {}", oracle, what));
  }

  std::vector<Fact> facts_of(std::span<const Entry> events, Timestamp now) {
    std::vector<Fact> facts;
    for (const Entry& event : events) {
      const std::size_t row = event.row_bytes == 0 ? event.payload.size() : event.row_bytes;
      if (event.time != now)
        find("history", fmt::format("position {}: two times in one batch", event.position.value()));
      for (ByteView rows = event.payload; !rows.empty(); rows = rows.subspan(row)) {
        if (rows.size() < row) return facts;
        facts.push_back({.tenant = event.tenant, .type = event.type, .row = rows.first(row)});
      }
    }
    return facts;
  }

  void outcome(const Entry& entry, std::span<const Entry> events) {
    const std::string name = fmt::format("position {}, {}", entry.position.value(),
                                         name_of(entry.tenant, entry.command));
    const auto found = told_.commands.find({entry.tenant, entry.command});
    if (found == told_.commands.end()) return find("exactly once", name + ": nobody has sent it");
    const CommandTold& command = found->second;
    if (!there_.insert(found->first).second) return find("exactly once", name + " is there twice");
    if (!command.may_be_there) return find("exactly once", name + " was refused and yet is there");
    if (entry.payload.size() < kOutcomeHead) return find("history", name + " is too short");
    if (entry.principal != command.ask.principal) return find("history", name + ": its principal");
    for (const Entry& event : events) {
      if (event.command != entry.command || event.tenant != entry.tenant ||
          event.principal != entry.principal) {
        return find("history", name + ": an event of its batch is not its own");
      }
    }
    const Timestamp now = events.empty() ? entry.time : events.front().time;
    if (now <= last_time_) find("in order", name + ": cell time does not go on");
    last_time_ = entry.time;
    const ByteView reply = ByteView(entry.payload).subspan(kOutcomeHead);
    const auto code = ByteReader(ByteView(entry.payload).subspan(36)).read<std::uint16_t>().value();
    const std::vector<Fact> facts = facts_of(events, now);
    if (const Finding wrong = oracle_.command(
            command.ask,
            {.now = now, .last = entry.time, .code = code, .reply = reply, .facts = facts})) {
      find("right answers", name + ": " + *wrong);
    }
    judge_revision(entry, events, command, name);
    judge_answers(entry, command, reply, name);
  }

  void judge_revision(const Entry& entry, std::span<const Entry> events, const CommandTold& command,
                      const std::string& name) {
    Position& revision = revisions_[entry.tenant];
    if (command.ask.expected_revision && *command.ask.expected_revision != revision) {
      find("right answers", fmt::format("{}: expected revision {}, it was {}", name,
                                        command.ask.expected_revision->value(), revision.value()));
    }
    const auto flags =
        ByteReader(ByteView(entry.payload).subspan(38)).read<std::uint16_t>().value();
    if (((flags & kChanged) != 0) != !events.empty()) {
      find("history", name + ": says wrongly whether it changed anything");
    }
    if (!events.empty()) set_revision(entry.tenant, entry.position);
  }
  void set_revision(TenantId tenant, Position position) {
    revisions_[tenant] = position;
    all_revisions_.insert({tenant, position});
  }

  void judge_answers(const Entry& entry, const CommandTold& command, ByteView reply,
                     const std::string& name) {
    std::size_t first_answers = 0;
    for (const AnswerTold& told : command.answers) {
      const engine::Answer& answer = told.answer;
      if (answer.position != entry.position) {
        return find("one history", fmt::format("{} was acknowledged at position {}", name,
                                               answer.position.value()));
      }
      const auto code =
          ByteReader(ByteView(entry.payload).subspan(36)).read<std::uint16_t>().value();
      if (!std::ranges::equal(answer.payload, reply) || answer.time != entry.time ||
          answer.code != code) {
        return find("one history", name + ": the answer is not what stands in the history");
      }
      if (!answer.repeated) {
        ++first_answers;
        if (answer.revision != revisions_[entry.tenant]) {
          find("right answers", name + ": told a wrong revision");
        }
        if (told.floor_holds && entry.position <= told.floor) {
          find("in order",
               fmt::format("{} was asked when {} had been told", name, told.floor.value()));
        }
      } else if (!answer.revision.is_zero()) {
        told_revisions_.push_back({entry.tenant, answer.revision});
      }
    }
    if (first_answers > 1) find("exactly once", name + " was answered twice as if it were new");
  }

  void time_passed(const Entry& entry, std::span<const Entry> events) {
    const std::string name = fmt::format("position {}, time", entry.position.value());
    if (events.empty()) return find("history", name + ": an empty batch");
    const Timestamp now = events.front().time;
    if (now <= last_time_) find("in order", name + ": cell time does not go on");
    last_time_ = entry.time;
    for (const Entry& event : events) {
      if (!event.command.is_zero()) find("history", name + ": an event of a command");
      set_revision(event.tenant, event.position);
    }
    if (const Finding wrong = oracle_.time_passed(now, entry.time, facts_of(events, now))) {
      find("right answers", name + ": " + *wrong);
    }
  }

  void answer_queries(Position position) {
    const auto found = queries_.find(position);
    if (found == queries_.end()) return;
    for (const QueryTold* query : found->second) {
      const engine::Answer& answer = query->told.answer;
      const std::string name =
          fmt::format("query {} of tenant {} at position {}", query->ask.type & 0xffff,
                      query->ask.tenant.value(), position.value());
      if (const Finding wrong = oracle_.query(query->ask, answer.payload)) {
        find("queries", name + ": " + *wrong);
      }
      if (answer.revision != revisions_[query->ask.tenant]) {
        find("right answers", name + ": told a wrong revision");
      }
      if (query->told.floor_holds && position < query->told.floor) {
        find("in order",
             fmt::format("{} was asked when {} had been told", name, query->told.floor.value()));
      }
    }
    queries_.erase(found);
  }

  void judge_absent(const CommandTold& command) {
    const std::string name = name_of(command.ask.tenant, command.ask.id);
    if (!there_.contains({command.ask.tenant, command.ask.id})) {
      for (const AnswerTold& told : command.answers) {
        if (told.answer.position > history_.last() && !options_.complete) continue;
        return find("exactly once",
                    fmt::format("{} was acknowledged at position {} and is not there", name,
                                told.answer.position.value()));
      }
      if (options_.at_rest && !command.given_up && command.attempts > 0 && command.may_be_there) {
        find("at rest", name + " has never been answered");
      }
    }
  }

  void judge_subscription(const SubscriptionTold& told) {
    auto given = told.records.begin();
    const std::uint64_t end = std::min(told.position.value(), history_.last().value());
    if (end < told.position.value() && options_.complete) {
      find("one history", fmt::format("a subscriber was at position {}, the history ends at {}",
                                      told.position.value(), end));
    }
    for (std::uint64_t at = told.from.value(); at < end; ++at) {
      const Entry& entry = history_.entries[at];
      if (!wants(told.filter, entry)) continue;
      if (given == told.records.end() || given->envelope.sequence != entry.position) {
        return find(
            "subscriptions",
            fmt::format("position {} is missing, {} comes in its place", entry.position.value(),
                        given == told.records.end() ? 0 : given->envelope.sequence.value()));
      }
      if (!same(given->envelope, entry) || given->payload != entry.payload) {
        return find("one history", fmt::format("a subscriber was given another record at {}",
                                               entry.position.value()));
      }
      ++given;
    }
    if (given != told.records.end() && given->envelope.sequence.value() <= end) {
      find("subscriptions", fmt::format("position {} was not asked for, or came again",
                                        given->envelope.sequence.value()));
    }
  }

  static bool wants(const engine::RecordFilter& filter, const Entry& entry) {
    if (filter.tenant && entry.tenant != *filter.tenant) return false;
    if (entry.type >> 16 == 0) return filter.outcomes && entry.type == kOutcome;
    if (filter.types.empty()) return true;
    return std::ranges::any_of(filter.types,
                               [&](kernel::EventType type) { return type.value() == entry.type; });
  }
  static bool same(const journal::Envelope& told, const Entry& entry) {
    return told.time == entry.time && told.tenant == entry.tenant && told.type == entry.type &&
           told.principal == entry.principal && told.command == entry.command &&
           told.schema_version == entry.schema_version && told.row_bytes == entry.row_bytes;
  }

  const History& history_;
  const Told& told_;
  Oracle& oracle_;
  const JudgeOptions& options_;
  std::vector<std::string>& findings_;
  std::map<Position, std::vector<const QueryTold*>> queries_;
  std::set<Told::CommandKey> there_;
  std::map<TenantId, Position> revisions_;
  std::set<std::pair<TenantId, Position>> all_revisions_;
  std::vector<std::pair<TenantId, Position>> told_revisions_;
  Timestamp last_time_;
};

}  // namespace

void judge(const History& history, const Told& told, Oracle& oracle, const JudgeOptions& options,
           std::vector<std::string>& findings) {
  Judge(history, told, oracle, options, findings).run();
}

}  // namespace keel::torture
