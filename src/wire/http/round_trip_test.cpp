// Whatever the writers write, the parsers read: random messages, random framing, random cuts.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "wire/http/message_writer.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/http/response_parser.hpp"

namespace keel::http {
namespace {

struct Field {
  std::string name;
  std::string value;
};

// Text made of `alphabet`, not shorter than `least`.
rc::Gen<std::string> text_of(std::string alphabet, std::size_t least) {
  return rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::elementOf(std::move(alphabet))),
                           [least](const std::string& text) { return text.size() >= least; });
}

std::vector<Field> any_fields() {
  std::vector<Field> fields;
  const std::size_t count = *rc::gen::inRange<std::size_t>(0, 8);
  for (std::size_t i = 0; i < count; ++i) {
    // The prefix keeps the names from meaning anything.
    fields.push_back({"X-" + *text_of("abcXYZ019!#$%&'*+-.^_`|~", 0),
                      std::string(trim(*text_of("ab \t,;:=\"\\/()\x80\xff", 0)))});
  }
  return fields;
}

// Where random bytes are cut: the lengths of the pieces.
std::vector<std::string> cut(std::string_view bytes) {
  std::vector<std::string> pieces;
  while (!bytes.empty()) {
    const auto size = std::min(*rc::gen::inRange<std::size_t>(1, 64), bytes.size());
    pieces.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return pieces;
}

template <typename Writer>
std::string written(Writer& writer, std::string_view body, bool in_chunks) {
  if (in_chunks) {
    writer.chunked();
  } else {
    writer.body(body);
  }
  std::string text(as_text(writer.finish().value()));
  if (!in_chunks) return text;
  for (const std::string& piece : cut(body)) {
    Bytes space(chunk_bytes(piece.size()));
    text += as_text(write_chunk(space, as_bytes(piece)).value());
  }
  return text + std::string(kLastChunk);
}

void expect_fields(const Headers& headers, const std::vector<Field>& fields, std::size_t from) {
  RC_ASSERT(headers.size() == fields.size() + from + 1);  // and the framing
  for (std::size_t i = 0; i < fields.size(); ++i) {
    RC_ASSERT(headers[i + from].name == fields[i].name);
    RC_ASSERT(headers[i + from].value == fields[i].value);
  }
}

RC_GTEST_PROP(RoundTrip, what_a_client_writes_the_server_reads, ()) {
  const auto method =
      *rc::gen::element(Method::get, Method::post, Method::put, Method::delete_, Method::patch);
  const std::string path = "/" + *text_of("abz09-._~!$&'()*+,;=:@/", 0);
  const std::string query = *text_of("ab=&+?/", 0);
  const std::string target = query.empty() ? path : path + "?" + query;
  const std::vector<Field> fields = any_fields();
  const std::string body = *rc::gen::arbitrary<std::string>();

  Bytes space(16'384);
  RequestWriter writer(space);
  writer.start({.method = method, .target = target, .host = "keel.example:8080"});
  for (const Field& field : fields) writer.header(field.name, field.value);
  const std::string text = written(writer, body, *rc::gen::arbitrary<bool>());

  RequestParser parser;
  RequestStep step = RequestStep::need_more;
  for (const std::string& piece : cut(text)) {
    RC_ASSERT(step == RequestStep::need_more);
    parser.feed(as_bytes(piece));
    step = parser.next();
    if (step != RequestStep::request) continue;
    const Request& request = parser.request();
    RC_ASSERT(request.method == method);
    RC_ASSERT(request.target.path == path);
    RC_ASSERT(request.target.query == query);
    RC_ASSERT(request.host == "keel.example:8080");
    RC_ASSERT(as_text(request.body) == body);
    expect_fields(request.headers, fields, 1);
  }
  RC_ASSERT(step == RequestStep::request);
  RC_ASSERT(parser.next() == RequestStep::need_more);
  RC_ASSERT(parser.is_idle());
}

RC_GTEST_PROP(RoundTrip, what_a_server_writes_the_client_reads, ()) {
  const auto status = static_cast<Status>(*rc::gen::inRange<int>(200, 600));
  RC_PRE(!is_bodiless(status));
  const std::vector<Field> fields = any_fields();
  const std::string body = *rc::gen::arbitrary<std::string>();

  Bytes space(16'384);
  ResponseWriter writer(space);
  writer.start(status);
  for (const Field& field : fields) writer.header(field.name, field.value);
  const std::string text = written(writer, body, *rc::gen::arbitrary<bool>());

  ResponseParser parser;
  ResponseStep step = ResponseStep::need_more;
  for (const std::string& piece : cut(text)) {
    RC_ASSERT(step == ResponseStep::need_more);
    parser.feed(as_bytes(piece));
    step = parser.next({});
    if (step != ResponseStep::response) continue;
    RC_ASSERT(parser.response().status == status);
    RC_ASSERT(parser.response().keep_alive);
    RC_ASSERT(as_text(parser.response().body) == body);
    expect_fields(parser.response().headers, fields, 0);
  }
  RC_ASSERT(step == ResponseStep::response);
}

RC_GTEST_PROP(RoundTrip, percent_decoding_undoes_encoding, ()) {
  const std::string text = *rc::gen::arbitrary<std::string>();
  std::string encoded;
  for (const char c : text) encoded += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
  std::string space(text.size(), '\0');
  RC_ASSERT(percent_decode(encoded, space).value() == text);
}

}  // namespace
}  // namespace keel::http
