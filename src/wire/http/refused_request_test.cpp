#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http/parsed_requests.hpp"

namespace keel::http {
namespace {

using namespace std::string_literals;

// What has been used to make two servers disagree about where a message ends, and what is simply
// wrong.
struct Refusal {
  std::string bytes;
  std::string error;
};

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

const std::vector<Refusal> kRefusals = {
    // Line ends.
    {"GET / HTTP/1.1\nHost: a\n\n", "http.bad_line_end 400"},
    {"GET / HTTP/1.1\rHost: a\r\n\r\n", "http.bad_line_end 400"},
    {kGet + "X: 1\n\r\n", "http.bad_line_end 400"},
    {kGet + "X: 1\rContent-Length: 5\r\n\r\n", "http.bad_line_end 400"},
    {kGet + "\n", "http.bad_line_end 400"},
    {kGet + "\r\r\n", "http.bad_line_end 400"},
    {"\n", "http.bad_line_end 400"},
    {kGet + "X: a\r\r\n\r\n", "http.bad_line_end 400"},
    {kChunked + "3\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
    {kChunked + "3\r\nabc\n0\r\n\r\n", "http.bad_line_end 400"},
    {kChunked + "3\r\nabc\r\n0\r\n\n", "http.bad_line_end 400"},
    {kChunked + "3;a\nb\r\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
    {kChunked + "0\r\nX: y\n\r\n", "http.bad_line_end 400"},
    // Control characters.
    {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "http.bad_character 400"},
    {"\x16\x03\x01\x02", "http.bad_character 400"},
    {kGet + "X: a\0b\r\n\r\n"s, "http.bad_character 400"},
    {kGet + "X: a\x0b\r\n\r\n", "http.bad_character 400"},
    {kGet + "X\x7f: a\r\n\r\n", "http.bad_character 400"},
    {kGet + "Transfer-Encoding: \x0b"
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
    {kGet + "X : 1\r\n\r\n", "http.bad_header 400"},
    {kGet + "X\t: 1\r\n\r\n", "http.bad_header 400"},
    {kGet + ": 1\r\n\r\n", "http.bad_header 400"},
    {kGet + "X\r\n\r\n", "http.bad_header 400"},
    {kGet + "X(: 1\r\n\r\n", "http.bad_header 400"},
    {kGet + "X\xe9: 1\r\n\r\n", "http.bad_header 400"},
    {kGet + "Content-Length : 5\r\n\r\n", "http.bad_header 400"},
    {kGet + "X: 1\r\n folded\r\n\r\n", "http.folded_header 400"},
    {kGet + "X: 1\r\n\tfolded\r\n\r\n", "http.folded_header 400"},
    {kGet + " \r\n\r\n", "http.folded_header 400"},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "http.folded_header 400"},
    {kGet + "Connection: clo se\r\n\r\n", "http.bad_header 400"},
    {kGet + "Expect: 200-ok\r\n\r\n", "http.bad_expectation 417"},
    {kPost + "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", "http.bad_expectation 417"},
    // Content-Length.
    {kPost + "Content-Length:\r\n\r\n", "http.bad_length 400"},
    {kPost + "Content-Length: +5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: -5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 0x5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5 5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5, 5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5,\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5.0\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5;\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: \"5\"\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello", "http.bad_length 400"},
    {kPost + "Content-Length: 18446744073709551616\r\n\r\n", "http.bad_length 400"},
    {kPost + "Content-Length: 99999999999999999999999\r\n\r\n", "http.bad_length 400"},
    {kPost + "Content-Length: 18446744073709551615\r\n\r\n", "http.body_too_large 413"},
    // Transfer-Encoding.
    {kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "http.conflicting_length 400"},
    {kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     "http.conflicting_length 400"},
    {kPost + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
     "http.conflicting_length 400"},
    {kPost + "Transfer-Encoding:\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: identity\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: gzip\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked, gzip\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked,\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked;q=1\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: xchunked\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: \"chunked\"\r\n\r\n", "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n",
     "http.bad_transfer_encoding 400"},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "http.bad_transfer_encoding 400"},
    {kPost + "Transfer-Encoding : chunked\r\n\r\n", "http.bad_header 400"},
    // Chunks.
    {kChunked + "\r\n", "http.bad_chunk 400"},
    {kChunked + " 3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3 \r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "0x3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "-1\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "+3\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "g\r\n", "http.bad_chunk 400"},
    {kChunked + "3\r\nabcd\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "4\r\nabc\r\n0\r\n\r\n", "http.bad_line_end 400"},
    {kChunked + "2\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "10000000000000000\r\n", "http.bad_chunk 400"},
    {kChunked + "00000000000000003\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3\r\nabc\r\nffffffffffffffff\r\n", "http.bad_chunk 400"},
    {kChunked + "ffffffffffffffff\r\n", "http.body_too_large 413"},
    {kChunked + "3;\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3 ;a\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3; a\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3;a=\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3;a=(\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3;a=\"b\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3;a=\"b\\\"\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    {kChunked + "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n", "http.bad_chunk 400"},
    // After the last request.
    {kGet + "Connection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
     "http.data_after_close 400"},
    {"GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", "http.data_after_close 400"},
    // Trailers.
    {kChunked + "0\r\nX : y\r\n\r\n", "http.bad_header 400"},
    {kChunked + "0\r\nX: y\r\n z\r\n\r\n", "http.folded_header 400"},
    {kChunked + "0\r\nContent-Length: 3\r\n\r\n", "http.bad_trailer 400"},
    {kChunked + "0\r\ntransfer-encoding: chunked\r\n\r\n", "http.bad_trailer 400"},
    {kChunked + "0\r\nHost: b\r\n\r\n", "http.bad_trailer 400"},
    {kChunked + "0\r\nGET / HTTP/1.1\r\n\r\n", "http.bad_header 400"},
};

TEST(RefusedRequest, refuses_what_could_be_read_in_two_ways) {
  for (const Refusal& refusal : kRefusals) {
    EXPECT_EQ(last_error(parse(refusal.bytes)), refusal.error)
        << ::testing::PrintToString(refusal.bytes);
  }
}

TEST(RefusedRequest, refuses_the_same_however_the_bytes_are_cut) {
  for (const Refusal& refusal : kRefusals) {
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

TEST(RefusedRequest, takes_what_is_at_a_limit_and_refuses_one_more) {
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

TEST(RefusedRequest, an_endless_line_is_refused_before_it_ends) {
  const Limits limits{.start_line_bytes = 100, .header_bytes = 100};
  EXPECT_EQ(last_error(parse(std::string(101, 'A'), limits)), "http.line_too_long 414");
  EXPECT_EQ(parse(std::string(100, 'A'), limits), "");
  EXPECT_EQ(last_error(parse("GET / HTTP/1.1\r\n" + std::string(99, 'A'), limits)),
            "http.headers_too_large 431");
}

}  // namespace
}  // namespace keel::http
