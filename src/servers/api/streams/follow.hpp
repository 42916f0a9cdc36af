// A stream of messages as server-sent events: all from a place on, and what comes after them for as
// long as the client listens. An event's id is the message's sequence: a client that comes back
// with Last-Event-ID misses nothing that is still there. Nothing is remembered of who follows.
//
// Thread: the server's core.
#pragma once

#include <memory>

#include "base/describe/wire.hpp"
#include "engine/requests/client.hpp"
#include "modules/streams/log/queries.hpp"
#include "servers/api/caller.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

// How long to wait before a stream that had nothing is looked at again: longer each time, for as
// long as there is nothing.
class Patience {
 public:
  Duration next() noexcept {
    const Duration now = pause_;
    pause_ = std::min(pause_ + pause_, Duration::milliseconds(100));
    return now;
  }
  void reset() noexcept { pause_ = kFirst; }

 private:
  static constexpr Duration kFirst = Duration::milliseconds(5);
  Duration pause_ = kFirst;
};

// `from` says where, and which. The stream is there, or kNotFound.
runtime::Task<Result<std::unique_ptr<BodyStream>>> follow_stream(engine::CellClient& cell,
                                                                 Caller caller,
                                                                 streams::ReadMessages from,
                                                                 runtime::Wait wait);

// A query of described structs.
template <typename Asked>
runtime::Task<Result<typename Asked::Answer>> ask(engine::CellClient& cell, Caller caller,
                                                  Asked asked, runtime::Wait wait) {
  Bytes payload;
  encode(asked, payload);
  const kernel::Query query{.tenant = caller.tenant,
                            .principal = caller.principal,
                            .type = Asked::kType,
                            .payload = payload};
  const engine::Answer answer = KEEL_CO_TRY(co_await cell.query(query, wait));
  co_return decode<typename Asked::Answer>(answer.payload);
}

}  // namespace keel::servers
