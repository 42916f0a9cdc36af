// Timeline: what became of one session, across all modules, in the order of the journal. Thread:
// any.
#pragma once

#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "modules/charging/types.hpp"

namespace keel::node {

struct TimelineRecord {
  Position position;
  Timestamp time;
  std::string type;
  std::string message;
  CommandId command_id;
  CorrelationId correlation;
  std::string content;

  static constexpr auto description() {
    return describe<TimelineRecord>(
        "keel.timeline.Record", doc("A record of the journal that tells of the session."),
        field<1>("position", &TimelineRecord::position, doc("In the journal; durable.")),
        field<2>("time", &TimelineRecord::time, doc("Cell time of the record.")),
        field<3>("type", &TimelineRecord::type, doc("charging.session_started, …")),
        field<4>("message", &TimelineRecord::message,
                 doc("The id of the station's message that it came of, where it came of one: as "
                     "it was, or as a digest (docs/ocpp.md).")),
        field<5>("command_id", &TimelineRecord::command_id, doc("0: what came due by time.")),
        field<6>("correlation", &TimelineRecord::correlation),
        field<7>("content", &TimelineRecord::content,
                 doc("A JSON text: the record's row or, of the ledger, the list of the transfers "
                     "that are the session's.")));
  }
};

struct Timeline {
  CorrelationId correlation;
  charging::SessionNumber session;
  bool complete = false;
  Position next;
  std::vector<TimelineRecord> records;

  static constexpr auto description() {
    return describe<Timeline>(
        "keel.timeline.Timeline", doc("What became of one session, in the order of the journal."),
        field<1>("correlation", &Timeline::correlation, doc("Of the session; ties its records.")),
        field<2>("session", &Timeline::session, doc("0: none has begun.")),
        field<3>("complete", &Timeline::complete,
                 doc("No older records were left out; at most the newest 10,000 are listed.")),
        field<4>("next", &Timeline::next, doc("Parameter `after` of the next page; 0: none.")),
        field<5>("records", &Timeline::records));
  }
};

}  // namespace keel::node
