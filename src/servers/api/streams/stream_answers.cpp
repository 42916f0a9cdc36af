// Streams: their terms, and reading them.
#include "servers/api/streams/stream_answers.hpp"

#include "modules/streams/requests.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/streams/follow.hpp"
#include "servers/api/streams/stream_bodies.hpp"
#include "servers/api/streams/subjects.hpp"
#include "wire/http/events/event_stream.hpp"

namespace keel::servers {

using runtime::Task;

namespace {

Error no_stream() {
  return Error(kNotFound, "no stream has this name");
}

void write_result(StreamCall& call, const engine::Answer& answer, bool created = false,
                  std::uint64_t purged = 0) {
  to_json(StreamResultBody{.position = answer.position.value(),
                           .repeated = answer.repeated,
                           .outcome = streams::LogCode{answer.code},
                           .created = created,
                           .purged = purged},
          call.exchange.reply().body);
}

// Where to read, as `from`, `since` and `filter` say it.
Result<streams::ReadMessages> place_of(StreamCall& call) {
  streams::ReadMessages place{.stream = call.stream,
                              .from_time = KEEL_TRY(call.parameters.time("since"))};
  if (const std::string filter = call.parameters.text("filter"); !filter.empty()) {
    place.filter = KEEL_TRY(filter_of("filter", filter));
  }
  return place;
}

}  // namespace

Task<Result<engine::Answer>> submit(StreamCall& call, kernel::CommandType type, Bytes payload,
                                    CommandId id) {
  const kernel::Command command{.tenant = call.caller.tenant,
                                .principal = call.caller.principal,
                                .id = id,
                                .type = type,
                                .schema_version = kernel::SchemaVersion(1),
                                .payload = payload};
  co_return co_await call.cell.submit(command, call.exchange.wait());
}

Task<Result<>> list_streams(StreamCall& call) {
  const streams::ListStreams list{.after = KEEL_CO_TRY(call.parameters.number("after", 0)),
                                  .limit = static_cast<std::uint32_t>(KEEL_CO_TRY(
                                      call.parameters.number("limit", 0, streams::kMaxListed)))};
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  to_json(KEEL_CO_TRY(co_await ask(call.cell, call.caller, list, call.exchange.wait())),
          call.exchange.reply().body);
  co_return success();
}

Task<Result<>> put_stream(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  streams::PutStream put{.name = call.stream,
                         .terms = KEEL_CO_TRY(json_body<streams::StreamTerms>(call))};
  for (std::string& filter : put.terms.filters) filter = KEEL_CO_TRY(filter_of("filters", filter));
  call.exchange.release_input();
  const engine::Answer answer = KEEL_CO_TRY(co_await submit(call, std::move(put)));
  bool created = false;
  if (answer.code == 0 && !answer.payload.empty()) {
    created = KEEL_CO_TRY(decode<streams::PutStream::Answer>(answer.payload)).created;
  }
  write_result(call, answer, created);
  co_return success();
}

Task<Result<>> get_stream(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const auto answer = KEEL_CO_TRY(co_await ask(
      call.cell, call.caller, streams::GetStream{.name = call.stream}, call.exchange.wait()));
  if (!answer.found) co_return no_stream();
  to_json(answer.stream, call.exchange.reply().body);
  co_return success();
}

Task<Result<>> delete_stream(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const engine::Answer answer =
      KEEL_CO_TRY(co_await submit(call, streams::DeleteStream{.name = call.stream}));
  write_result(call, answer);
  co_return success();
}

Task<Result<>> purge_stream(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  const auto body = KEEL_CO_TRY(json_body<PurgeBody>(call));
  call.exchange.release_input();
  const engine::Answer answer = KEEL_CO_TRY(co_await submit(
      call, streams::PurgeStream{.name = call.stream, .before = body.before, .keep = body.keep}));
  std::uint64_t purged = 0;
  if (answer.code == 0 && !answer.payload.empty()) {
    purged = KEEL_CO_TRY(decode<streams::PurgeStream::Answer>(answer.payload)).purged;
  }
  write_result(call, answer, false, purged);
  co_return success();
}

Task<Result<>> read_messages(StreamCall& call) {
  streams::ReadMessages read = KEEL_CO_TRY(place_of(call));
  read.from = KEEL_CO_TRY(call.parameters.number("from", 0));
  read.limit = static_cast<std::uint32_t>(
      KEEL_CO_TRY(call.parameters.number("limit", 0, streams::kMaxReadMessages)));
  read.budget_bytes = KEEL_CO_TRY(call.parameters.number("max_bytes", 0, streams::kMaxReplyBytes));
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const auto answer =
      KEEL_CO_TRY(co_await ask(call.cell, call.caller, std::move(read), call.exchange.wait()));
  if (!answer.found) co_return no_stream();
  to_json(answer, call.exchange.reply().body);
  co_return success();
}

Task<Result<>> follow_messages(StreamCall& call) {
  streams::ReadMessages read = KEEL_CO_TRY(place_of(call));
  const std::string from = call.parameters.text("from");
  KEEL_CO_TRY(call.parameters.finish());
  const auto last = call.exchange.request().headers.find("Last-Event-ID");
  if (last || (!from.empty() && from != "start" && from != "end")) {
    const auto sequence = uint128_from_decimal(last ? *last : from);
    if (!sequence.ok() || *sequence >= UINT64_MAX) {
      co_return Error(kBadParameter, "from, Last-Event-ID: expected start, end or a sequence");
    }
    read.from = static_cast<streams::Sequence>(*sequence) + (last ? 1 : 0);
  } else if (from == "end" || (from.empty() && read.from_time.ns == 0)) {
    read.from = streams::kWhateverSequence;  // its end as it is now
  }
  call.exchange.release_input();
  Reply& reply = call.exchange.reply();
  reply.stream = KEEL_CO_TRY(
      co_await follow_stream(call.cell, call.caller, std::move(read), call.exchange.wait()));
  reply.content_type = http::kEventStreamType;
  reply.fields.push_back({"Cache-Control", "no-store"});
  co_return success();
}

// --- consumers ---

Task<Result<>> list_consumers(StreamCall& call) {
  streams::ListConsumers list{.stream = call.stream,
                              .after = KEEL_CO_TRY(call.parameters.number("after", 0)),
                              .limit = static_cast<std::uint32_t>(KEEL_CO_TRY(
                                  call.parameters.number("limit", 0, streams::kMaxListed)))};
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const auto answer =
      KEEL_CO_TRY(co_await ask(call.cell, call.caller, std::move(list), call.exchange.wait()));
  if (!answer.found) co_return no_stream();
  to_json(answer, call.exchange.reply().body);
  co_return success();
}

Task<Result<>> put_consumer(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  streams::PutConsumer put{.stream = call.stream,
                           .name = call.consumer,
                           .terms = KEEL_CO_TRY(json_body<streams::ConsumerTerms>(call))};
  if (!put.terms.filter.empty()) {
    put.terms.filter = KEEL_CO_TRY(filter_of("filter", put.terms.filter));
  }
  call.exchange.release_input();
  const engine::Answer answer = KEEL_CO_TRY(co_await submit(call, std::move(put)));
  bool created = false;
  if (answer.code == 0 && !answer.payload.empty()) {
    created = KEEL_CO_TRY(decode<streams::PutConsumer::Answer>(answer.payload)).created;
  }
  write_result(call, answer, created);
  co_return success();
}

Task<Result<>> get_consumer(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const auto answer = KEEL_CO_TRY(co_await ask(
      call.cell, call.caller, streams::GetConsumer{.stream = call.stream, .name = call.consumer},
      call.exchange.wait()));
  if (!answer.found) co_return Error(kNotFound, "no consumer of this stream has this name");
  to_json(answer.consumer, call.exchange.reply().body);
  co_return success();
}

Task<Result<>> delete_consumer(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  const engine::Answer answer = KEEL_CO_TRY(
      co_await submit(call, streams::DeleteConsumer{.stream = call.stream, .name = call.consumer}));
  write_result(call, answer);
  co_return success();
}

}  // namespace keel::servers
