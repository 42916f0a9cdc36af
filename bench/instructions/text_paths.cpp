#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "counted.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::bench {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kTimes = 1'000;

constexpr auto kBody =
    R"({"transfers":[{"id":"340282366920938463463374607431768211455","debit_account_id":"17",)"
    R"("credit_account_id":"4711","amount":"1250","ledger":1,"code":1}]})"sv;

std::string post_of(std::string_view body) {
  return "POST /v1/transfers HTTP/1.1\r\nHost: 127.0.0.1:7411\r\nAuthorization: Bearer "
         "0123456789abcdef0123456789abcdef0123456789abcdef\r\nContent-Type: application/json\r\n"
         "Idempotency-Key: load-6364136223846793005-1000001\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void count_parsing(std::string_view name, const std::string& text) {
  http::RequestParser parser;
  counted(name, kTimes, 1, [&] {
    parser.feed(as_bytes(text));
    KEEL_ASSERT(parser.next() == http::RequestStep::request);
    KEEL_ASSERT(parser.next() == http::RequestStep::need_more);  // what was fed may go
  });
}

}  // namespace

void count_text_paths() {
  count_parsing("http: a small GET", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:7411\r\n\r\n");
  count_parsing("http: a POST of one transfer", post_of(kBody));

  counted("json: the body of one transfer, read", kTimes, 1, [&] {
    const auto read = from_json<servers::CreateTransfersBody>(kBody);
    KEEL_ASSERT(read.ok() && read->transfers.size() == 1);
  });
  const auto body = from_json<servers::CreateTransfersBody>(kBody).value();
  std::string text;
  counted("json: the body of one transfer, written", kTimes, 1, [&] {
    text.clear();
    to_json(body, text);
    KEEL_ASSERT(!text.empty());
  });
  Bytes encoded;
  counted("protobuf: the body of one transfer, written", kTimes, 1, [&] {
    encoded.clear();
    encode(body, encoded);
    KEEL_ASSERT(!encoded.empty());
  });
  counted("protobuf: the body of one transfer, read", kTimes, 1,
          [&] { KEEL_ASSERT(decode<servers::CreateTransfersBody>(encoded).ok()); });
}

}  // namespace keel::bench
