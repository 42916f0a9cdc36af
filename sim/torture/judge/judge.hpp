// Judge: compares what the outside was told with the history that was found at the end.
//
//   one history       nobody was told of a record that is not in it, or is another there now
//   exactly once      what was acknowledged is there once; what was not, once or not at all; what
//                     was refused, not at all
//   right answers     the oracle of the module finds every reply, event and query right
//   in order          who asks after an answer is decided after it; cell time never runs back
//   subscriptions     complete, in order, without gap, for their filter
//
// Shares no code with the engine, the journal or the module but the records.
#pragma once

#include "sim/torture/judge/history.hpp"
#include "sim/torture/judge/told.hpp"

namespace keel::torture {

struct JudgeOptions {
  bool complete = true;  // the history is all there is: nothing of it may be missing
  bool at_rest = true;   // everybody was served, and time has gone on
  Timestamp now;         // cell time then
  bool duties_done = false;
};

// Goes through the history once. What is wrong goes to `findings`; the first few only.
void judge(const History& history, const Told& told, Oracle& oracle, const JudgeOptions& options,
           std::vector<std::string>& findings);

}  // namespace keel::torture
