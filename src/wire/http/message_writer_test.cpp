#include "wire/http/message_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

using namespace std::string_view_literals;

class MessageWriterTest : public ::testing::Test {
 protected:
  std::array<std::byte, 256> space_{};
};

std::string text_of(const Result<ByteView>& bytes) {
  return bytes ? std::string(as_text(*bytes)) : std::string(bytes.error().kind().name);
}

TEST_F(MessageWriterTest, writes_a_response_with_its_body) {
  ResponseWriter writer(space_);
  writer.start(Status::ok);
  writer.date("Sun, 06 Nov 1994 08:49:37 GMT");
  writer.header("Content-Type", "application/json");
  writer.header("Retry-After", 5u);
  writer.connection(Version::http_1_1, true);
  writer.body("{}");
  EXPECT_EQ(text_of(writer.finish()),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: application/json\r\nRetry-After: 5\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_F(MessageWriterTest, says_close_and_keep_alive_where_the_version_needs_it) {
  const auto head = [this](Version version, bool keep_alive) {
    ResponseWriter writer(space_);
    writer.start(Status::no_content);
    writer.connection(version, keep_alive);
    writer.no_body();
    return text_of(writer.finish());
  };
  EXPECT_EQ(head(Version::http_1_1, true), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(head(Version::http_1_1, false), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(head(Version::http_1_0, true),
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

TEST_F(MessageWriterTest, refuses_text_that_would_break_out_of_a_header) {
  for (const std::string_view value :
       {"a\r\nSet-Cookie: x"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "\x7f"sv}) {
    ResponseWriter writer(space_);
    writer.start(Status::ok);
    writer.header("X-Echo", value);
    writer.body("");
    EXPECT_EQ(text_of(writer.finish()), "http.bad_output");
  }
  for (const std::string_view name :
       {"", "X Y", "X:", "X\r\n", "Content-Length", "transfer-encoding"}) {
    ResponseWriter writer(space_);
    writer.start(Status::ok);
    writer.header(name, "1");
    writer.header(name, 1u);
    writer.body("");
    EXPECT_EQ(text_of(writer.finish()), "http.bad_output");
  }
}

TEST_F(MessageWriterTest, fits_exactly_or_says_that_it_does_not) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
  for (const std::size_t missing : {std::size_t{0}, std::size_t{1}, std::size_t{4}, whole.size()}) {
    ResponseWriter writer(ByteSpan(space_).first(whole.size() - missing));
    writer.start(Status::ok);
    writer.body("abc");
    EXPECT_EQ(text_of(writer.finish()), missing == 0 ? whole : "http.output_full");
  }
}

TEST_F(MessageWriterTest, writes_requests_and_refuses_bad_targets_and_hosts) {
  const auto request = [this](std::string_view target, std::string_view host) {
    RequestWriter writer(space_);
    writer.start({.method = Method::get, .target = target, .host = host});
    writer.no_body();
    return text_of(writer.finish());
  };
  EXPECT_EQ(request("/a?b=c", "h:1"), "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n");
  EXPECT_EQ(request("/a b", "h"), "http.bad_output");
  EXPECT_EQ(request("/a\r\nX: y", "h"), "http.bad_output");
  EXPECT_EQ(request("a", "h"), "http.bad_output");
  EXPECT_EQ(request("http://h/", "h"), "http.bad_output");
  EXPECT_EQ(request("/", "h\r\nX: y"), "http.bad_output");
  EXPECT_EQ(request("/", ""), "http.bad_output");
}

TEST_F(MessageWriterTest, writes_chunks) {
  EXPECT_EQ(text_of(write_chunk(space_, as_bytes("0123456789abcdefg"))),
            "11\r\n0123456789abcdefg\r\n");
  EXPECT_EQ(text_of(write_chunk(space_, {})), "http.bad_output");
  EXPECT_EQ(text_of(write_chunk(ByteSpan(space_).first(7), as_bytes("abc"))), "http.output_full");
}

using MessageWriterDeathTest = MessageWriterTest;

TEST_F(MessageWriterDeathTest, a_status_without_a_body_gets_none) {
  ResponseWriter writer(space_);
  writer.start(Status::not_modified);
  EXPECT_DEATH(writer.body("x"), "assertion failed");
}

TEST_F(MessageWriterDeathTest, a_body_must_be_framed) {
  ResponseWriter writer(space_);
  writer.start(Status::ok);
  EXPECT_DEATH(writer.no_body(), "assertion failed");
  EXPECT_DEATH(static_cast<void>(writer.finish()), "assertion failed");
}

}  // namespace
}  // namespace keel::http
