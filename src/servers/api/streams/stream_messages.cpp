// Messages into a stream, and out of it to a consumer.
#include <algorithm>

#include "base/hash/sha256.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/streams/follow.hpp"
#include "servers/api/streams/stream_answers.hpp"
#include "servers/api/streams/stream_bodies.hpp"
#include "servers/api/streams/subjects.hpp"

namespace keel::servers {

using runtime::Task;

namespace {

constexpr std::uint64_t kMostWaitMs = 60'000;

CommandId random_id(runtime::Core& core) {
  std::array<std::byte, 16> random;
  core.entropy().fill(random);
  return CommandId(ByteReader(random).read<uint128>().value() | 1);
}

// What the body says: a batch as JSON, or one message as it stands.
Result<NewMessagesBody> new_messages(StreamCall& call) {
  const http::Request& request = call.exchange.request();
  const std::string_view type = request.headers.find("Content-Type").value_or("application/json");
  if (type.starts_with("application/json")) return json_body<NewMessagesBody>(call);
  NewMessageBody one{.topic = call.parameters.text("topic"),
                     .payload = Bytes(request.body.begin(), request.body.end())};
  if (call.parameters.has("expected_last")) {
    one.expected_last = KEEL_TRY(call.parameters.number("expected_last", 0));
  }
  NewMessagesBody body;
  body.messages.push_back(std::move(one));
  return body;
}

// Of messages that name none.
Task<Result<std::string>> usual_topic(StreamCall& call) {
  const auto answer = KEEL_CO_TRY(co_await ask(
      call.cell, call.caller, streams::GetStream{.name = call.stream}, call.exchange.wait()));
  const std::vector<std::string>& filters = answer.stream.terms.filters;
  if (filters.empty()) co_return call.stream;
  const auto topic = topic_of("topic", filters.front());
  if (filters.size() == 1 && topic.ok()) co_return *topic;
  co_return Error(kBadBody, "topic: missing, and the stream's filters are not one topic");
}

Result<streams::BatchWriter> batch_of(const StreamCall& call, const NewMessagesBody& body) {
  streams::BatchWriter batch;
  streams::ToStream to;
  const Digest digest = sha256(as_bytes(call.stream));
  std::ranges::copy(ByteView(digest).first(to.name_digest.size()), to.name_digest.begin());
  for (const NewMessageBody& message : body.messages) {
    if (message.text.has_value() && !message.payload.empty()) {
      return Error(kBadBody, "messages: one has both a text and a payload");
    }
    const ByteView payload = message.text ? as_bytes(*message.text) : ByteView(message.payload);
    if (message.topic.size() + payload.size() > streams::kMaxMessageBytes) {
      return Error(kBadBody, "messages: one is longer than " +
                                 std::to_string(streams::kMaxMessageBytes) + " bytes");
    }
    to.expected_last = message.expected_last.value_or(streams::kWhateverSequence);
    const bool is_added =
        batch.publish({.qos = 1, .topic = message.topic, .payload = payload, .to_stream = &to});
    if (!is_added) {
      return Error(kBadBody, "messages: more than " + std::to_string(streams::kMaxBatchOps) +
                                 ", or than fit into " + std::to_string(streams::kMaxBatchBytes) +
                                 " bytes");
    }
  }
  return batch;
}

// Whether a Fetch would find anything.
bool has_work(const streams::ConsumerView& consumer, Timestamp wall) {
  const bool takes_new = consumer.terms.ack == streams::AckPolicy::none ||
                         consumer.ack_pending < consumer.terms.max_ack_pending;
  return (consumer.waiting > 0 && takes_new) || consumer.next_redelivery <= wall;
}

// Contents of what was delivered; what the stream has dropped meanwhile is left out.
Task<Result<>> read_contents(StreamCall& call, std::vector<streams::Delivery> deliveries,
                             DeliveredBody& body) {
  for (std::size_t done = 0; done < deliveries.size();) {
    streams::ReadMessages read{.stream = call.stream};
    for (std::size_t i = done; i < deliveries.size(); ++i) {
      read.sequences.push_back(deliveries[i].sequence);
    }
    const auto answer =
        KEEL_CO_TRY(co_await ask(call.cell, call.caller, std::move(read), call.exchange.wait()));
    if (!answer.found) co_return success();
    std::size_t given = 0;
    for (; done < deliveries.size(); ++done) {
      const streams::Sequence sequence = deliveries[done].sequence;
      if (given < answer.messages.size() && answer.messages[given].sequence == sequence) {
        body.messages.push_back(
            {.delivery = deliveries[done], .message = answer.messages[given++]});
      } else if (sequence >= answer.first && given == answer.messages.size() &&
                 !answer.messages.empty()) {
        break;  // of the next page
      }
    }
  }
  co_return success();
}

}  // namespace

Task<Result<>> append_messages(StreamCall& call) {
  NewMessagesBody body = KEEL_CO_TRY(new_messages(call));
  KEEL_CO_TRY(call.parameters.finish());
  call.exchange.release_input();
  if (body.messages.empty()) co_return Error(kBadBody, "messages: expected 1 or more");
  std::optional<std::string> usual;
  for (NewMessageBody& message : body.messages) {
    if (message.topic.empty() && !usual) usual = KEEL_CO_TRY(co_await usual_topic(call));
    message.topic = message.topic.empty() ? *usual : KEEL_CO_TRY(topic_of("topic", message.topic));
  }
  const streams::BatchWriter batch = KEEL_CO_TRY(batch_of(call, body));
  const engine::Answer answer = KEEL_CO_TRY(co_await submit(
      call, streams::kBatch, Bytes(batch.bytes().begin(), batch.bytes().end()), call.id));
  AppendedBody appended{.position = answer.position.value(), .repeated = answer.repeated};
  streams::BatchReply reply = KEEL_CO_TRY(streams::BatchReply::read(answer.payload));
  while (reply.has_result()) {
    const streams::OpResult result = KEEL_CO_TRY(reply.next_result());
    AppendedBody::One& one = appended.messages.emplace_back();
    one.outcome = AppendCode{static_cast<std::uint16_t>(result.code)};
    if (result.numbers.size() == 2) one.sequence = result.numbers[1];
  }
  to_json(appended, call.exchange.reply().body);
  co_return success();
}

// Looks first, so that waiting writes nothing into the journal. A Fetch that only passes messages
// over is followed by the next one while `wait_ms` leaves time for it. Each has an id of its own:
// what is lost on the way to the client comes again, as the consumer's terms say.
Task<Result<>> fetch_messages(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  const auto asked = KEEL_CO_TRY(json_body<FetchBody>(call));
  if (asked.wait_ms > kMostWaitMs) co_return Error(kBadBody, "wait_ms: at most 60000");
  call.exchange.release_input();
  runtime::Core& core = call.cell.core();
  const Timestamp limit =
      core.now() + Duration::milliseconds(static_cast<std::int64_t>(asked.wait_ms));
  Patience patience;
  DeliveredBody body;
  for (;;) {
    const auto consumer = KEEL_CO_TRY(co_await ask(
        call.cell, call.caller, streams::GetConsumer{.stream = call.stream, .name = call.consumer},
        call.exchange.wait()));
    if (!consumer.found) co_return Error(kNotFound, "no consumer of this stream has this name");
    body.more = false;
    if (has_work(consumer.consumer, core.clock().wall())) {
      Bytes payload;
      encode(streams::Fetch{.stream = call.stream,
                            .consumer = call.consumer,
                            .max_messages = asked.max_messages,
                            .max_bytes = asked.max_bytes},
             payload);
      const engine::Answer answer = KEEL_CO_TRY(
          co_await submit(call, streams::Fetch::kType, std::move(payload), random_id(core)));
      body.outcome = streams::LogCode{answer.code};
      if (answer.code != 0) break;
      auto fetched = KEEL_CO_TRY(decode<streams::Fetch::Answer>(answer.payload));
      body.more = fetched.more;
      KEEL_CO_TRY(co_await read_contents(call, std::move(fetched.messages), body));
      if (!body.messages.empty()) break;
    }
    if (core.now() >= limit) break;
    if (body.more) continue;  // it has passed over some, and may find one at once
    const Timestamp again = std::min(limit, core.now() + patience.next());
    KEEL_CO_TRY(co_await core.sleep_until(again, call.exchange.wait()));
  }
  to_json(body, call.exchange.reply().body);
  co_return success();
}

Task<Result<>> acknowledge_messages(StreamCall& call) {
  KEEL_CO_TRY(call.parameters.finish());
  auto asked = KEEL_CO_TRY(json_body<AcksBody>(call));
  call.exchange.release_input();
  const engine::Answer answer = KEEL_CO_TRY(co_await submit(
      call, streams::Acknowledge{
                .stream = call.stream, .consumer = call.consumer, .acks = std::move(asked.acks)}));
  AcknowledgedBody body{.result = {.position = answer.position.value(),
                                   .repeated = answer.repeated,
                                   .outcome = streams::LogCode{answer.code}},
                        .acknowledged = {}};
  if (answer.code == 0 && !answer.payload.empty()) {
    body.acknowledged = KEEL_CO_TRY(decode<streams::Acknowledge::Answer>(answer.payload));
  }
  to_json(body, call.exchange.reply().body);
  co_return success();
}

}  // namespace keel::servers
