// The server's side of HTTP/1.1. What must hold for any bytes:
//   1. Cut into pieces anywhere, they give the same requests and the same error as whole.
//   2. A plain second reading (http_reference.hpp) of each accepted request sees the same fields
//   and the same body,
//      and ends at the same byte.
//   3. A request that is written again, with a length or in chunks, parses to the same request.
//   4. A well-formed request around any body is accepted, and the body arrives as it was.
//   5. A query's pairs, put together again, are the query; what percent-decoding gives, encoded,
//   decodes to the same.
//   6. A media type's parts are parts of it, and a client that accepts it alone accepts it.
//   7. No more memory is held than the limits allow.

#include "wire/http/request_parser.hpp"

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "http_reference.hpp"
#include "wire/http/head/media_type.hpp"
#include "wire/http/message_writer.hpp"

namespace keel::fuzz {
namespace {

using http::Limits;
using http::RequestParser;
using http::RequestStep;

struct Field {
  std::string name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

// A request that outlives the parser.
struct Kept {
  http::Method method = http::Method::other;
  http::Version version = http::Version::http_1_1;
  http::TargetForm form = http::TargetForm::origin;
  bool keep_alive = false;
  std::string method_text, path, query, host, upgrade, body;
  std::vector<Field> fields;
  std::size_t heads = 0;  // how often the client was said to wait
  std::size_t end = 0;    // where the request ends in what was fed
  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Seen {
  std::vector<Kept> requests;
  std::string error;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Kept keep(const http::Request& request) {
  Kept kept{.method = request.method,
            .version = request.version,
            .form = request.target.form,
            .keep_alive = request.keep_alive,
            .method_text = std::string(request.method_text),
            .path = std::string(request.target.path),
            .query = std::string(request.target.query),
            .host = std::string(request.host),
            .upgrade = std::string(request.upgrade),
            .body = std::string(as_text(request.body)),
            .fields = {}};
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const http::Header header = request.headers[i];
    kept.fields.push_back({std::string(header.name), std::string(header.value)});
  }
  return kept;
}

std::size_t memory_bound(const Limits& limits, std::size_t fed) {
  return 4'096 + 2 * (limits.start_line_bytes + limits.header_bytes + limits.body_bytes +
                      limits.chunk_extension_bytes + limits.trailer_bytes + fed);
}

// Each piece is freed as soon as the parser asks for more. With `holding`, even earlier.
Seen parse(std::vector<Bytes> pieces, const Limits& limits, bool holding = false) {
  RequestParser parser(limits);
  Seen seen;
  std::size_t fed = 0;
  std::size_t heads = 0;
  for (Bytes& piece : pieces) {
    parser.feed(piece);
    fed += piece.size();
    for (;;) {
      if (holding) {
        parser.hold();
        Bytes().swap(piece);
      }
      const RequestStep step = parser.next();
      KEEL_ASSERT(parser.memory_bytes() <= memory_bound(limits, fed));
      if (step == RequestStep::need_more) break;
      if (step == RequestStep::error) {
        seen.error = parser.error().name;
        return seen;
      }
      if (step == RequestStep::head) {
        ++heads;
        continue;
      }
      Kept kept = keep(parser.request());
      kept.heads = std::exchange(heads, 0);
      kept.end = fed - parser.remainder().size();
      seen.requests.push_back(std::move(kept));
    }
    Bytes().swap(piece);
  }
  return seen;
}

void check_against_reference(const Seen& seen, std::string_view bytes) {
  std::size_t from = 0;
  for (const Kept& kept : seen.requests) {
    const auto read = read_reference(bytes.substr(from), Unframed::empty);
    KEEL_ASSERT(read.has_value());
    KEEL_ASSERT(bytes.size() - read->rest.size() == kept.end);
    KEEL_ASSERT(read->body == kept.body);
    KEEL_ASSERT(read->start_line.starts_with(kept.method_text + " "));
    KEEL_ASSERT(read->headers.size() == kept.fields.size());
    for (std::size_t i = 0; i < kept.fields.size(); ++i) {
      KEEL_ASSERT(http::equals_ignoring_case(read->headers[i].first, kept.fields[i].name));
      KEEL_ASSERT(read->headers[i].second == kept.fields[i].value);
    }
    const auto hosts = read->values("host");
    KEEL_ASSERT(hosts.size() == 1 || (hosts.empty() && kept.version == http::Version::http_1_0));
    if (!hosts.empty()) KEEL_ASSERT(hosts.front() == kept.host);
    from = kept.end;
  }
}

bool is_framing(const Field& field) {
  return http::equals_ignoring_case(field.name, "host") ||
         http::equals_ignoring_case(field.name, "content-length") ||
         http::equals_ignoring_case(field.name, "transfer-encoding");
}

std::string write_again(const Kept& kept, bool in_chunks, Random& random) {
  std::size_t space_size =
      1'024 + kept.path.size() + kept.query.size() + kept.host.size() + kept.body.size();
  for (const Field& field : kept.fields) space_size += field.name.size() + field.value.size() + 4;
  Bytes space(space_size);
  http::RequestWriter writer(space);
  const std::string target = kept.query.empty() ? kept.path : kept.path + "?" + kept.query;
  writer.start({.method = kept.method, .target = target, .host = kept.host});
  for (const Field& field : kept.fields) {
    if (!is_framing(field)) writer.header(field.name, field.value);
  }
  if (!in_chunks) {
    writer.body(kept.body);
  } else {
    writer.chunked();
  }
  std::string text(as_text(writer.finish().value()));
  if (!in_chunks) return text;
  for (const Bytes& piece : random_pieces(as_bytes(kept.body), random, 40)) {
    Bytes chunk(http::chunk_bytes(piece.size()));
    text += as_text(http::write_chunk(chunk, piece).value());
  }
  return text + std::string(http::kLastChunk);
}

// Written with other framing fields, in another order, the request is the same.
void check_written_again(const Kept& kept, Random& random) {
  if (kept.method == http::Method::other || kept.version != http::Version::http_1_1 ||
      kept.form == http::TargetForm::absolute) {
    return;
  }
  for (const bool in_chunks : {false, true}) {
    const std::string text = write_again(kept, in_chunks, random);
    const Limits roomy{
        .start_line_bytes = 1u << 20, .header_bytes = 1u << 20, .header_count = 1'000};
    const Seen seen = parse(one_piece(as_bytes(text)), roomy);
    KEEL_ASSERT(seen.error.empty());
    KEEL_ASSERT(seen.requests.size() == 1);
    const Kept& again = seen.requests.front();
    KEEL_ASSERT(again.end == text.size());
    KEEL_ASSERT(again.method == kept.method);
    KEEL_ASSERT(again.path == kept.path);
    KEEL_ASSERT(again.query == kept.query);
    KEEL_ASSERT(again.host == kept.host);
    KEEL_ASSERT(again.upgrade == kept.upgrade);
    KEEL_ASSERT(again.keep_alive == kept.keep_alive);
    KEEL_ASSERT(again.body == kept.body);
    std::vector<Field> before = kept.fields;
    std::vector<Field> after = again.fields;
    std::erase_if(before, is_framing);
    std::erase_if(after, is_framing);
    KEEL_ASSERT(before == after);
  }
}

void check_any_body(ByteView body, Random& random) {
  const Kept kept{.method = http::Method::post,
                  .keep_alive = true,
                  .method_text = "POST",
                  .path = "/",
                  .query = {},
                  .host = "a",
                  .upgrade = {},
                  .body = std::string(as_text(body)),
                  .fields = {}};
  check_written_again(kept, random);
}

void check_decoding(std::string_view text) {
  std::string space(text.size(), '\0');
  const auto decoded = http::percent_decode(text, space, {.plus_is_space = true});
  if (!decoded) return;
  std::string encoded;
  for (const char c : *decoded) encoded += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
  std::string again(encoded.size(), '\0');
  KEEL_ASSERT(http::percent_decode(encoded, again).value() == *decoded);
}

void check_query(std::string_view query) {
  http::QueryReader reader(query);
  std::string joined;
  for (;;) {
    const auto pair = reader.next();
    if (!pair) return;
    if (!*pair) break;
    if (!joined.empty()) joined += "&";
    joined += (*pair)->name;
    const auto at = static_cast<std::size_t>((*pair)->name.data() - query.data());
    if (query.substr(at + (*pair)->name.size()).starts_with("=")) joined += "=";
    joined += (*pair)->value;
    check_decoding((*pair)->value);
    std::string space(query.size(), '\0');
    const auto value = http::query_value(query, (*pair)->name, space);
    if (value) KEEL_ASSERT(value->has_value());
  }
  KEEL_ASSERT(joined == query);
}

void check_media_type(std::string_view text) {
  static_cast<void>(http::accept_quality(text, "application/json"));
  const auto media = http::parse_media_type(text);
  if (!media) return;
  const std::string essence = std::string(media->type) + "/" + std::string(media->subtype);
  KEEL_ASSERT(media->is(essence));
  KEEL_ASSERT(text.starts_with(essence));
  KEEL_ASSERT(text.find(media->parameters) != std::string_view::npos);
  KEEL_ASSERT(http::accept_quality(essence, essence).value() == 1000);
}

void check(ByteView bytes, const Limits& limits) {
  Random random(seed_of(bytes));
  const Seen whole = parse(one_piece(bytes), limits);
  KEEL_ASSERT(whole == parse(single_bytes(bytes), limits));
  KEEL_ASSERT(whole == parse(random_pieces(bytes, random, 7), limits));
  KEEL_ASSERT(whole == parse(random_pieces(bytes, random, 100), limits, true));
  check_against_reference(whole, as_text(bytes));
  for (const Kept& kept : whole.requests) {
    check_written_again(kept, random);
    check_query(kept.query);
    for (const Field& field : kept.fields) check_media_type(field.value);
  }
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel;
  const ByteView bytes = fuzz::input_bytes(data, size);
  fuzz::Random random(fuzz::seed_of(bytes));
  fuzz::check_any_body(bytes, random);
  fuzz::check(bytes, {});
  fuzz::check(bytes, {.start_line_bytes = 48,
                      .header_bytes = 96,
                      .header_count = 4,
                      .body_bytes = 24,
                      .chunk_extension_bytes = 12,
                      .trailer_bytes = 24});
  return 0;
}
