#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

using namespace std::string_literals;

// What a parser said, as text that can be compared: one line a step.
std::string describe(const RequestParser& parser, RequestStep step) {
  if (step == RequestStep::error) {
    return "error " + std::string(parser.error().name) + " " +
           std::to_string(code(refusal_status(parser.error()))) + "\n";
  }
  const Request& request = parser.request();
  std::string text = step == RequestStep::head ? "head " : "request ";
  text += request.method_text;
  text += request.version == Version::http_1_1 ? " 1.1 " : " 1.0 ";
  text += request.keep_alive ? "keep " : "close ";
  text += "path=" + std::string(request.target.path);
  text += " query=" + std::string(request.target.query);
  text += " host=" + std::string(request.host);
  text += " upgrade=" + std::string(request.upgrade);
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const Header header = request.headers[i];
    text += " [" + std::string(header.name) + "=" + std::string(header.value) + "]";
  }
  text += " body=" + std::string(as_text(request.body));
  return text + "\n";
}

// Feeds the pieces one after the other, each in memory of its own that is gone when the parser asks
// for more.
std::string parse(const std::vector<std::string>& pieces, const Limits& limits = {}) {
  RequestParser parser(limits);
  std::string said;
  for (const std::string& piece : pieces) {
    auto memory = std::make_unique<std::vector<char>>(piece.begin(), piece.end());
    parser.feed(std::as_bytes(std::span<const char>(*memory)));
    RequestStep step;
    while ((step = parser.next()) != RequestStep::need_more) {
      said += describe(parser, step);
      if (step == RequestStep::error) return said;
    }
  }
  return said;
}

std::string parse(const std::string& bytes, const Limits& limits = {}) {
  return parse(std::vector<std::string>{bytes}, limits);
}

// Cut at every place, and byte by byte: the same as whole.
void expect_split_invariant(const std::string& bytes, const Limits& limits = {}) {
  const std::string whole = parse(bytes, limits);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_EQ(parse({bytes.substr(0, cut), bytes.substr(cut)}, limits), whole) << "cut at " << cut;
  }
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  ASSERT_EQ(parse(single, limits), whole) << "byte by byte";
}

std::string last_error(const std::string& said) {
  const std::size_t at = said.rfind("error ");
  return at == std::string::npos ? "" : said.substr(at + 6, said.size() - at - 7);
}

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

// What has been used to make two servers disagree about where a message ends, and what is simply
// wrong.
struct Refusal {
  std::string bytes;
  std::string error;
};

