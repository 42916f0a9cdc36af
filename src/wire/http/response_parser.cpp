#include "wire/http/response_parser.hpp"

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

// A server that sends more interim responses than this to one request is not serving it.
constexpr std::size_t kMostInterim = 16;

constexpr std::size_t kVersionSize = 8;  // "HTTP/1.1"
constexpr std::size_t kReasonAt = 13;    // after "HTTP/1.1 200 "

bool is_passed_over(Status status) noexcept {
  return is_interim(status) && status != Status::switching_protocols;
}

}  // namespace

void ResponseParser::feed(ByteView bytes) {
  KEEL_ASSERT(!ended_);
  reader_.buffer().feed(bytes);
}

void ResponseParser::end() {
  ended_ = true;
}

const ErrorKind& ResponseParser::error() const noexcept {
  KEEL_ASSERT(reader_.failure() != nullptr);
  return *reader_.failure();
}

ByteView ResponseParser::remainder() const noexcept {
  const std::size_t used = stage_ == Stage::delivered ? reader_.cursor() : 0;
  return as_bytes(reader_.message().substr(used));
}

void ResponseParser::begin_message() {
  reader_.begin_message();
  response_ = {};
  until_close_ = false;
  stage_ = Stage::status_line;
}

ResponseStep ResponseParser::next(const ExpectedResponse& expected) {
  if (reader_.failure() != nullptr) return ResponseStep::error;
  if (stage_ == Stage::delivered) {
    begin_message();
    interim_count_ = 0;
  }
  while (stage_ == Stage::status_line || stage_ == Stage::headers) {
    const Progress progress =
        stage_ == Stage::status_line ? read_status_line() : read_head(expected);
    if (progress == Progress::failed) return ResponseStep::error;
    if (progress == Progress::more) return wait_for_more();
    if (stage_ == Stage::head_given) return ResponseStep::head;
  }
  return read_body(expected);
}

ResponseStep ResponseParser::wait_for_more() {
  reader_.buffer().hold();
  if (!ended_) return ResponseStep::need_more;
  if (stage_ == Stage::status_line && buffered() == 0 && interim_count_ == 0) {
    return ResponseStep::closed;
  }
  reader_.fail(kUnexpectedEnd);
  return ResponseStep::error;
}

// HTTP-version SP status-code SP [ reason-phrase ]
Progress ResponseParser::read_status_line() {
  std::string_view line;
  const Progress progress =
      reader_.read_line(reader_.limits().start_line_bytes, kBadStatusLine, line);
  if (progress != Progress::done) return progress;
  if (line.size() < kReasonAt || line[kVersionSize] != ' ' || line[kReasonAt - 1] != ' ') {
    return reader_.fail(kBadStatusLine);
  }
  const std::string_view version = line.substr(0, kVersionSize);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return reader_.fail(kBadVersion);
  const auto number = parse_decimal(line.substr(kVersionSize + 1, 3));
  if (!number || *number < 100 || *number > 599) return reader_.fail(kBadStatusLine);
  response_.version = version.back() == '1' ? Version::http_1_1 : Version::http_1_0;
  response_.status = static_cast<Status>(*number);
  line_size_ = line.size();
  stage_ = Stage::headers;
  return Progress::done;
}

Progress ResponseParser::read_head(const ExpectedResponse& expected) {
  const Progress progress = reader_.read_headers();
  if (progress != Progress::done) return progress;
  if (is_interim(response_.status) &&
      (reader_.known(KnownField::content_length) || reader_.known(KnownField::transfer_encoding))) {
    // Nothing follows such a head (RFC 9110, 8.6): a server that says otherwise would be misread.
    return reader_.fail(kConflictingLength);
  }
  if (is_passed_over(response_.status)) {
    if (++interim_count_ > kMostInterim) return reader_.fail(kBadStatusLine);
    begin_message();
    return Progress::done;
  }
  if (plan_body(expected) == Progress::failed) return Progress::failed;
  Result<ConnectionOptions> options = reader_.connection_options();
  if (!options) return reader_.fail(options.error().kind());
  const bool is_1_1 = response_.version == Version::http_1_1;
  response_.keep_alive = !until_close_ && !options->close && (is_1_1 || options->keep_alive) &&
                         response_.status != Status::switching_protocols;
  stage_ = Stage::body;
  if (!expected.in_parts) return Progress::done;
  fill_head();
  stage_ = Stage::head_given;
  return Progress::done;
}

// Where the body ends (RFC 9112, 6.3), without the leniencies.
Progress ResponseParser::plan_body(const ExpectedResponse& expected) {
  Result<Framing> framing = reader_.framing();
  if (!framing) return reader_.fail(framing.error().kind());
  if (framing->chunked && response_.version == Version::http_1_0) {
    return reader_.fail(kBadTransferEncoding);
  }
  response_.content_length = framing->content_length;
  BodyPlan plan{.in_parts = expected.in_parts};
  if (expected.method == Method::head || is_bodiless(response_.status)) {
    plan.size_bytes = 0;
  } else if (framing->chunked) {
    plan.kind = BodyPlan::Kind::chunked;
  } else if (framing->content_length) {
    plan.size_bytes = *framing->content_length;
    if (!plan.in_parts && plan.size_bytes > reader_.limits().body_bytes) {
      return reader_.fail(kBodyTooLarge);
    }
  } else {
    plan.kind = BodyPlan::Kind::until_close;
    until_close_ = true;
  }
  reader_.begin_body(plan);
  return Progress::done;
}

ResponseStep ResponseParser::read_body(const ExpectedResponse& expected) {
  if (expected.in_parts) drop_given();
  if (stage_ != Stage::body_end) {
    stage_ = Stage::body;
    const Progress progress = reader_.read_body();
    if (progress == Progress::failed) return ResponseStep::error;
    const bool done = progress == Progress::done || (until_close_ && ended_);
    if (expected.in_parts && !reader_.body().empty()) {
      if (done) stage_ = Stage::body_end;
      response_.body = reader_.body();
      return ResponseStep::part;
    }
    if (!done) return wait_for_more();
  }
  if (!expected.in_parts) {
    fill_head();
    response_.body = reader_.body();
  }
  stage_ = Stage::delivered;
  return ResponseStep::response;
}

void ResponseParser::drop_given() {
  reader_.drop_body();
  response_.reason = {};
  response_.headers = {};
  response_.body = {};
}

void ResponseParser::fill_head() {
  response_.reason = reader_.message().substr(kReasonAt, line_size_ - kReasonAt);
  response_.headers = reader_.headers();
}

}  // namespace keel::http
