#include "wire/http/request_parser.hpp"

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {

void RequestParser::feed(ByteView bytes) {
  reader_.buffer().feed(bytes);
}

const ErrorKind& RequestParser::error() const noexcept {
  KEEL_ASSERT(reader_.failure() != nullptr);
  return *reader_.failure();
}

ByteView RequestParser::remainder() const noexcept {
  const std::size_t used = stage_ == Stage::delivered ? reader_.cursor() : 0;
  return as_bytes(reader_.message().substr(used));
}

RequestStep RequestParser::next() {
  if (reader_.failure() != nullptr) return RequestStep::error;
  if (stage_ == Stage::delivered) {
    reader_.begin_message();
    closed_ = closed_ || !request_.keep_alive;
    request_ = {};
    skipped_empty_line_ = head_announced_ = false;
    stage_ = Stage::start_line;
  }
  // Who has said "close" is not heard again (RFC 9112, 9.6).
  if (closed_ && buffered() > 0) {
    reader_.fail(kDataAfterClose);
    return RequestStep::error;
  }
  Progress progress = Progress::done;
  if (stage_ == Stage::start_line) {
    progress = read_start_line();
    if (progress == Progress::done) stage_ = Stage::headers;
  }
  if (stage_ == Stage::headers && progress == Progress::done) {
    progress = read_head();
    if (progress == Progress::done) stage_ = Stage::body;
  }
  if (stage_ == Stage::body && progress == Progress::done) {
    if (request_.expects_continue && !head_announced_) {
      head_announced_ = true;
      fill_request();
      return RequestStep::head;
    }
    progress = reader_.read_body();
  }
  switch (progress) {
    case Progress::more:
      reader_.buffer().hold();
      return RequestStep::need_more;
    case Progress::failed:
      return RequestStep::error;
    case Progress::done:
      break;
  }
  stage_ = Stage::delivered;
  fill_request();
  return RequestStep::request;
}

Progress RequestParser::read_start_line() {
  std::string_view line;
  Progress progress = reader_.read_line(reader_.limits().start_line_bytes, kLineTooLong, line);
  if (progress == Progress::done && line.empty() && !skipped_empty_line_) {
    // One empty line before a request is forgiven (RFC 9112, 2.2): old clients send it after a
    // body.
    skipped_empty_line_ = true;
    progress = reader_.read_line(reader_.limits().start_line_bytes, kLineTooLong, line);
  }
  if (progress != Progress::done) return progress;
  line_size_ = line.size();
  line_at_ = reader_.cursor() - line.size() - 2;
  return parse_start_line(line);
}

// method SP request-target SP HTTP-version
Progress RequestParser::parse_start_line(std::string_view line) {
  const std::size_t method_size = token_length(line);
  if (method_size == 0 || method_size == line.size() || line[method_size] != ' ') {
    return reader_.fail(kBadRequestLine);
  }
  request_.method_text = line.substr(0, method_size);
  request_.method = method_from(request_.method_text);
  const std::string_view rest = line.substr(method_size + 1);
  const std::size_t target_size = rest.find(' ');
  if (target_size == std::string_view::npos) return reader_.fail(kBadRequestLine);
  if (parse_version(rest.substr(target_size + 1)) == Progress::failed) return Progress::failed;
  if (request_.method == Method::connect) return reader_.fail(kRefusedMethod);
  Result<Target> target = parse_target(rest.substr(0, target_size), request_.method);
  if (!target) return reader_.fail(target.error().kind());
  request_.target = *target;
  return Progress::done;
}

Progress RequestParser::parse_version(std::string_view text) {
  if (text == "HTTP/1.1") {
    request_.version = Version::http_1_1;
  } else if (text == "HTTP/1.0") {
    request_.version = Version::http_1_0;
  } else {
    const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                             text[6] == '.' && is_digit(text[7]);
    return reader_.fail(well_formed ? kUnsupportedVersion : kBadVersion);
  }
  return Progress::done;
}

Progress RequestParser::read_head() {
  const Progress progress = reader_.read_headers();
  if (progress != Progress::done) return progress;
  refresh_start_line();
  if (check_host() == Progress::failed || check_framing() == Progress::failed) {
    return Progress::failed;
  }
  return check_connection();
}

// Exactly one valid Host in 1.1, at most one in 1.0; the same as the target's when that has one
// (RFC 9112, 3.2).
Progress RequestParser::check_host() {
  const auto host = reader_.known(KnownField::host);
  if (!host) {
    return request_.version == Version::http_1_1 ? reader_.fail(kBadHost) : Progress::done;
  }
  if (reader_.is_repeated(KnownField::host) || !is_host(*host)) return reader_.fail(kBadHost);
  if (request_.target.form == TargetForm::absolute &&
      !equals_ignoring_case(request_.target.authority, *host)) {
    return reader_.fail(kBadHost);
  }
  return Progress::done;
}

Progress RequestParser::check_framing() {
  Result<Framing> framing = reader_.framing();
  if (!framing) return reader_.fail(framing.error().kind());
  // Before 1.1 there was no chunked: who sends it has a broken or hostile relay on the way (RFC
  // 9112, 6.1).
  if (framing->chunked && request_.version == Version::http_1_0) {
    return reader_.fail(kBadTransferEncoding);
  }
  request_.content_length = framing->content_length;
  const std::uint64_t size = framing->content_length.value_or(0);
  if (size > reader_.limits().body_bytes) return reader_.fail(kBodyTooLarge);
  has_body_ = framing->chunked || size > 0;
  reader_.begin_body({.kind = framing->chunked ? BodyPlan::Kind::chunked : BodyPlan::Kind::fixed,
                      .size_bytes = size});
  return Progress::done;
}

Progress RequestParser::check_connection() {
  Result<ConnectionOptions> options = reader_.connection_options();
  if (!options) return reader_.fail(options.error().kind());
  const bool is_1_1 = request_.version == Version::http_1_1;
  request_.keep_alive = !options->close && (is_1_1 || options->keep_alive);
  wants_upgrade_ = is_1_1 && options->upgrade;

  const auto expect = reader_.known(KnownField::expect);
  if (!expect || !is_1_1) return Progress::done;
  if (reader_.is_repeated(KnownField::expect) || !equals_ignoring_case(*expect, "100-continue")) {
    return reader_.fail(kBadExpectation);
  }
  request_.expects_continue = has_body_;
  return Progress::done;
}

// The bytes may have moved since the start line was parsed: then it is parsed again, with the same
// outcome.
void RequestParser::refresh_start_line() {
  const std::string_view line = reader_.message().substr(line_at_, line_size_);
  if (request_.method_text.data() == line.data()) return;
  KEEL_ASSERT(parse_start_line(line) == Progress::done);
}

void RequestParser::fill_request() {
  refresh_start_line();
  request_.headers = reader_.headers();
  request_.host = reader_.known(KnownField::host).value_or(request_.target.authority);
  request_.upgrade = wants_upgrade_ ? reader_.known(KnownField::upgrade).value_or("") : "";
  request_.body = reader_.body();
}

}  // namespace keel::http
