#include "wire/http/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

std::string describe(const ResponseParser& parser, ResponseStep step) {
  if (step == ResponseStep::error) return "error " + std::string(parser.error().name) + "\n";
  if (step == ResponseStep::closed) return "closed\n";
  const Response& response = parser.response();
  std::string text = std::to_string(code(response.status));
  text += response.keep_alive ? " keep " : " close ";
  text += response.reason;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const Header header = response.headers[i];
    text += " [" + std::string(header.name) + "=" + std::string(header.value) + "]";
  }
  text += " body=" + std::string(as_text(response.body));
  return text + "\n";
}

// Feeds the pieces, each in memory that is gone when the parser asks for more, and then closes.
// Parts are put together, so that where the bytes were cut does not show.
std::string parse(const std::vector<std::string>& pieces, const ExpectedResponse& expected = {},
                  const Limits& limits = {}) {
  ResponseParser parser(limits);
  std::string said;
  std::string parts;
  for (std::size_t i = 0; i <= pieces.size(); ++i) {
    std::unique_ptr<std::vector<char>> memory;
    if (i < pieces.size()) {
      memory = std::make_unique<std::vector<char>>(pieces[i].begin(), pieces[i].end());
      parser.feed(std::as_bytes(std::span<const char>(*memory)));
    } else {
      parser.end();
    }
    ResponseStep step;
    while ((step = parser.next(expected)) != ResponseStep::need_more) {
      if (step == ResponseStep::part) {
        parts += as_text(parser.response().body);
        continue;
      }
      if (step == ResponseStep::head) said += "head ";
      if (step == ResponseStep::response && expected.in_parts) said += "parts=" + parts + " end ";
      if (step != ResponseStep::head) parts.clear();
      said += describe(parser, step);
      if (step == ResponseStep::error || step == ResponseStep::closed) return said;
    }
  }
  return said;
}

std::string parse(const std::string& bytes, const ExpectedResponse& expected = {},
                  const Limits& limits = {}) {
  return parse(std::vector<std::string>{bytes}, expected, limits);
}

void expect_split_invariant(const std::string& bytes, const ExpectedResponse& expected = {}) {
  const std::string whole = parse(bytes, expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_EQ(parse({bytes.substr(0, cut), bytes.substr(cut)}, expected), whole)
        << "cut at " << cut;
  }
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  ASSERT_EQ(parse(single, expected), whole) << "byte by byte";
}

TEST(ResponseParser, reads_each_framing_and_passes_over_interim_responses) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX: y\r\n\r\nok"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: "
      "1\r\n\r\n"
      "HTTP/1.1 204 \r\n\r\n"
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"
      "HTTP/1.0 200 OK\r\n\r\nuntil the end";
  EXPECT_EQ(parse(bytes),
            "201 keep Created [Content-Length=2] [X=y] body=ok\n"
            "200 keep OK [Transfer-Encoding=chunked] body=abcde\n"
            "204 keep  body=\n"
            "304 keep Not Modified [Content-Length=9] body=\n"
            "200 keep OK [Connection=keep-alive] [Content-Length=0] body=\n"
            "200 close OK body=until the end\n"
            "closed\n");
  expect_split_invariant(bytes);
  expect_split_invariant(bytes, {.in_parts = true});
}

TEST(ResponseParser, the_answer_to_head_has_no_body) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  EXPECT_EQ(parse(bytes, {.method = Method::head}),
            "200 keep OK [Content-Length=5] body=\n404 keep No [Transfer-Encoding=chunked] "
            "body=\nclosed\n");
  expect_split_invariant(bytes, {.method = Method::head});
}

