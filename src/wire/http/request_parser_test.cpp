#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http/errors.hpp"
#include "wire/http/parsed_requests.hpp"

namespace keel::http {
namespace {

TEST(RequestParser, reads_a_request_with_a_body) {
  const std::string bytes =
      "POST /v1/transfers?wait=1&x HTTP/1.1\r\nHost: keel.example:8080\r\nContent-Length: 5\r\n"
      "X-Empty:\r\nX-Spaced: \t a b \t\r\n\r\nhello";
  EXPECT_EQ(
      parse(bytes),
      "request POST 1.1 keep path=/v1/transfers query=wait=1&x host=keel.example:8080 upgrade= "
      "[Host=keel.example:8080] [Content-Length=5] [X-Empty=] [X-Spaced=a b] body=hello\n");
  expect_split_invariant(bytes);
}

TEST(RequestParser, finds_headers_in_any_case) {
  RequestParser parser;
  parser.feed(
      as_bytes("GET / HTTP/1.1\r\nhOST: a\r\nIdempotency-Key: 7\r\nidempotency-key: 8\r\n\r\n"));
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(parser.request().headers.find("IDEMPOTENCY-KEY"), "7");
  EXPECT_EQ(parser.request().headers.count("Idempotency-Key"), 2u);
  EXPECT_EQ(parser.request().headers.find("Accept"), std::nullopt);
}

TEST(RequestParser, a_request_that_arrives_whole_is_not_copied) {
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  RequestParser parser;
  parser.feed(as_bytes(bytes));
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(as_text(parser.request().body).data(), bytes.data() + bytes.size() - 3);
  EXPECT_EQ(parser.next(), RequestStep::need_more);
  EXPECT_EQ(parser.memory_bytes(), 0u);
  EXPECT_TRUE(parser.is_idle());
}

TEST(RequestParser, reads_pipelined_requests_one_by_one) {
  const std::string bytes =
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"
      "\r\nHEAD /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::string said = parse(bytes);
  EXPECT_EQ(std::ranges::count(said, '\n'), 4);
  EXPECT_NE(
      said.find("path=/2 query= host=a upgrade= [Host=a] [Transfer-Encoding=chunked] body=abc"),
      std::string::npos);
  EXPECT_NE(said.find("HEAD 1.1 close path=/4"), std::string::npos);
  expect_split_invariant(bytes);
}

TEST(RequestParser, holds_what_is_pipelined_when_the_fed_bytes_must_go) {
  RequestParser parser;
  {
    const std::string bytes =
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\nGET /3 HTTP/1.1\r\nHo";
    parser.feed(as_bytes(bytes));
    ASSERT_EQ(parser.next(), RequestStep::request);
    parser.hold();
  }
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(parser.request().host, "b");
  EXPECT_EQ(parser.next(), RequestStep::need_more);
  parser.feed(as_bytes("st: c\r\n\r\n"));
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(parser.request().host, "c");
  EXPECT_EQ(parser.request().target.path, "/3");
}

TEST(RequestParser, decodes_chunks_and_drops_trailers) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5\r\nhello\r\n1;name=value;q=\"a;b\\\"c\"\r\n \r\n00A\r\n0123456789\r\n0\r\n"
      "X-Checksum: 12\r\nX-Other: y\r\n\r\n";
  EXPECT_EQ(parse(bytes),
            "request POST 1.1 keep path=/ query= host=a upgrade= [Host=a] "
            "[Transfer-Encoding=Chunked] body=hello 0123456789\n");
  expect_split_invariant(bytes);
}

TEST(RequestParser, says_when_a_client_waits_for_100_continue) {
  const std::string bytes =
      "PUT /b HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(parse(bytes),
            "head PUT 1.1 keep path=/b query= host=a upgrade= [Host=a] [Expect=100-Continue] "
            "[Content-Length=2] body=\n"
            "request PUT 1.1 keep path=/b query= host=a upgrade= [Host=a] [Expect=100-Continue] "
            "[Content-Length=2] body=ok\n");
  expect_split_invariant(bytes);
  // Without a body there is nothing to wait for; 1.0 does not know the expectation.
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").substr(0, 8),
            "request ");
  EXPECT_EQ(
      parse("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx").substr(0, 8),
      "request ");
}

