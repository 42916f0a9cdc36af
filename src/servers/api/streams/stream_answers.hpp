// What the routes of named streams answer; stream_routes.cpp is the table.
#pragma once

#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "servers/api/streams/stream_api.hpp"

namespace keel::servers {

runtime::Task<Result<>> list_streams(StreamCall& call);
runtime::Task<Result<>> put_stream(StreamCall& call);
runtime::Task<Result<>> get_stream(StreamCall& call);
runtime::Task<Result<>> delete_stream(StreamCall& call);
runtime::Task<Result<>> purge_stream(StreamCall& call);

runtime::Task<Result<>> append_messages(StreamCall& call);
runtime::Task<Result<>> read_messages(StreamCall& call);
runtime::Task<Result<>> follow_messages(StreamCall& call);

runtime::Task<Result<>> list_consumers(StreamCall& call);
runtime::Task<Result<>> put_consumer(StreamCall& call);
runtime::Task<Result<>> get_consumer(StreamCall& call);
runtime::Task<Result<>> delete_consumer(StreamCall& call);
runtime::Task<Result<>> fetch_messages(StreamCall& call);
runtime::Task<Result<>> acknowledge_messages(StreamCall& call);

// Steps that they share.

// Forms the command under `id`, and waits for its answer.
runtime::Task<Result<engine::Answer>> submit(StreamCall& call, kernel::CommandType type,
                                             Bytes payload, CommandId id);
template <typename Asked>
runtime::Task<Result<engine::Answer>> submit(StreamCall& call, Asked asked) {
  Bytes payload;
  encode(asked, payload);
  co_return co_await submit(call, Asked::kType, std::move(payload), call.id);
}
// The body as JSON; of an empty one what it is without a field.
template <typename Body>
Result<Body> json_body(const StreamCall& call) {
  const std::string_view text = as_text(call.exchange.request().body);
  if (text.empty()) return Body{};
  return from_json<Body>(text);
}

}  // namespace keel::servers
