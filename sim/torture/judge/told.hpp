// Told: what the world outside has asked and been told, whatever happened to the machines. The
// judge compares it with the history at the end.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "engine/history/frames.hpp"
#include "engine/history/record_filter.hpp"
#include "engine/requests/answer.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

// An answer, and the newest position that anybody had been told before it was asked for.
struct AnswerTold {
  engine::Answer answer;
  Position floor;
  bool floor_holds = true;  // not where two writers may both believe to be the one
};

struct CommandTold {
  Ask ask;
  std::vector<AnswerTold> answers;  // the same, as often as it was asked
  std::uint32_t attempts = 0;
  bool may_be_there = false;  // an attempt succeeded, or nobody knows what became of it
  bool given_up = false;
  bool lost = false;  // damage has cost an answer that was given: its id is free again
};

struct QueryTold {
  Ask ask;
  AnswerTold told;
};

// A record that a subscriber was given.
struct RecordTold {
  journal::Envelope envelope;
  Bytes payload;
};
struct SubscriptionTold {
  engine::RecordFilter filter;
  Position from;      // everything behind it …
  Position position;  // … up to here has been given
  std::vector<RecordTold> records;
};

// A state's hash, and where it stood in the history.
struct HashTold {
  Position position;
  Digest hash;
  std::string where;
};

struct Told {
  using CommandKey = std::pair<TenantId, CommandId>;

  std::map<CommandKey, CommandTold> commands;
  std::vector<QueryTold> queries;
  std::deque<SubscriptionTold> subscriptions;
  std::vector<HashTold> hashes;
  std::vector<std::string> findings;  // what was seen to be wrong at once
  Position newest;                    // that anybody has been told

  void saw(Position position) { newest = std::max(newest, position); }
  // Damage has cost what stood behind `last`, and it was reported: what was told of it does not
  // count. The number of answers to commands among it.
  std::uint64_t forget_after(Position last);
};

}  // namespace keel::torture
