// The client's side of HTTP/1.1. What must hold for any bytes:
//   1. Cut into pieces anywhere, they give the same responses and the same error as whole.
//   2. Read in parts, a body is the same as read whole, and its size has no limit.
//   3. A plain second reading (http_reference.hpp) of each accepted response sees the same.
//   4. A response that is written again parses to the same response.
//   5. A well-formed chunked response around any body is accepted, and the body arrives as it was.

#include "wire/http/response_parser.hpp"

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "http_reference.hpp"
#include "wire/http/errors.hpp"
#include "wire/http/message_writer.hpp"

namespace keel::fuzz {
namespace {

using http::ExpectedResponse;
using http::Limits;
using http::ResponseParser;
using http::ResponseStep;

struct Kept {
  http::Status status = http::Status::ok;
  bool keep_alive = false;
  std::string reason, body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t end = 0;
  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Seen {
  std::vector<Kept> responses;
  std::string outcome;  // "closed", or the name of an error
  friend bool operator==(const Seen&, const Seen&) = default;
};

void keep_head(const http::Response& response, Kept& kept) {
  kept.status = response.status;
  kept.keep_alive = response.keep_alive;
  kept.reason = response.reason;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const http::Header header = response.headers[i];
    kept.fields.emplace_back(header.name, header.value);
  }
}

class Reading {
 public:
  Reading(const ExpectedResponse& expected, const Limits& limits)
      : parser_(limits), expected_(expected) {}

  Seen run(std::vector<Bytes> pieces) {
    for (Bytes& piece : pieces) {
      parser_.feed(piece);
      fed_ += piece.size();
      if (!drain()) return seen_;
      Bytes().swap(piece);
    }
    parser_.end();
    KEEL_ASSERT(!drain());
    return seen_;
  }

 private:
  // False when there is nothing more to come.
  bool drain() {
    for (;;) {
      const ResponseStep step = parser_.next(expected_);
      switch (step) {
        case ResponseStep::need_more:
          return true;
        case ResponseStep::head:
          keep_head(parser_.response(), current_);
          break;
        case ResponseStep::part:
          current_.body += as_text(parser_.response().body);
          break;
        case ResponseStep::response:
          complete();
          break;
        case ResponseStep::closed:
          seen_.outcome = "closed";
          return false;
        case ResponseStep::error:
          seen_.outcome = parser_.error().name;
          return false;
      }
    }
  }

  void complete() {
    if (!expected_.in_parts) {
      keep_head(parser_.response(), current_);
      current_.body = as_text(parser_.response().body);
    }
    current_.end = fed_ - parser_.remainder().size();
    seen_.responses.push_back(std::exchange(current_, {}));
  }

  ResponseParser parser_;
  ExpectedResponse expected_;
  std::size_t fed_ = 0;
  Kept current_;
  Seen seen_;
};

void check_against_reference(const Seen& seen, std::string_view bytes, bool body_expected) {
  std::size_t from = 0;
  for (const Kept& kept : seen.responses) {
    std::optional<ReferenceMessage> read;
    for (;;) {  // interim responses first
      const bool has_body = body_expected && bytes.substr(from).substr(9, 1) != "1" &&
                            !http::is_bodiless(kept.status);
      read = read_reference(bytes.substr(from), Unframed::to_the_end, has_body);
      KEEL_ASSERT(read.has_value());
      const std::string status = read->start_line.substr(9, 3);
      if (status.front() != '1' || status == "101") break;
      from = bytes.size() - read->rest.size();
    }
    KEEL_ASSERT(bytes.size() - read->rest.size() == kept.end);
    KEEL_ASSERT(read->body == kept.body);
    KEEL_ASSERT(read->start_line.substr(9, 4) == std::to_string(http::code(kept.status)) + " ");
    KEEL_ASSERT(read->headers.size() == kept.fields.size());
    for (std::size_t i = 0; i < kept.fields.size(); ++i) {
      KEEL_ASSERT(http::equals_ignoring_case(read->headers[i].first, kept.fields[i].first));
      KEEL_ASSERT(read->headers[i].second == kept.fields[i].second);
    }
    from = kept.end;
  }
}

void check_written_again(const Kept& kept) {
  if (http::is_bodiless(kept.status)) return;
  std::size_t space_size = 1'024 + kept.body.size();
  for (const auto& [name, value] : kept.fields) space_size += name.size() + value.size() + 4;
  Bytes space(space_size);
  http::ResponseWriter writer(space);
  writer.start(kept.status);
  std::size_t written = 0;
  for (const auto& [name, value] : kept.fields) {
    if (http::equals_ignoring_case(name, "content-length") ||
        http::equals_ignoring_case(name, "transfer-encoding")) {
      continue;
    }
    writer.header(name, value);
    ++written;
  }
  writer.body(kept.body);
  const ByteView text = writer.finish().value();
  const Limits roomy{.header_bytes = 1u << 20, .header_count = 1'000, .body_bytes = 1u << 24};
  const Seen seen = Reading({}, roomy).run(one_piece(text));
  KEEL_ASSERT(seen.outcome == "closed");
  KEEL_ASSERT(seen.responses.size() == 1);
  KEEL_ASSERT(seen.responses.front().status == kept.status);
  KEEL_ASSERT(seen.responses.front().body == kept.body);
  KEEL_ASSERT(seen.responses.front().fields.size() == written + 1);
}

void check_any_body(ByteView body) {
  Random random(seed_of(body));
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const Bytes& piece : random_pieces(body, random, 300)) {
    Bytes chunk(http::chunk_bytes(piece.size()));
    text += as_text(http::write_chunk(chunk, piece).value());
  }
  text += http::kLastChunk;
  const Seen seen = Reading({}, {}).run(random_pieces(as_bytes(text), random, 500));
  KEEL_ASSERT(seen.outcome == "closed");
  KEEL_ASSERT(seen.responses.size() == 1);
  KEEL_ASSERT(seen.responses.front().body == as_text(body));
}

Seen check_pieces(ByteView bytes, const ExpectedResponse& expected, const Limits& limits) {
  Random random(seed_of(bytes));
  const Seen whole = Reading(expected, limits).run(one_piece(bytes));
  KEEL_ASSERT(whole == Reading(expected, limits).run(single_bytes(bytes)));
  KEEL_ASSERT(whole == Reading(expected, limits).run(random_pieces(bytes, random, 9)));
  check_against_reference(whole, as_text(bytes), expected.method != http::Method::head);
  return whole;
}

void check(ByteView bytes, const Limits& limits) {
  const Seen whole = check_pieces(bytes, {}, limits);
  const Seen in_parts = check_pieces(bytes, {.in_parts = true}, limits);
  check_pieces(bytes, {.method = http::Method::head}, limits);
  if (whole.outcome != http::kBodyTooLarge.name) KEEL_ASSERT(whole == in_parts);
  for (const Kept& kept : whole.responses) check_written_again(kept);
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel;
  const ByteView bytes = fuzz::input_bytes(data, size);
  fuzz::check_any_body(bytes);
  fuzz::check(bytes, {});
  fuzz::check(bytes, {.start_line_bytes = 32,
                      .header_bytes = 64,
                      .header_count = 3,
                      .body_bytes = 24,
                      .chunk_extension_bytes = 12,
                      .trailer_bytes = 24});
  return 0;
}