TEST(ResponseParser, gives_a_stream_piece_by_piece_without_keeping_it) {
  ResponseParser parser(Limits{.body_bytes = 10});
  const ExpectedResponse expected{.in_parts = true};
  parser.feed(as_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab"));
  ASSERT_EQ(parser.next(expected), ResponseStep::head);
  EXPECT_EQ(parser.response().headers.find("transfer-encoding"), "chunked");
  ASSERT_EQ(parser.next(expected), ResponseStep::part);
  EXPECT_EQ(as_text(parser.response().body), "ab");
  ASSERT_EQ(parser.next(expected), ResponseStep::need_more);
  std::size_t most = 0;
  parser.feed(as_bytes("cd\r\n"));
  ASSERT_EQ(parser.next(expected), ResponseStep::part);
  ASSERT_EQ(parser.next(expected), ResponseStep::need_more);
  for (int i = 0; i < 1'000; ++i) {
    parser.feed(as_bytes("8\r\n01234567\r\n"));
    ASSERT_EQ(parser.next(expected), ResponseStep::part);
    EXPECT_EQ(as_text(parser.response().body), "01234567");
    ASSERT_EQ(parser.next(expected), ResponseStep::need_more);
    most = std::max(most, parser.memory_bytes());
  }
  EXPECT_LE(most, 256u);
  parser.feed(as_bytes("0\r\n\r\n"));
  EXPECT_EQ(parser.next(expected), ResponseStep::response);
}

TEST(ResponseParser, tells_a_clean_end_from_a_cut_one) {
  EXPECT_EQ(parse(""), "closed\n");
  for (const std::string cut :
       {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"}) {
    EXPECT_EQ(parse(cut), "error http.unexpected_end\n") << cut;
    expect_split_invariant(cut);
  }
}

TEST(ResponseParser, hands_over_what_follows_an_upgrade) {
  ResponseParser parser;
  parser.feed(as_bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x01x"));
  ASSERT_EQ(parser.next({}), ResponseStep::response);
  EXPECT_EQ(parser.response().status, Status::switching_protocols);
  EXPECT_FALSE(parser.response().keep_alive);
  EXPECT_EQ(as_text(parser.remainder()), "\x81\x01x");
}

TEST(ResponseParser, refuses_what_could_be_read_in_two_ways) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::pair<std::string, std::string>> refusals = {
      {"HTTP/1.1 200 OK\n\r\n", "http.bad_line_end"},
      {"\r\nHTTP/1.1 200 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 200\r\n", "http.bad_status_line"},
      {"HTTP/1.1  200 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 20 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 2000 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 099 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 600 OK\r\n", "http.bad_status_line"},
      {"HTTP/1.1 +20 OK\r\n", "http.bad_status_line"},
      {"HTTP/2.0 200 OK\r\n", "http.bad_version"},
      {"ICY/1.1 200 OK!\r\n", "http.bad_status_line"},
      {head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "http.conflicting_length"},
      {head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "http.bad_length"},
      {head + "Transfer-Encoding: gzip\r\n\r\n", "http.bad_transfer_encoding"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "http.bad_transfer_encoding"},
      {"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", "http.conflicting_length"},
      {"HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n", "http.conflicting_length"},
      {head + "X : 1\r\n\r\n", "http.bad_header"},
      {head + "X: 1\r\n y\r\n\r\n", "http.folded_header"},
      {head + "Connection: a b\r\n\r\n", "http.bad_header"},
      {head + "Content-Length: 99999999\r\n\r\n", "http.body_too_large"},
      {head + "Transfer-Encoding: chunked\r\n\r\n5 \r\n", "http.bad_chunk"},
  };
  for (const auto& [bytes, error] : refusals) {
    SCOPED_TRACE(bytes);
    EXPECT_EQ(parse(bytes), "error " + error + "\n");
    expect_split_invariant(bytes);
  }
}

TEST(ResponseParser, bounds_a_body_without_a_length_and_the_interim_responses) {
  const Limits limits{.body_bytes = 4};
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\nabcd", {}, limits), "200 close OK body=abcd\nclosed\n");
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\nabcde", {}, limits), "error http.body_too_large\n");
  std::string interim;
  for (int i = 0; i < 16; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string last = "HTTP/1.1 204 x\r\n\r\n";
  EXPECT_EQ(parse(interim + last), "204 keep x body=\nclosed\n");
  EXPECT_EQ(parse(interim + interim + last), "error http.bad_status_line\n");
}

}  // namespace
}  // namespace keel::http
