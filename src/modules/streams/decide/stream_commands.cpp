// Deciding about streams: their terms, their end, and what time takes from them.
#include <algorithm>

#include "kernel/described/dispatch.hpp"
#include "modules/streams/decide/log_commands.hpp"
#include "modules/streams/errors.hpp"

namespace keel::streams {

using kernel::Outcome;

namespace {

using Commands = kernel::Types<Fetch, Acknowledge, PutStream, DeleteStream, PurgeStream,
                               PutConsumer, DeleteConsumer>;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

Result<> check_terms(const StreamTerms& terms) {
  KEEL_TRY(check_bound("filters", terms.filters.size(), kMaxFilters));
  for (const std::string& filter : terms.filters) {
    if (filter.empty()) return Error(kBadRequest, "filters: one is empty");
    KEEL_TRY(check_bound("filters: bytes of one", filter.size(), kMaxFilterBytes));
  }
  if (terms.max_bytes != 0 && terms.max_bytes < kMessageRowBytes) {
    return Error(kBadRequest, "max_bytes: got " + std::to_string(terms.max_bytes) +
                                  ", expected 0 or at least " + std::to_string(kMessageRowBytes));
  }
  KEEL_TRY(check_bound("max_age_s", terms.max_age_s, kMaxAgeSeconds));
  KEEL_TRY(check_bound("max_message_bytes", terms.max_message_bytes, kMaxMessageBytes));
  return check_bound("description: bytes", terms.description_text.size(), kMaxFilterBytes);
}

std::uint64_t content_rows_of(const StreamPut& put) {
  Bytes bytes;
  encode(put, bytes);
  std::uint64_t rows = Contents::rows_of(bytes.size());
  for (const std::string& filter : put.terms.filters) {
    if (filter.size() > kInlineText) rows += Contents::rows_of(filter.size());
  }
  return rows;
}

}  // namespace

Result<> check_stream_name(std::string_view field, std::string_view value) {
  if (!value.empty() && value.size() <= kMaxStreamName &&
      std::ranges::all_of(value, is_name_character)) {
    return success();
  }
  return Error(kBadRequest, std::string(field) + ": expected 1 to " +
                                std::to_string(kMaxStreamName) + " of A-Z a-z 0-9 _ -");
}

Result<> check_bound(std::string_view field, std::uint64_t value, std::uint64_t most) {
  if (value <= most) return success();
  return Error(kBadRequest, std::string(field) + ": got " + std::to_string(value) +
                                ", expected at most " + std::to_string(most));
}

Result<Outcome> decide_about_logs(const LogDecision& d, const kernel::Command& command) {
  return kernel::dispatch(command, Commands{}, kUnknownType,
                          [&](const auto& asked) { return decide(d, asked); });
}

Result<Outcome> decide(const LogDecision& d, const PutStream& asked) {
  KEEL_TRY(check_stream_name("name", asked.name));
  KEEL_TRY(check_terms(asked.terms));
  const Logs& logs = d.state.logs;
  StreamNumber number = logs.find_stream(d.tenant(), asked.name);
  const bool is_new = number.is_zero();
  if (is_new && logs.streams.full()) return outcome(LogCode::streams_full);
  if (is_new) number = logs.totals().next_stream;
  for (const std::string& filter : asked.terms.filters) {
    if (logs.is_taken(d.tenant(), filter, number)) return outcome(LogCode::filters_overlap);
  }
  const StreamPut put{.stream = number, .name = asked.name, .terms = asked.terms};
  if (d.state.contents.rows() + content_rows_of(put) > d.state.contents.max_rows()) {
    return outcome(LogCode::contents_full);
  }
  d.emit(put);
  d.answer(PutStream::Answer{.stream = number, .created = is_new});
  return outcome(LogCode::done);
}

Result<Outcome> decide(const LogDecision& d, const DeleteStream& asked) {
  const StreamNumber number = d.state.logs.find_stream(d.tenant(), asked.name);
  if (number.is_zero()) return outcome(LogCode::stream_unknown);
  d.emit(StreamDeleted{.stream = number});
  return outcome(LogCode::done);
}

Result<Outcome> decide(const LogDecision& d, const PurgeStream& asked) {
  const Logs& logs = d.state.logs;
  const StreamNumber number = logs.find_stream(d.tenant(), asked.name);
  if (number.is_zero()) return outcome(LogCode::stream_unknown);
  const StreamRecord stream = *logs.stream(d.tenant(), number);
  const Sequence end = stream.last + 1;
  Sequence first = asked.before == 0 ? end : std::min(asked.before, end);
  first = std::min(first, end - std::min(asked.keep, end - 1));
  if (first > stream.first) d.emit(StreamTrimmed{.stream = number, .first = first});
  d.answer(
      PurgeStream::Answer{.purged = first > stream.first ? first - stream.first : std::uint64_t{}});
  return outcome(LogCode::done);
}

bool pass_stream_time(const State& state, kernel::Transaction& tx, const kernel::Context& context) {
  const auto first = state.logs.due.first();
  if (!first || first.key().at > context.now) return false;
  const StreamDueKey due = first.key();
  tx.act_for(due.tenant);
  const LogDecision d{.state = state, .tx = tx, .context = context};
  if (due.at == Timestamp{}) {
    d.emit(StreamSwept{.stream = due.stream, .consumer = due.consumer});
    return true;
  }
  const StreamRecord stream = *state.logs.stream(due.tenant, due.stream);
  const Sequence kept =
      state.logs.first_since(due.tenant, due.stream, context.now - stream.max_age());
  d.emit(StreamTrimmed{.stream = due.stream, .first = kept});
  return true;
}

}  // namespace keel::streams
