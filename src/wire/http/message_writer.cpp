#include "wire/http/message_writer.hpp"

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"
#include "wire/http/head/target.hpp"

namespace keel::http {
namespace {

bool is_writable_name(std::string_view name) noexcept {
  return is_token(name) && !equals_ignoring_case(name, "content-length") &&
         !equals_ignoring_case(name, "transfer-encoding");
}

}  // namespace

void MessageWriter::header(std::string_view name, std::string_view value) {
  KEEL_ASSERT(stage_ == Stage::headers);
  if (!is_writable_name(name) || find_control(value, 0) != value.size()) {
    return output_.fail(kBadOutput);
  }
  output_.append(name);
  output_.append(": ");
  output_.append(value);
  output_.append("\r\n");
}

void MessageWriter::header(std::string_view name, std::uint64_t value) {
  KEEL_ASSERT(stage_ == Stage::headers);
  if (!is_writable_name(name)) return output_.fail(kBadOutput);
  output_.append(name);
  output_.append(": ");
  output_.append_decimal(value);
  output_.append("\r\n");
}

void MessageWriter::end_head() {
  KEEL_ASSERT(stage_ == Stage::headers);
  output_.append("\r\n");
  stage_ = Stage::complete;
}

void MessageWriter::body(ByteView body) {
  content_length(body.size());
  output_.append(body);
}

void MessageWriter::content_length(std::uint64_t size_bytes) {
  KEEL_ASSERT(body_allowed_);
  output_.append("Content-Length: ");
  output_.append_decimal(size_bytes);
  output_.append("\r\n");
  end_head();
}

void MessageWriter::chunked() {
  KEEL_ASSERT(body_allowed_);
  output_.append("Transfer-Encoding: chunked\r\n");
  end_head();
}

Result<ByteView> MessageWriter::finish() const {
  KEEL_ASSERT(stage_ == Stage::complete);
  return output_.finish();
}

void ResponseWriter::start(Status status) {
  KEEL_ASSERT(stage_ == Stage::start);
  KEEL_ASSERT(code(status) >= 100);
  KEEL_ASSERT(code(status) <= 599);
  stage_ = Stage::headers;
  body_allowed_ = !is_bodiless(status);
  output_.append("HTTP/1.1 ");
  output_.append_decimal(code(status));
  output_.append(" ");
  output_.append(reason(status));
  output_.append("\r\n");
}

void ResponseWriter::connection(Version client_version, bool keep_alive) {
  if (!keep_alive) {
    header("Connection", "close");
  } else if (client_version == Version::http_1_0) {
    header("Connection", "keep-alive");
  }
}

void ResponseWriter::until_close() {
  KEEL_ASSERT(body_allowed_);
  end_head();
}

void ResponseWriter::no_body() {
  KEEL_ASSERT(!body_allowed_);
  end_head();
}

void RequestWriter::start(const Line& line) {
  KEEL_ASSERT(stage_ == Stage::start);
  KEEL_ASSERT(line.method != Method::other);
  stage_ = Stage::headers;
  Result<Target> target = parse_target(line.target, line.method);
  if (!target || target->form == TargetForm::absolute || !is_host(line.host)) {
    return output_.fail(kBadOutput);
  }
  output_.append(to_string(line.method));
  output_.append(" ");
  output_.append(line.target);
  output_.append(" HTTP/1.1\r\n");
  header("Host", line.host);
}

Result<ByteView> write_chunk(ByteSpan space, ByteView data) {
  if (data.empty()) return kBadOutput;
  Output output(space);
  output.append_hexadecimal(data.size());
  output.append("\r\n");
  output.append(data);
  output.append("\r\n");
  return output.finish();
}

}  // namespace keel::http
