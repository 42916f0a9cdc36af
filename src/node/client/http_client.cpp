#include "node/client/http_client.hpp"

#include <charconv>

#include "node/client/errors.hpp"
#include "wire/http/message_writer.hpp"

namespace keel::node {

using http::ResponseStep;
using runtime::Task;
using runtime::Wait;

namespace {
constexpr std::size_t kHeadBytes = 4'096;
constexpr std::size_t kLongestAnswer = std::size_t{64} << 20;
}  // namespace

Result<runtime::Endpoint> parse_url(std::string_view url, std::string_view scheme) {
  const std::string begin = std::string(scheme) + "://";
  const Error bad(kBadUrl,
                  "got \"" + std::string(url) + "\", expected " + begin + "127.0.0.1:PORT");
  if (!url.starts_with(begin)) return bad;
  url.remove_prefix(begin.size());
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos) return bad;
  const std::string_view digits = url.substr(colon + 1);
  runtime::Endpoint endpoint{.address = std::string(url.substr(0, colon))};
  const auto [end, failed] = std::from_chars(digits.begin(), digits.end(), endpoint.port);
  if (failed != std::errc{} || end != digits.end() || endpoint.port == 0) return bad;
  if (endpoint.address == "localhost") endpoint.address = "127.0.0.1";
  return endpoint;
}

void HttpClient::drop() noexcept {
  received_ = {};
  parser_.reset();
  connection_.reset();
}

Task<Result<>> HttpClient::connect(Wait wait) {
  if (connection_ != nullptr) co_return success();
  connection_ = KEEL_CO_TRY(co_await core_.network().connect(address_.endpoint, wait));
  http::Limits limits;
  limits.body_bytes = kLongestAnswer;
  parser_ = std::make_unique<http::ResponseParser>(limits);
  co_return success();
}

Task<Result<>> HttpClient::write(const ApiRequest& request, Wait wait) {
  std::array<std::byte, kHeadBytes> space;
  http::RequestWriter writer(space);
  const std::string host = address_.endpoint.address + ":" + std::to_string(address_.endpoint.port);
  writer.start({.method = request.method, .target = request.target, .host = host});
  writer.header("Authorization", "Bearer " + address_.token);
  if (!request.idempotency_key.empty()) writer.header("Idempotency-Key", request.idempotency_key);
  if (request.method == http::Method::post) {
    writer.header("Content-Type", request.content_type);
    writer.content_length(request.body.size());
  } else {
    writer.no_body();
  }
  const std::array<ByteView, 2> parts{KEEL_CO_TRY(writer.finish()), request.body};
  co_return co_await connection_->send(parts, wait);
}

Task<Result<ResponseStep>> HttpClient::step(http::ExpectedResponse expected, Wait wait) {
  for (;;) {
    const ResponseStep step = parser_->next(expected);
    if (step == ResponseStep::error) co_return Error(parser_->error());
    if (step == ResponseStep::closed) co_return Error(kNoAnswer, "the node closed the connection");
    if (step != ResponseStep::need_more) co_return step;
    received_ = {};
    received_ = KEEL_CO_TRY(co_await connection_->receive(wait));
    if (received_.end_of_stream()) {
      parser_->end();
    } else {
      parser_->feed(received_.bytes());
    }
  }
}

Task<Result<>> HttpClient::send(const ApiRequest& request, ApiResponse& response, Wait wait) {
  Result<> done = co_await connect(wait);
  if (done.ok()) done = co_await write(request, wait);
  if (done.ok()) {
    const Result<ResponseStep> got = co_await step({.method = request.method}, wait);
    if (!got.ok()) done = got.error();
  }
  if (!done.ok()) {
    drop();
    co_return done;
  }
  const http::Response& answer = parser_->response();
  response.status = answer.status;
  response.body = as_text(answer.body);
  if (!answer.keep_alive) drop();
  co_return success();
}

Task<Result<http::Status>> HttpClient::open_stream(std::string_view target, Wait wait) {
  drop();
  KEEL_CO_TRY(co_await connect(wait));
  KEEL_CO_TRY(co_await write({.target = target}, wait));
  KEEL_CO_TRY(co_await step({.in_parts = true}, wait));
  co_return parser_->response().status;
}

Task<Result<bool>> HttpClient::read_stream(std::string& piece, Wait wait) {
  const ResponseStep got = KEEL_CO_TRY(co_await step({.in_parts = true}, wait));
  if (got == ResponseStep::part) piece += as_text(parser_->response().body);
  co_return got == ResponseStep::part;
}

Task<Result<std::string>> get(HttpClient* client, std::string target, Wait wait) {
  ApiResponse response;
  KEEL_CO_TRY(co_await client->send({.target = target}, response, wait));
  if (!response.ok()) co_return Error(kUnexpectedAnswer, target + ": " + response.body);
  co_return std::move(response.body);
}

}  // namespace keel::node