const std::vector<Refusal>& refusals() {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  static const std::vector<Refusal> kRefusals = {
      // Line ends.
      {"GET / HTTP/1.1\nHost: a\n\n", "http.bad_line_end 400"},
      {"GET / HTTP/1.1\rHost: a\r\n\r\n", "http.bad_line_end 400"},
      {get + "X: 1\n\r\n", "http.bad_line_end 400"},
      {get + "X: 1\rContent-Length: 5\r\n\r\n", "http.bad_line_end 400"},
      {get + "\n", "http.bad_line_end 400"},
      {get + "\r\r\n", "http.bad_line_end 400"},
      {"\n", "http.bad_line_end 400"},
      {get + "X: a\r\r\n\r\n", "http.bad_line_end 400"},
      {chunked + "3\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
      {chunked + "3\r\nabc\n0\r\n\r\n", "http.bad_line_end 400"},
      {chunked + "3\r\nabc\r\n0\r\n\n", "http.bad_line_end 400"},
      {chunked + "3;a\nb\r\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
      {chunked + "0\r\nX: y\n\r\n", "http.bad_line_end 400"},
      // Control characters.
      {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "http.bad_character 400"},
      {"\x16\x03\x01\x02", "http.bad_character 400"},
      {get + "X: a\0b\r\n\r\n"s, "http.bad_character 400"},
      {get + "X: a\x0b\r\n\r\n", "http.bad_character 400"},
      {get + "X\x7f: a\r\n\r\n", "http.bad_character 400"},
      {get + "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n",
       "http.bad_character 400"},
      // Request lines.
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "http.bad_request_line 400"},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http.bad_request_line 400"},
      {"GET\r\n", "http.bad_request_line 400"},
      {"GET /\r\n", "http.bad_request_line 400"},
      {"GET  / HTTP/1.1\r\n", "http.bad_version 400"},
      {"GET /  HTTP/1.1\r\n", "http.bad_version 400"},
      {"GET / HTTP/1.1 \r\n", "http.bad_version 400"},
      {"GET /a b HTTP/1.1\r\n", "http.bad_version 400"},
      {"GET\t/\tHTTP/1.1\r\n", "http.bad_request_line 400"},
      {"G(T / HTTP/1.1\r\n", "http.bad_request_line 400"},
      {"GET / http/1.1\r\n", "http.bad_version 400"},
      {"GET / HTTP/1.10\r\n", "http.bad_version 400"},
      {"GET / HTTP/11\r\n", "http.bad_version 400"},
      {"GET / HTTP/1,1\r\n", "http.bad_version 400"},
      {"GET / XTTP/1.1\r\n", "http.bad_version 400"},
      {"GET / \r\n", "http.bad_version 400"},
      {"GET / HTTP/1.2\r\n", "http.unsupported_version 505"},
      {"GET / HTTP/0.9\r\n", "http.unsupported_version 505"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http.unsupported_version 505"},
      // Targets.
      {"GET * HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET a:443 HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET index.html HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /# HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /% HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /%4 HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /%4g HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /a\\b HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET /\xc3\xa9 HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET ftp://a/ HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET http:///x HTTP/1.1\r\n", "http.bad_target 400"},
      {"GET http://user@a/ HTTP/1.1\r\n", "http.bad_target 400"},
      {"CONNECT a:443 HTTP/1.1\r\n", "http.refused_method 501"},
      // Hosts.
      {"GET / HTTP/1.1\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: a:\r\n\r\n", "http.bad_host 400"},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "http.bad_host 400"},
      {"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "http.bad_host 400"},
      {"GET http://a/ HTTP/1.1\r\n\r\n", "http.bad_host 400"},
      // Headers.
      {get + "X : 1\r\n\r\n", "http.bad_header 400"},
      {get + "X\t: 1\r\n\r\n", "http.bad_header 400"},
      {get + ": 1\r\n\r\n", "http.bad_header 400"},
      {get + "X\r\n\r\n", "http.bad_header 400"},
      {get + "X(: 1\r\n\r\n", "http.bad_header 400"},
      {get + "X\xe9: 1\r\n\r\n", "http.bad_header 400"},
      {get + "Content-Length : 5\r\n\r\n", "http.bad_header 400"},
      {get + "X: 1\r\n folded\r\n\r\n", "http.folded_header 400"},
      {get + "X: 1\r\n\tfolded\r\n\r\n", "http.folded_header 400"},
      {get + " \r\n\r\n", "http.folded_header 400"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "http.folded_header 400"},
      {get + "Connection: clo se\r\n\r\n", "http.bad_header 400"},
      {get + "Expect: 200-ok\r\n\r\n", "http.bad_expectation 417"},
      {post + "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", "http.bad_expectation 417"},
      // Content-Length.
      {post + "Content-Length:\r\n\r\n", "http.bad_length 400"},
      {post + "Content-Length: +5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: -5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 0x5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5 5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5, 5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5,\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5.0\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5;\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: \"5\"\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello", "http.bad_length 400"},
      {post + "Content-Length: 18446744073709551616\r\n\r\n", "http.bad_length 400"},
      {post + "Content-Length: 99999999999999999999999\r\n\r\n", "http.bad_length 400"},
      {post + "Content-Length: 18446744073709551615\r\n\r\n", "http.body_too_large 413"},
      // Transfer-Encoding.
      {post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "http.conflicting_length 400"},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
       "http.conflicting_length 400"},
      {post + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
       "http.conflicting_length 400"},
      {post + "Transfer-Encoding:\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: identity\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: gzip\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked, gzip\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked, chunked\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked,\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked;q=1\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: xchunked\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: \"chunked\"\r\n\r\n", "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n",
       "http.bad_transfer_encoding 400"},
      {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "http.bad_transfer_encoding 400"},
      {post + "Transfer-Encoding : chunked\r\n\r\n", "http.bad_header 400"},
      // Chunks.
      {chunked + "\r\n", "http.bad_chunk 400"},
      {chunked + " 3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3 \r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "0x3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "-1\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "+3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "g\r\n", "http.bad_chunk 400"},
      {chunked + "3\r\nabcd\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "4\r\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
      {chunked + "2\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "10000000000000000\r\n", "http.bad_chunk 400"},
      {chunked + "00000000000000003\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3\r\nabc\r\nffffffffffffffff\r\n", "http.bad_chunk 400"},
      {chunked + "ffffffffffffffff\r\n", "http.body_too_large 413"},
      {chunked + "3;\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3 ;a\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3; a\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3;a=\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3;a=(\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3;a=\"b\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3;a=\"b\\\"\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      {chunked + "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
      // After the last request.
      {get + "Connection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
       "http.data_after_close 400"},
      {"GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", "http.data_after_close 400"},
      // Trailers.
      {chunked + "0\r\nX : y\r\n\r\n", "http.bad_header 400"},
      {chunked + "0\r\nX: y\r\n z\r\n\r\n", "http.folded_header 400"},
      {chunked + "0\r\nContent-Length: 3\r\n\r\n", "http.bad_trailer 400"},
      {chunked + "0\r\ntransfer-encoding: chunked\r\n\r\n", "http.bad_trailer 400"},
      {chunked + "0\r\nHost: b\r\n\r\n", "http.bad_trailer 400"},
      {chunked + "0\r\nGET / HTTP/1.1\r\n\r\n", "http.bad_header 400"},
  };
  return kRefusals;
}

TEST(RequestParser, refuses_what_could_be_read_in_two_ways) {
  for (const Refusal& refusal : refusals()) {
    EXPECT_EQ(last_error(parse(refusal.bytes)), refusal.error)
        << ::testing::PrintToString(refusal.bytes);
  }
}

TEST(RequestParser, refuses_the_same_however_the_bytes_are_cut) {
  for (const Refusal& refusal : refusals()) {
    SCOPED_TRACE(::testing::PrintToString(refusal.bytes));
    expect_split_invariant(refusal.bytes);
  }
}

// Each limit: at it a request passes, one byte above it does not.
struct Bound {
  Limits limits;
  std::string at;
  std::string above;
  std::string error;
};

std::string chunk_of(std::size_t size, char c = 'x') {
  std::string digits;
  for (std::size_t left = size; left > 0; left /= 16)
    digits.insert(0, 1, "0123456789abcdef"[left % 16]);
  return digits + "\r\n" + std::string(size, c) + "\r\n";
}

TEST(RequestParser, takes_what_is_at_a_limit_and_refuses_one_more) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  const auto get = [](std::size_t size) {
    return "GET /" + std::string(size - 14, 'p') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const auto length = [&head](std::size_t size) {
    return head + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b');
  };
  const auto extension = [&chunked](std::size_t size) {
    return chunked + "1;" + std::string(size - 3, 'e') + "\r\nx\r\n0;e\r\n\r\n";
  };
  const std::vector<Bound> bounds = {
      {{.start_line_bytes = 100}, get(100), get(101), "http.line_too_long 414"},
      {{.header_bytes = 50},
       head + "X: " + std::string(36, 'v') + "\r\n\r\n",
       head + "X: " + std::string(37, 'v') + "\r\n\r\n",
       "http.headers_too_large 431"},
      {{.header_bytes = 9}, head + "\r\n", head + "X:\r\n\r\n", "http.headers_too_large 431"},
      {{.header_count = 3},
       head + "A: 1\r\nB: 2\r\n\r\n",
       head + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n",
       "http.too_many_headers 431"},
      {{.body_bytes = 20}, length(20), length(21), "http.body_too_large 413"},
      {{.body_bytes = 20},
       chunked + chunk_of(20) + "0\r\n\r\n",
       chunked + chunk_of(21) + "0\r\n\r\n",
       "http.body_too_large 413"},
      {{.body_bytes = 20},
       chunked + chunk_of(19) + chunk_of(1) + "0\r\n\r\n",
       chunked + chunk_of(19) + chunk_of(2) + "0\r\n\r\n",
       "http.body_too_large 413"},
      {{.chunk_extension_bytes = 30}, extension(30), extension(31), "http.bad_chunk 400"},
      {{.trailer_bytes = 10},
       chunked + "0\r\nX: 12345\r\n\r\n",
       chunked + "0\r\nX: 123456\r\n\r\n",
       "http.headers_too_large 431"},
      {{.trailer_bytes = 10},
       chunked + "0\r\nA: 1\r\nB:\r\n\r\n",
       chunked + "0\r\nA: 1\r\nB: 2\r\n\r\n",
       "http.headers_too_large 431"},
  };
  for (const Bound& bound : bounds) {
    SCOPED_TRACE(bound.above);
    EXPECT_EQ(parse(bound.at, bound.limits).substr(0, 8), "request ");
    EXPECT_EQ(last_error(parse(bound.above, bound.limits)), bound.error);
    expect_split_invariant(bound.at, bound.limits);
    expect_split_invariant(bound.above, bound.limits);
  }
}

TEST(RequestParser, an_endless_line_is_refused_before_it_ends) {
  const Limits limits{.start_line_bytes = 100, .header_bytes = 100};
  EXPECT_EQ(last_error(parse(std::string(101, 'A'), limits)), "http.line_too_long 414");
  EXPECT_EQ(parse(std::string(100, 'A'), limits), "");
  EXPECT_EQ(last_error(parse("GET / HTTP/1.1\r\n" + std::string(99, 'A'), limits)),
            "http.headers_too_large 431");
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
