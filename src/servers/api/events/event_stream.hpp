// GET /v1/events: a cell's durable history as server-sent events.
//
// Each record is one event or, when it packs many rows, several; its id is the record's position
// and stands on the last of them only, so that a client that comes back with Last-Event-ID misses
// nothing and at most sees the first pieces of one record again. "caught_up" comes once, at the end
// of what was there; "checkpoint" now and then, so that a reader of rare events knows how far it
// is.
//
// Thread: the server's core.
#pragma once

#include <memory>
#include <string_view>

#include "engine/requests/client.hpp"
#include "servers/api/caller.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

// Where to start, and what to see; from the query's texts.
struct EventsAsked {
  std::string_view after = "end";  // "start", "end" or a position
  std::string_view types;          // event_types(); empty: all
  bool outcomes = false;           // also how each command ended
};

// Waits for the first batch, so that what can never be answered is refused with a status of its
// own: kBadParameter when `after` is none of the three or a type is
// not known, journal::kArchived when what comes next was
// moved away, engine::kNoSuchPosition beyond the end.
runtime::Task<Result<std::unique_ptr<BodyStream>>> open_event_stream(engine::CellClient& client,
                                                                     Caller caller,
                                                                     EventsAsked asked);

}  // namespace keel::servers