TEST(RequestParser, keeps_or_closes_the_connection_as_the_version_says) {
  const auto keeps = [](const std::string& line, const std::string& connection) {
    const std::string said = parse("GET / HTTP/" + line + "\r\nHost: a\r\n" + connection + "\r\n");
    EXPECT_EQ(said.substr(0, 8), "request ") << said;
    return said.find(" keep ") != std::string::npos;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: foo , Close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nX: y\r\nConnection: close\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: ,\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(RequestParser, surfaces_an_upgrade_and_what_follows_it) {
  RequestParser parser;
  parser.feed(
      as_bytes("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
               "Upgrade: websocket\r\n\r\n\x81\x05hello"));
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(parser.request().upgrade, "websocket");
  EXPECT_EQ(as_text(parser.remainder()), "\x81\x05hello");
  // Upgrade alone, without being named by Connection, is not for us; 1.0 knows no upgrade.
  const std::string quiet = parse("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_NE(quiet.find("upgrade= "), std::string::npos);
  const std::string old =
      parse("GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_NE(old.find("upgrade= "), std::string::npos);
}

TEST(RequestParser, takes_the_four_forms_of_target_as_they_are_meant) {
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 37),
            "request OPTIONS 1.1 keep path=* query");
  EXPECT_EQ(parse("GET http://Keel.Example:80/p?q HTTP/1.1\r\nHost: keel.example:80\r\n\r\n")
                .substr(0, 52),
            "request GET 1.1 keep path=/p query=q host=keel.examp");
  EXPECT_EQ(parse("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 35),
            "request GET 1.1 keep path=/ query= ");
  EXPECT_EQ(parse("GET http://a/x HTTP/1.0\r\n\r\n"),
            "request GET 1.0 close path=/x query= host=a upgrade= body=\n");
  EXPECT_EQ(last_error(parse("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")),
            "http.refused_method 501");
}

TEST(RequestParser, an_error_is_final) {
  RequestParser parser;
  parser.feed(as_bytes("GET / HTTP/1.1\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(parser.next(), RequestStep::error);
  EXPECT_EQ(parser.next(), RequestStep::error);
  EXPECT_TRUE(Error(parser.error()).is(kBadLineEnd));
}

// As these clients put them on the wire: curl 7.88, Python 3.11's urllib, Node 20's fetch and http.
TEST(RequestParser, reads_what_common_clients_send) {
  const std::vector<std::string> requests = {
      "GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:18080\r\nUser-Agent: curl/7.88.1\r\nAccept: "
      "*/*\r\n\r\n",
      "HEAD / HTTP/1.1\r\nHost: 127.0.0.1:18080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: 127.0.0.1:18080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:18080\r\nUser-Agent: curl/7.88.1\r\nAccept: "
      "*/*\r\n\r\n",
      "GET http://keel.example/x HTTP/1.1\r\nHost: keel.example\r\nUser-Agent: curl/7.88.1\r\n"
      "Accept: */*\r\nProxy-Connection: Keep-Alive\r\n\r\n",
      "PUT /up HTTP/1.1\r\nHost: 127.0.0.1:18080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
      "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n",
      "POST /p HTTP/1.1\r\nAccept-Encoding: identity\r\nContent-Type: "
      "application/x-www-form-urlencoded\r\n"
      "Content-Length: 3\r\nHost: 127.0.0.1:18080\r\nUser-Agent: Python-urllib/3.11\r\n"
      "Idempotency-Key: 1\r\nConnection: close\r\n\r\nabc",
      "POST /n HTTP/1.1\r\nhost: 127.0.0.1:18080\r\nconnection: keep-alive\r\n"
      "content-type: application/json\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: "
      "cors\r\n"
      "user-agent: node\r\naccept-encoding: gzip, deflate\r\ncontent-length: 7\r\n\r\n{\"a\":1}",
      "POST /s HTTP/1.1\r\nHost: 127.0.0.1:18080\r\nConnection: keep-alive\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n",
  };
  for (const std::string& bytes : requests) {
    const std::string said = parse(bytes);
    EXPECT_NE(said.find("request "), std::string::npos) << bytes;
    EXPECT_EQ(said.find("error "), std::string::npos) << bytes;
    expect_split_invariant(bytes);
  }
}

TEST(RequestParser, holds_no_more_than_its_limits_whatever_a_client_sends) {
  // The most expensive body: chunks of one byte, with trailers that never end.
  RequestParser parser(Limits{.body_bytes = 1'000});
  parser.feed(as_bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  ASSERT_EQ(parser.next(), RequestStep::need_more);
  std::size_t most = 0;
  for (int i = 0; i < 1'000; ++i) {
    parser.feed(as_bytes("1\r\nx\r\n"));
    ASSERT_EQ(parser.next(), RequestStep::need_more);
    most = std::max(most, parser.memory_bytes());
  }
  EXPECT_LE(most, 2 * (1'000 + 64 + 6));
  parser.feed(as_bytes("1\r\nx\r\n"));
  EXPECT_EQ(parser.next(), RequestStep::error);
}

TEST(RequestParser, gives_memory_back_between_large_messages) {
  RequestParser parser;
  parser.feed(as_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"));
  ASSERT_EQ(parser.next(), RequestStep::need_more);
  const std::string body(100'000, 'b');
  parser.feed(as_bytes(body));
  ASSERT_EQ(parser.next(), RequestStep::request);
  EXPECT_EQ(parser.request().body.size(), 100'000u);
  EXPECT_EQ(parser.next(), RequestStep::need_more);
  EXPECT_LE(parser.memory_bytes(), 4'096u);
}

}  // namespace
}  // namespace keel::http
